import TelemetryModel

/// A condition that an event must meet for a filter to be true: that a field is one of a few values.
///
/// Found where a filter is a conjunction of such conditions and others, as most selectors are; what they ask for can then be
/// held against what there is, to find a misspelt name.
public struct EqualityTerm: Sendable, Equatable {
    public let path: FieldPath
    /// As text; whole numbers in decimal.
    public let values: [String]

    /// The conditions that every event has to meet for which `source` is true, and whether it looks at the field `name` in
    /// any way. Nothing for a source that does not parse.
    public static func terms(of source: String, mentioning name: String) -> (terms: [EqualityTerm], isMentioned: Bool) {
        guard let tree = try? Parser.parse(Array(source.utf8)) else { return ([], false) }
        let isMentioned = tree.nodes.contains { node in
            switch node.kind {
            case .select(_, let field): field == name
            case .index(_, let key): tree.text(key) == name
            default: false
            }
        }
        return (terms(of: tree.root, in: tree), isMentioned)
    }

    private static func terms(of node: Int, in tree: SyntaxTree) -> [EqualityTerm] {
        switch tree[node].kind {
        case .logical(isAnd: true, let operands):
            return operands.flatMap { terms(of: $0, in: tree) }
        case .logical(isAnd: false, let operands):
            // Alternatives are one condition where all are about one field.
            let alternatives = operands.map { terms(of: $0, in: tree) }
            guard let path = alternatives.first?.first?.path,
                alternatives.allSatisfy({ $0.count == 1 && $0[0].path == path })
            else { return [] }
            return [EqualityTerm(path: path, values: alternatives.flatMap { $0[0].values })]
        case .binary(.equal, let left, let right):
            if let path = tree.path(left), let value = tree.value(right) {
                return [EqualityTerm(path: path, values: [value])]
            }
            if let path = tree.path(right), let value = tree.value(left) {
                return [EqualityTerm(path: path, values: [value])]
            }
            return []
        case .binary(.isIn, let left, let right):
            guard let path = tree.path(left), case .list(let elements) = tree[right].kind else { return [] }
            let values = elements.compactMap { tree.value($0) }
            return values.count == elements.count && !values.isEmpty ? [EqualityTerm(path: path, values: values)] : []
        default:
            return []
        }
    }
}

extension SyntaxTree {
    /// The field of the event that a node represents.
    fileprivate func path(_ node: Int) -> FieldPath? {
        var components: [FieldPath.Component] = []
        var place = node
        while true {
            switch self[place].kind {
            case .select(let object, let field):
                components.append(.key(field))
                place = object
            case .index(let object, let key):
                if let text = text(key) {
                    components.append(.key(text))
                } else if case .literal(.integer(let index)) = self[key].kind, let index = Int(exactly: index) {
                    components.append(.index(index))
                } else {
                    return nil
                }
                place = object
            case .identifier("event"):
                return components.isEmpty ? nil : FieldPath(components.reversed())
            default:
                return nil
            }
        }
    }

    fileprivate func value(_ node: Int) -> String? {
        if case .literal(.integer(let number)) = self[node].kind { return "\(number)" }
        return text(node)
    }

    fileprivate func text(_ node: Int) -> String? {
        guard case .literal(.text(let bytes)) = self[node].kind else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
