/// Which module each target may import, and that `Package.swift` lists just that.
enum ImportRule {
    /// What meets in the targets that put the whole together, and nowhere else.
    static let stages: Set = [
        "Decoding", "Aggregation", "Accounting", "Objectives", "Signals", "Alerting", "Auditing",
    ]

    /// Modules of the toolchain, which `Package.swift` does not list. The three C libraries are one: `libc`.
    private static let toolchain: Set = [
        "libc", "Synchronization", "Dispatch", "FoundationEssentials", "Foundation", "Testing",
    ]

    /// Modules that come along with a listed product, and whose types are in that product's interface.
    private static let companions: Set = ["NIOCore", "NIOSSL", "NIOHTTPTypes", "HummingbirdCore"]

    struct Table {
        /// By the target's name in `Package.swift`.
        let allowed: [String: Set<String>]
        /// Targets whose code is C, each with its one importer in `Sources`.
        let importers: [String: String]

        /// Lines of `Target: Module Module`, as many for a target as it takes; what follows `#` is a reason.
        init(_ text: String, importers: [String: String]) {
            var allowed: [String: Set<String>] = [:]
            for line in text.split(separator: "\n") {
                let parts = line.prefix { $0 != "#" }.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count == 2 else { continue }
                allowed[String(parts[0]), default: []].formUnion(parts[1].split(separator: " ").map(String.init))
            }
            self.allowed = allowed
            self.importers = importers
        }
    }

    static func findings(files: [SourceFile], manifest: PackageManifest, table: Table) -> [Finding] {
        var findings: [Finding] = []
        for target in manifest.targets {
            let imports = imports(of: files.filter { $0.isBelow(target.folder) })
            // Of a test, which imports what it tests, Package.swift alone says what it may.
            guard let allowed = target.isTest ? Set(imports.map(\.module)) : table.allowed[target.name] else {
                if table.importers[target.name] == nil {
                    findings.append(
                        finding(target, target.name, "no line for '\(target.name)' in AllowedImports: write one."))
                }
                continue
            }
            findings += compare(imports, of: target, with: allowed, importers: table.importers)
        }
        let names = Set(manifest.targets.map(\.name))
        let unknown = Set(table.allowed.keys).union(table.importers.keys).subtracting(names)
        return findings
            + unknown.sorted().map {
                Finding(
                    rule: .imports, file: "Tests/TidyTests/AllowedImports.swift", line: 1, subject: $0,
                    advice: "'\($0)' is no target of Package.swift: delete or rename its line.")
            }
    }

    private struct Import {
        let module: String
        let file: String
        let line: Int
    }

    private static func compare(
        _ imports: [Import], of target: PackageManifest.Target, with allowed: Set<String>, importers: [String: String]
    ) -> [Finding] {
        var findings: [Finding] = []
        var seen: Set<String> = []
        for entry in imports where seen.insert(entry.module).inserted {
            let module = entry.module
            func add(_ advice: String) {
                findings.append(
                    Finding(
                        rule: .imports, file: entry.file, line: entry.line, subject: "\(target.name) \(module)",
                        advice: advice))
            }
            if !allowed.contains(module) {
                add("'\(target.name)' may not import '\(module)': see AllowedImports for what it may.")
            }
            if stages.contains(target.name), stages.contains(module) {
                add("'\(target.name)' and '\(module)' are stages: they meet in a target above both.")
            }
            if target.folder.hasPrefix("Sources/"), let importer = importers[module], importer != target.name {
                add("'\(module)' is imported by '\(importer)' alone: call that.")
            }
            if !toolchain.contains(module), !companions.contains(module), !target.dependencies.contains(module) {
                add("Package.swift does not list '\(module)' for '\(target.name)': list it.")
            }
        }
        findings += allowed.subtracting(seen).sorted().map {
            finding(target, $0, "AllowedImports lets '\(target.name)' import '\($0)', which it does not: delete it.")
        }
        return findings
            + target.dependencies.filter { !seen.contains($0) }.map {
                finding(target, $0, "'\(target.name)' lists '\($0)' and does not import it: delete it.")
            }
    }

    private static func finding(_ target: PackageManifest.Target, _ subject: String, _ advice: String) -> Finding {
        Finding(
            rule: .imports, file: "Package.swift", line: target.line, subject: "\(target.name) \(subject)",
            advice: advice)
    }

    private static func imports(of files: [SourceFile]) -> [Import] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
        return files.flatMap { file in
            file.tokens.indices.compactMap { place -> Import? in
                let tokens = file.tokens
                guard tokens[place].isWord("import"), place + 1 < tokens.count else { return nil }
                var module = place + 1
                if kinds.contains(tokens[module].text), module + 1 < tokens.count { module += 1 }
                let name = ["Glibc", "Musl", "Darwin"].contains(tokens[module].text) ? "libc" : tokens[module].text
                return Import(module: name, file: file.path, line: tokens[place].line)
            }
        }
    }
}
