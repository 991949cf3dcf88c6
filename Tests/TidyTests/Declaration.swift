/// Something that a file declares, outside of the bodies of functions.
struct Declaration {
    enum Kind: String {
        case function = "func", initializer = "init", `subscript`, type, property, enumCase = "case"
    }

    let kind: Kind
    let name: String
    let line: Int
    /// The places of its tokens, from its name to the end of its body.
    let extent: Range<Int>
    let modifiers: Set<String>
    /// Of a case: `case plain = "PLAIN"`.
    var hasRawValue = false
    /// The type that it is a member of; empty outside of one.
    var type = ""
    var qualifiedName: String { "\(type).\(name)" }
    /// Of a function, an initializer and a subscript.
    var parameters: [Parameter] = []

    struct Parameter: Equatable {
        let label: String
        var hasDefault = false
        var isClosure = false
        var isVariadic = false
    }
}

/// Finds the declarations of a file.
struct DeclarationScanner {
    private let tokens: [Token]
    private let groups: TokenGroups
    private(set) var declarations: [Declaration] = []
    private var type = ""

    private enum Scope { case file, type, enumeration }

    static func declarations(in tokens: [Token]) -> [Declaration] {
        var scanner = DeclarationScanner(tokens: tokens, groups: TokenGroups(tokens: tokens))
        scanner.scan(0..<tokens.count, scope: .file)
        return scanner.declarations
    }

    private init(tokens: [Token], groups: TokenGroups) {
        self.tokens = tokens
        self.groups = groups
    }

    private static let typeKeywords: Set = ["struct", "class", "enum", "actor", "protocol"]
    private static let modifierKeywords: Set = [
        "public", "package", "internal", "private", "fileprivate", "open", "static", "class", "final", "override",
        "mutating", "nonmutating", "borrowing", "consuming", "lazy", "weak", "unowned", "unsafe", "nonisolated",
        "indirect",
        "required", "convenience", "prefix", "postfix", "infix", "dynamic", "isolated",
    ]

    private mutating func scan(_ range: Range<Int>, scope: Scope) {
        var place = range.lowerBound
        while place < range.upperBound {
            let token = tokens[place]
            if token.kind == .symbol, ["(", "[", "{"].contains(token.text) {
                place = groups.close(of: place) + 1
            } else if token.kind == .word, !isMember(place), let end = declaration(at: place, in: range, scope: scope) {
                place = end
            } else {
                place += 1
            }
        }
    }

    private mutating func scan(_ body: Range<Int>, of name: String, scope: Scope) {
        let outer = type
        type = name
        scan(body, scope: scope)
        type = outer
    }

    private func isMember(_ place: Int) -> Bool { place > 0 && tokens[place - 1].isSymbol(".") }

    /// The end of the declaration whose keyword is at `place`; nil when there is none.
    private mutating func declaration(at place: Int, in range: Range<Int>, scope: Scope) -> Int? {
        let keyword = tokens[place].text
        let next = place + 1 < range.upperBound ? tokens[place + 1] : nil
        switch keyword {
        case "func":
            guard next != nil else { return nil }
            return add(.function, at: place, name: place + 1, list: place + 2, in: range)
        case "init": return add(.initializer, at: place, name: place, list: place + 1, in: range)
        case "subscript": return add(.subscript, at: place, name: place, list: place + 1, in: range)
        case "extension":
            guard let next, let body = body(from: place, in: range) else { return nil }
            scan(body, of: next.text, scope: .type)
            return body.upperBound + 1
        case "typealias", "associatedtype":
            guard next?.kind == .word else { return nil }
            return append(.type, at: place, name: place + 1, end: place + 2)
        case "let", "var":
            guard next?.kind == .word else { return nil }
            return append(.property, at: place, name: place + 1, end: place + 2)
        case "case":
            return scope == .enumeration ? addCases(at: place, in: range) : nil
        default:
            guard Self.typeKeywords.contains(keyword), let next, next.kind == .word,
                !["func", "var", "let", "subscript"].contains(next.text), let body = body(from: place, in: range)
            else { return nil }
            append(.type, at: place, name: place + 1, end: body.upperBound)
            scan(body, of: next.text, scope: keyword == "enum" ? .enumeration : .type)
            return body.upperBound + 1
        }
    }

    /// What is between the next braces.
    private func body(from place: Int, in range: Range<Int>) -> Range<Int>? {
        guard let open = groups.firstOutermost("{", in: place..<range.upperBound) else { return nil }
        return open + 1..<groups.close(of: open)
    }

