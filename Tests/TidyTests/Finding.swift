import Testing

/// What a rule of the package forbids.
enum Rule: String {
    case imports, length, parameters, unused, sleep, lock, generator, readme, architecture, output
}

/// A place that breaks a rule, and what to do about it.
struct Finding: Equatable, CustomStringConvertible {
    let rule: Rule
    let file: String
    let line: Int
    /// What breaks it, by its name.
    let subject: String
    let advice: String

    var description: String { "\(file):\(line): \(rule.rawValue): \(advice)" }
}

extension Finding {
    /// An issue for each.
    static func report(_ findings: [Finding]) {
        for finding in findings { Issue.record(Comment(rawValue: finding.description)) }
    }
}
