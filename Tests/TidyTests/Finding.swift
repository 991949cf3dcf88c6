import Testing

/// What a rule of the package forbids.
enum Rule: String {
    case imports, length, parameters, unused, sleep, lock, generator, readme, architecture
}

/// A place that breaks a rule, and what to do about it.
struct Finding: Equatable, CustomStringConvertible {
    let rule: Rule
    let file: String
    let line: Int
    /// What `Known` names it by: it outlives changes of the lines around.
    let subject: String
    let advice: String

    var description: String { "\(file):\(line): \(rule.rawValue): \(advice)" }

    /// The rule, the file's name and the subject. The file's folder is left out: moving a file breaks no rule anew.
    var key: String { "\(rule.rawValue) \(file.split(separator: "/").last ?? "") \(subject)" }
}

extension Finding {
    /// An issue for each finding that is not known, and for each known one that is no more.
    static func report(_ findings: [Finding], of rule: Rule, known: Set<String> = Known.findings) {
        for problem in problems(findings, of: rule, known: known) { Issue.record(Comment(rawValue: problem)) }
    }

    static func problems(_ findings: [Finding], of rule: Rule, known: Set<String>) -> [String] {
        let keys = Set(findings.map(\.key))
        let over = known.filter { $0.hasPrefix(rule.rawValue + " ") && !keys.contains($0) }
        return findings.filter { !known.contains($0.key) }.map(\.description)
            + over.sorted().map { "Tests/TidyTests/Known.swift: '\($0)' is found no more: delete its line." }
    }
}
