import Foundation

/// What a member did by its clock, as its log has it.
struct ClockCourse {
    struct Refusal {
        let seconds: Int
        let isAhead: Bool
    }

    /// An assignment that was under way when a member left the group is given back as soon as it has come.
    private static let returnMax: TimeInterval = 5

    private(set) var refusals: [Refusal] = []
    private(set) var returns = 0
    /// Of partitions of the inputs.
    private(set) var assignments = 0
    /// Of them, those while it took none by its own word, but for one at a time that was under way.
    private(set) var assignmentsWhileOff = 0

    init(of log: URL, inputs: [String]) {
        var isOff = false
        /// When the assignment came that was under way.
        var underWay: Date?
        for line in (try? String(contentsOf: log, encoding: .utf8))?.split(separator: "\n") ?? [] {
            if let since = underWay, let time = ClockCourse.time(line),
                time.timeIntervalSince(since) > ClockCourse.returnMax
            {
                assignmentsWhileOff += 1
                underWay = nil
            }
            if line.contains("\"takes no partitions: the host's clock is "), let refusal = ClockCourse.refusal(line) {
                refusals.append(refusal)
                isOff = true
            } else if line.contains("\"takes partitions again: ") {
                returns += 1
                isOff = false
            } else if line.contains("\"drained\"") {
                underWay = nil
            } else if line.contains("\"assigned\""), inputs.contains(where: { line.contains(".\($0)[") }) {
                assignments += 1
                guard isOff else { continue }
                if underWay != nil { assignmentsWhileOff += 1 }
                underWay = ClockCourse.time(line)
            }
        }
    }

    private static func time(_ line: Substring) -> Date? {
        guard let range = line.range(of: #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"#, options: .regularExpression) else {
            return nil
        }
        return try? Date("\(line[range])Z", strategy: .iso8601)
    }

    private static func refusal(_ line: Substring) -> Refusal? {
        guard let range = line.range(of: #"the host's clock is \d+ s (ahead|behind)"#, options: .regularExpression)
        else {
            return nil
        }
        let words = line[range].split(separator: " ")
        return Int(words[4]).map { Refusal(seconds: $0, isAhead: words.last == "ahead") }
    }

    /// What does not become a member with such a clock.
    func problems(with clock: HostClock) -> [String] {
        var problems: [String] = []
        if assignmentsWhileOff > 0 { problems.append("took partitions while it said that it takes none") }
        if clock.isNear {
            if let refusal = refusals.first {
                problems.append("took no partitions, as if it were \(refusal.seconds) s off")
            }
            return problems
        }
        if clock != .hourStepping, assignments > 0 { problems.append("took partitions") }
        // By the acknowledgement of the only question that it asks the time is known to the second, or to the while that it took.
        for refusal in refusals where abs(refusal.seconds - 3600) > 30 || refusal.isAhead != (clock != .hourBehind) {
            problems.append("said \(refusal.seconds) s \(refusal.isAhead ? "ahead" : "behind")")
        }
        return problems
    }
}