    /// A declaration with a list of parameters; its body is code, which declares nothing of the file's.
    private mutating func add(_ kind: Declaration.Kind, at place: Int, name: Int, list: Int, in range: Range<Int>)
        -> Int?
    {
        var open = list
        // An operator's name is symbols; `init?` has one, too.
        while open < range.upperBound, tokens[open].kind == .symbol, tokens[open].text != "(" {
            let after = groups.skipGenericClause(at: open)
            open = kind == .function && tokens[name].kind == .symbol || after == open ? open + 1 : after
        }
        guard open < range.upperBound, tokens[open].isSymbol("(") else { return nil }
        var end = groups.close(of: open) + 1
        // Up to the body or the next declaration: `async throws(Fault) -> [Word] where Word: Hashable {`.
        while end < range.upperBound, !tokens[end].isSymbol("}"), !startsDeclaration(end) {
            if tokens[end].isSymbol("{") {
                end = groups.close(of: end) + 1
                break
            }
            end = tokens[end].isSymbol("(") || tokens[end].isSymbol("[") ? groups.close(of: end) + 1 : end + 1
        }
        declarations.append(
            Declaration(
                kind: kind, name: tokens[name].text, line: tokens[place].line, extent: name..<end,
                modifiers: modifiers(before: place), type: type, parameters: parameters(of: open)))
        return end
    }

    /// In a protocol one requirement follows another without a body between them.
    private func startsDeclaration(_ place: Int) -> Bool {
        let token = tokens[place]
        guard token.kind == .word, !isMember(place) else { return token.isSymbol("@") || token.isSymbol("#") }
        return ["func", "init", "subscript", "var", "let", "static", "mutating", "associatedtype", "case"].contains(
            token.text)
            || Self.modifierKeywords.contains(token.text)
    }

    private mutating func addCases(at place: Int, in range: Range<Int>) -> Int {
        var name = place + 1
        while name < range.upperBound, tokens[name].kind == .word {
            var end = name + 1
            if end < range.upperBound, tokens[end].isSymbol("(") { end = groups.close(of: end) + 1 }
            append(.enumCase, at: place, name: name, end: end)
            if end < range.upperBound, tokens[end].isSymbol("=") {
                declarations[declarations.count - 1].hasRawValue = true
                end += tokens[end + 1].isSymbol("-") ? 3 : 2
            }
            guard end < range.upperBound, tokens[end].isSymbol(",") else { return end }
            name = end + 1
        }
        return name
    }

    @discardableResult
    private mutating func append(_ kind: Declaration.Kind, at place: Int, name: Int, end: Int) -> Int {
        declarations.append(
            Declaration(
                kind: kind, name: tokens[name].text, line: tokens[name].line, extent: name..<end,
                modifiers: modifiers(before: place), type: type))
        return name + 1
    }

    /// The words before a keyword, attributes among them.
    private func modifiers(before place: Int) -> Set<String> {
        var modifiers: Set<String> = []
        var at = place - 1
        while at >= 0 {
            if tokens[at].isSymbol(")") {
                guard let open = (0..<at).last(where: { tokens[$0].isSymbol("(") }) else { break }
                at = open - 1
            } else if tokens[at].kind == .word, at > 0, tokens[at - 1].isSymbol("@") {
                modifiers.insert("@" + tokens[at].text)
                at -= 2
            } else if tokens[at].kind == .word, Self.modifierKeywords.contains(tokens[at].text) {
                modifiers.insert(tokens[at].text)
                at -= 1
            } else {
                break
            }
        }
        return modifiers
    }

    private func parameters(of open: Int) -> [Declaration.Parameter] {
        // A comma of a generic type parts no parameters: what has no colon goes on with the one before.
        var elements: [Range<Int>] = []
        for element in groups.elements(of: open) {
            if groups.firstOutermost(":", in: element) == nil, let last = elements.popLast() {
                elements.append(last.lowerBound..<element.upperBound)
            } else {
                elements.append(element)
            }
        }
        return elements.map { element in
            var label = element.lowerBound
            while label < element.upperBound, tokens[label].isSymbol("@") { label += 2 }
            var parameter = Declaration.Parameter(label: tokens[label].text)
            parameter.hasDefault = groups.firstOutermost("=", in: element) != nil
            for place in element.dropFirst() {
                if tokens[place].isSymbol(">"), tokens[place - 1].isSymbol("-") { parameter.isClosure = true }
                if tokens[place].isSymbol("."), tokens[place - 1].isSymbol(".") { parameter.isVariadic = true }
            }
            return parameter
        }
    }
}
