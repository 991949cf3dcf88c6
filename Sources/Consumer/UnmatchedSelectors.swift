import Logging
import Objectives

/// Says in the log which parts of SLOs match no record, once each after a while, when what is there
/// has had time to come.
struct UnmatchedSelectors {
    private static let patience = Duration.seconds(600)

    private let began = ContinuousClock.now
    /// `SLO/part`; at most as many as there are SLOs and parts.
    private var told: Set<String> = []

    mutating func note(_ entry: SLOReport.Entry, parts: SelectorParts, _ logger: Logger) {
        let unmatched = Set(entry.warnings.compactMap(\.part))
        guard !unmatched.isEmpty, began.duration(to: .now) >= UnmatchedSelectors.patience else { return }
        for part in parts.names where unmatched.contains(part) {
            guard told.insert("\(entry.terms.name)/\(part)").inserted else { continue }
            // Where nothing is bad, nothing matches bad: only what has to be there is worth a warning.
            logger.log(
                level: part == "bad" ? .info : .warning,
                "a selector matches no record; config check --against names what is near to it",
                metadata: ["slo": "\(entry.terms.name)", "part": "\(part)"])
        }
    }
}
