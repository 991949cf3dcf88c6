import Yams

/// Turns the text of a file into the nodes of its documents, reporting what is no YAML.
///
/// The text is cut at its `---` lines first and each piece parsed alone, so that a syntax error in one document hides
/// no problem of another.
struct YAMLText {
    /// As large as a Kubernetes ConfigMap may be.
    static let bytesMax = 1_048_576
    /// Nodes of one file, aliases expanded: an alias of an alias of an alias … must not fill the memory.
    static let nodesMax = 100_000
    /// Deepest nesting; the deepest resource needs ten.
    static let depthMax = 64

    let file: String
    let log: ProblemLog
    private var nodesLeft = YAMLText.nodesMax

    init(file: String, log: ProblemLog) {
        self.file = file
        self.log = log
    }

    /// The root nodes of all documents that could be parsed, in order; empty documents are left out.
    static func documents(of text: String, file: String, log: ProblemLog) -> [YAMLNode] {
        var reader = YAMLText(file: file, log: log)
        guard text.utf8.count <= bytesMax else {
            reader.report(
                .start, "the file has \(text.utf8.count) bytes, and may have \(bytesMax)",
                "split it into several files of one folder")
            return []
        }
        return DocumentSplit.pieces(of: text).flatMap { reader.documents(of: $0) }
    }

