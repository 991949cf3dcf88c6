/// `docs/architecture.md` names files and folders that are there.
///
/// A path is what stands in backticks with a slash in it: below `Sources`, or from the root.
enum ArchitectureRule {
    static let page = "docs/architecture.md"

    static func findings(in text: String, isThere: (String) -> Bool) -> [Finding] {
        var findings: [Finding] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for (place, part) in line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            where place % 2 == 1 && part.contains("/") && !part.contains(" ") && !part.hasPrefix("/") {
                if isThere("Sources/\(part)") || isThere(String(part)) { continue }
                findings.append(
                    Finding(
                        rule: .architecture, file: page, line: index + 1, subject: String(part),
                        advice: "`\(part)` is neither below Sources nor at the root: name the file that does it now."))
            }
        }
        return findings
    }

    /// The words of a drawing (the first block between fences) that look like a target's name and are none.
    static func findings(
        inDrawingOf text: String, file: String, targets: Set<String>, others: Set<String>
    ) -> [Finding] {
        var findings: [Finding] = []
        var isDrawing = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") {
                if isDrawing { return findings }
                isDrawing = true
                continue
            }
            guard isDrawing else { continue }
            for word in line.split(whereSeparator: { !$0.isLetter }).map(String.init)
            where word.first!.isUppercase && !targets.contains(word) && !others.contains(word) {
                findings.append(
                    Finding(
                        rule: .architecture, file: file, line: index + 1, subject: word,
                        advice: "'\(word)' in the drawing is no target of Package.swift: draw what there is."))
            }
        }
        return findings
    }
}
