/// The README's table of folders and `Package.swift` name the same targets.
enum ReadmeRule {
    static func findings(manifest: PackageManifest, readme: String) -> [Finding] {
        let rows = rows(of: readme)
        let listed = Set(rows.map(\.name))
        let targets = manifest.targets.filter { !$0.isTest }
        let names = Set(targets.map(name(of:)))
        return targets.filter { !listed.contains(name(of: $0)) }.map {
            Finding(
                rule: .readme, file: "Package.swift", line: $0.line, subject: $0.name,
                advice: "the README's table has no row for `\(name(of: $0))`: write one.")
        }
            + rows.filter { !names.contains($0.name) }.map {
                Finding(
                    rule: .readme, file: "README.md", line: $0.line, subject: $0.name,
                    advice: "`\($0.name)` is no folder of a target of Package.swift: delete or rename its row.")
            }
    }

    /// As the table names it: the folder in `Sources`, or the path from the root.
    private static func name(of target: PackageManifest.Target) -> String {
        target.folder.hasPrefix("Sources/") ? String(target.folder.dropFirst("Sources/".count)) : target.folder
    }

    /// The names in backticks in the first column of the table whose head is `| Folder |`.
    private static func rows(of readme: String) -> [(name: String, line: Int)] {
        var rows: [(String, Int)] = []
        var isInTable = false
        for (index, line) in readme.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard line.hasPrefix("|") else {
                isInTable = false
                continue
            }
            if line.hasPrefix("| Folder |") { isInTable = true }
            guard isInTable, let first = line.dropFirst().split(separator: "|").first else { continue }
            for (place, part) in first.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            where place % 2 == 1 {
                rows.append((String(part), index + 1))
            }
        }
        return rows
    }
}