    private mutating func documents(of piece: DocumentSplit.Piece) -> [YAMLNode] {
        var text = piece.text
        if let line = AliasedKeys.firstLine(in: text) {
            report(
                SourceMark(line: line + piece.linesBefore, column: 1), "a mapping's key holds an alias",
                "write the key out in place of the alias")
            return []
        }
        // Each round renames one repeated key, so that the rest of the document is still checked.
        for _ in 0..<20 {
            do {
                return try roots(of: text, linesBefore: piece.linesBefore)
            } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
                let first = SourceMark(line: context.mark.line, column: context.mark.column)
                let key = duplicates.first ?? ""
                if let renamed = RepeatedKey.renamed(key, firstAt: first, in: text) {
                    text = renamed
                } else {
                    report(
                        SourceMark(line: first.line + piece.linesBefore, column: first.column),
                        "the key \"\(YAMLNode.shortened(key))\" stands more than once in this mapping",
                        "keep one of them")
                    return []
                }
            } catch {
                report(error, of: piece)
                return []
            }
        }
        report(
            SourceMark(line: piece.linesBefore + 1, column: 1), "the document repeats more than 20 keys",
            "keep each key of a mapping once")
        return []
    }

    private mutating func roots(of text: String, linesBefore: Int) throws -> [YAMLNode] {
        // The basic resolver leaves every scalar as text: what a scalar means is for the key that it stands under.
        let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
        var roots: [YAMLNode] = []
        while let root = try parser.nextRoot() {
            guard let node = converted(root, depth: 0, linesBefore: linesBefore) else {
                report(
                    SourceMark(root.mark, linesBefore: linesBefore),
                    "the document nests deeper than \(YAMLText.depthMax) levels or holds more than "
                        + "\(YAMLText.nodesMax) values, aliases expanded",
                    "make it smaller, or remove aliases of aliases")
                continue
            }
            if !node.isNull { roots.append(node) }
        }
        return roots
    }

    /// `nil` past the bounds.
    private mutating func converted(_ node: Node, depth: Int, linesBefore: Int) -> YAMLNode? {
        nodesLeft -= 1
        guard nodesLeft >= 0, depth <= YAMLText.depthMax else { return nil }
        let mark = SourceMark(node.mark, linesBefore: linesBefore)
        checkTag(of: node, at: mark)
        switch node {
        case .scalar(let scalar):
            return YAMLNode(content: content(of: scalar), mark: mark)
        case .sequence(let sequence):
            var elements: [YAMLNode] = []
            for element in sequence {
                guard let node = converted(element, depth: depth + 1, linesBefore: linesBefore) else { return nil }
                elements.append(node)
            }
            return YAMLNode(content: .sequence(elements), mark: mark)
        case .mapping(let mapping):
            var entries: [YAMLEntry] = []
            for (key, value) in mapping {
                guard let value = converted(value, depth: depth + 1, linesBefore: linesBefore) else { return nil }
                let keyMark = SourceMark(key.mark, linesBefore: linesBefore)
                if let text = accepted(key: key, at: keyMark) {
                    entries.append(YAMLEntry(key: text, keyMark: keyMark, value: value))
                }
            }
            return YAMLNode(content: .mapping(entries), mark: mark)
        case .alias:
            // The parser puts the aliased node in the alias's place, so this case does not come from it.
            return YAMLNode(content: .null, mark: mark)
        }
    }

    /// Tags of YAML's own are harmless; any other asks for something that would not be done.
    private func checkTag(of node: Node, at mark: SourceMark) {
        let tag =
            switch node {
            case .scalar(let scalar): scalar.tag.description
            case .sequence(let sequence): sequence.tag.description
            case .mapping(let mapping): mapping.tag.description
            case .alias: ""
            }
        if tag.isEmpty || tag == "!" || tag.hasPrefix("tag:yaml.org,2002:") { return }
        report(mark, "the tag \"\(YAMLNode.shortened(tag))\" has no meaning here", "remove the tag")
    }

    private func content(of scalar: Node.Scalar) -> YAMLNode.Content {
        switch scalar.style {
        case .any, .plain:
            let isNull = ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            if isNull && scalar.tag.description != "tag:yaml.org,2002:str" { return .null }
            return .scalar(YAMLScalar(text: scalar.string, style: .plain))
        case .singleQuoted, .doubleQuoted:
            return .scalar(YAMLScalar(text: scalar.string, style: .quoted))
        case .literal, .folded:
            return .scalar(YAMLScalar(text: scalar.string, style: .block))
        }
    }

    /// The text of a key that can be used; what cannot be is reported.
    private func accepted(key: Node, at mark: SourceMark) -> String? {
        guard case .scalar(let scalar) = key else {
            report(mark, "a mapping's key is a list or a mapping", "write a name in its place")
            return nil
        }
        if let original = RepeatedKey.original(of: scalar.string) {
            report(
                mark, "the key \"\(YAMLNode.shortened(original))\" stands more than once in this mapping",
                "keep one of them")
            return nil
        }
        if scalar.string == "<<", scalar.style == .plain {
            report(mark, "merge keys (\"<<\") are not read", "repeat the keys, or give each value its own alias")
            return nil
        }
        return scalar.string
    }

    private func report(_ mark: SourceMark, _ message: String, _ suggestion: String) {
        log.report(file: file, mark: mark, path: "", message: message, suggestion: suggestion)
    }

    private func report(_ error: any Error, of piece: DocumentSplit.Piece) {
        var mark = SourceMark.start
        var text = "the document can't be parsed"
        switch error {
        case YamlError.scanner(let context, let problem, let place, _),
            YamlError.parser(let context, let problem, let place, _),
            YamlError.composer(let context, let problem, let place, _):
            mark = SourceMark(place, linesBefore: 0)
            let setting = context.map { $0.text.trimmingBlanks + ": " } ?? ""
            text = "not valid YAML: \(setting)\(problem)"
        case YamlError.reader(let problem, let offset, _, let yaml):
            let before = yaml.prefix(offset ?? 0)
            let line = before.utf8.count { $0 == 0x0A } + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            mark = SourceMark(line: line, column: column)
            text = "not valid YAML: \(problem)"
        case YamlError.memory:
            text = "not valid YAML: it nests too deeply"
        default:
            break
        }
        report(
            SourceMark(line: mark.line + piece.linesBefore, column: mark.column), text,
            "mend the syntax here or just above; nothing of this document was checked further")
    }
}

extension SourceMark {
    fileprivate init(_ mark: Mark?, linesBefore: Int) {
        self.init(line: (mark?.line ?? 1) + linesBefore, column: mark?.column ?? 1)
    }
}

extension String {
    /// Without blanks at either end.
    var trimmingBlanks: String {
        var part = self[...]
        while let last = part.last, last.isWhitespace { part.removeLast() }
        return String(part.drop { $0.isWhitespace })
    }
}
