/// No declaration of `Sources` that nothing in `Sources` uses.
///
/// A use is the declaration's name as a word outside of its own declaration, and, of a function that is called there, with
/// arguments that its parameters take. No uses are: the label of an argument, a parameter's name, and what an initializer
/// writes (`self.name = name`). So a property that is only ever set is found, too. What shares its name with something
/// that is used may be unused all the same; what is found is so for certain, but for what the compiler or a library calls.
enum UnusedRule {
    /// What is used without a word in the package, by its name or its type's and its own, and how. Cases with a raw value are
    /// made from that.
    static let usedWithoutAWord: [String: String] = [
        "customMirror": "the standard library prints by it",
        "debugDescription": "the standard library prints by it",
        "validate": "ArgumentParser calls it",
        "handlerAdded": "NIO calls it",
        "channelActive": "NIO calls it",
        "channelInactive": "NIO calls it",
        "channelRead": "NIO calls it",
        "userInboundEventTriggered": "NIO calls it",
        "triggerUserOutboundEvent": "NIO calls it",
        "ConnectionWatch.write": "NIO calls it",
        "InboundIn": "NIO's channels are typed by it",
        "InboundOut": "NIO's channels are typed by it",
        "OutboundIn": "NIO's channels are typed by it",
        "OutboundOut": "NIO's channels are typed by it",
        "PortChannel.setup": "Hummingbird calls it",
        "CodingKeys": "the compiler's Codable reads it",
        "FileIdentity.device": "the compiler's == compares it",
        "padding2": "its place in memory is what it is for",
    ]

    /// Files for tests that have to be in `Sources`, and why.
    static let instruments: [String: String] = [
        "Sources/KafkaClient/EmbeddedBroker.swift": "it alone may import librdkafka, whose mock broker it is"
    ]

    static func findings(sources: [SourceFile], tests: [SourceFile], instruments: Set<String>) -> [Finding] {
        var uses = Uses()
        let declarations = sources.map { DeclarationScanner.declarations(in: $0.tokens) }
        for (file, declared) in zip(sources, declarations) { uses.add(file, declaring: declared) }
        var findings: [Finding] = []
        for (file, declared) in zip(sources, declarations) where !instruments.contains(file.path) {
            for declaration in declared where isExpectedToBeUsed(declaration) {
                guard !uses.contains(useOf: declaration, in: file.path) else { continue }
                let isTested = tests.contains { $0.tokens.contains { $0.isWord(declaration.name) } }
                findings.append(
                    Finding(
                        rule: .unused, file: file.path, line: declaration.line, subject: declaration.name,
                        advice: isTested
                            ? "'\(declaration.name)' is used by tests only: delete it, and test what is used."
                            : "nothing uses '\(declaration.name)': delete it."))
            }
        }
        return findings
    }

    private static func isExpectedToBeUsed(_ declaration: Declaration) -> Bool {
        switch declaration.kind {
        case .initializer, .subscript: return false
        default: break
        }
        return declaration.name.first.map { $0.isLetter } == true && !declaration.hasRawValue
            && usedWithoutAWord[declaration.name] == nil && usedWithoutAWord[declaration.qualifiedName] == nil
            && declaration.modifiers.isDisjoint(with: ["override", "@main"])
    }
}

/// Where each name is used.
struct Uses {
    private struct Use {
        let file: String
        let place: Int
        let call: Call?
    }

    private var uses: [String: [Use]] = [:]

    func contains(useOf declaration: Declaration, in file: String) -> Bool {
        uses[declaration.name, default: []].contains { use in
            if use.file == file, declaration.extent.contains(use.place) { return false }
            guard declaration.kind == .function, let call = use.call else { return true }
            return call.fits(declaration.parameters)
        }
    }

