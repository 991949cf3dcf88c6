/// What `Package.swift` says of its targets, read from its text: a test can't run SwiftPM.
struct PackageManifest {
    struct Target {
        let name: String
        let kind: String
        let folder: String
        let dependencies: [String]
        let line: Int

        var isTest: Bool { kind == "testTarget" }
    }

    let targets: [Target]

    init(text: String) {
        let tokens = SwiftLexer.tokens(of: text)
        let groups = TokenGroups(tokens: tokens)
        var targets: [Target] = []
        for place in tokens.indices.dropFirst().dropLast() {
            let kind = tokens[place].text
            guard ["systemLibrary", "target", "executableTarget", "testTarget"].contains(kind),
                tokens[place - 1].isSymbol("."), tokens[place + 1].isSymbol("(")
            else { continue }
            var name = ""
            var path: String?
            var dependencies: [String] = []
            for element in groups.elements(of: place + 1) {
                let value = element.lowerBound + 2
                guard value < element.upperBound, tokens[element.lowerBound + 1].isSymbol(":") else { continue }
                switch tokens[element.lowerBound].text {
                case "name": name = tokens[value].text
                case "path": path = tokens[value].text
                case "dependencies":
                    dependencies = groups.elements(of: value).compactMap { dependency in
                        // A name, or `.product(name: "Yams", …)`.
                        dependency.first { tokens[$0].kind == .string }.map { tokens[$0].text }
                    }
                default: break
                }
            }
            targets.append(
                Target(
                    name: name, kind: kind, folder: path ?? "\(kind == "testTarget" ? "Tests" : "Sources")/\(name)",
                    dependencies: dependencies, line: tokens[place].line))
        }
        self.targets = targets
    }
}