    mutating func add(_ file: SourceFile, declaring declarations: [Declaration]) {
        let tokens = file.tokens
        let groups = TokenGroups(tokens: tokens)
        let names = Set(declarations.map(\.extent.lowerBound))
        var brackets: [String] = []
        for place in tokens.indices {
            let token = tokens[place]
            if token.kind == .symbol {
                if ["(", "[", "{"].contains(token.text) { brackets.append(token.text) }
                if [")", "]", "}"].contains(token.text) { _ = brackets.popLast() }
            }
            guard token.kind == .word, !names.contains(place) else { continue }
            if brackets.last == "(", Self.isLabel(place, tokens) { continue }
            if Self.isCopiedByInitializer(place, tokens) { continue }
            uses[token.text, default: []].append(
                Use(file: file.path, place: place, call: Call(at: place, in: groups)))
        }
    }

    /// `(name: …`, `, name: …`, and both words of `(label name: …`.
    private static func isLabel(_ place: Int, _ tokens: [Token]) -> Bool {
        func isSymbol(_ ahead: Int, _ symbols: Set<String>) -> Bool {
            tokens.indices.contains(place + ahead) && tokens[place + ahead].kind == .symbol
                && symbols.contains(tokens[place + ahead].text)
        }
        func isWord(_ ahead: Int) -> Bool {
            tokens.indices.contains(place + ahead) && tokens[place + ahead].kind == .word
        }
        if isSymbol(-1, ["(", ","]) { return isSymbol(1, [":"]) || (isWord(1) && isSymbol(2, [":"])) }
        return isWord(-1) && isSymbol(-2, ["(", ","]) && isSymbol(1, [":"])
    }

    /// Either name of `self.name = name`.
    private static func isCopiedByInitializer(_ place: Int, _ tokens: [Token]) -> Bool {
        func isCopy(from start: Int) -> Bool {
            guard start >= 0, start + 4 < tokens.count else { return false }
            let name = tokens[start + 2]
            guard tokens[start].isWord("self"), tokens[start + 1].isSymbol("."), tokens[start + 3].isSymbol("="),
                tokens[start + 4] == Token(kind: .word, text: name.text, line: tokens[start + 4].line)
            else { return false }
            return start + 5 == tokens.count || ![".", "(", "[", "?", "!"].contains(tokens[start + 5].text)
        }
        return isCopy(from: place - 2) || isCopy(from: place - 4)
    }
}

/// The arguments of a call, as far as they say which function is meant.
struct Call: Equatable {
    let labels: [String]
    let hasTrailingClosure: Bool

    /// Nil where a name is not called, or its labels say no more: `forEach(add)`, `add(_:to:)`, `make<Word>(…)`.
    init?(at place: Int, in groups: TokenGroups) {
        let tokens = groups.tokens
        guard place + 1 < tokens.count, tokens[place + 1].isSymbol("(") else { return nil }
        let end = groups.close(of: place + 1)
        // A comma of generic arguments looks like one of the call.
        guard !(place + 1..<end).contains(where: { tokens[$0].isSymbol("<") }) else { return nil }
        let arguments = groups.elements(of: place + 1)
        if arguments.count == 1, tokens[arguments[0].upperBound - 1].isSymbol(":") { return nil }
        labels = arguments.map { argument in
            argument.count > 1 && tokens[argument.lowerBound].kind == .word
                && tokens[argument.lowerBound + 1].isSymbol(":")
                ? tokens[argument.lowerBound].text : "_"
        }
        hasTrailingClosure = end + 1 < tokens.count && tokens[end + 1].isSymbol("{")
    }

    func fits(_ parameters: [Declaration.Parameter]) -> Bool {
        var next = 0
        for parameter in parameters {
            if next < labels.count, labels[next] == parameter.label {
                next += 1
                while parameter.isVariadic, next < labels.count, labels[next] == "_" { next += 1 }
            } else if !parameter.hasDefault, !parameter.isVariadic, !(parameter.isClosure && hasTrailingClosure) {
                return false
            }
        }
        return next == labels.count
    }
}
