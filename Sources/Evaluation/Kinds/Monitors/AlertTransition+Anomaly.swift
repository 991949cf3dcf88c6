import Alerting
import Signals
import TelemetryModel

extension AlertTransition {
    /// The alert that a change of an anomaly makes, dated at the end of the window that brought it.
    init(anomaly transition: AnomalyAlertTransition, windowNanoseconds: Int64) {
        var labels: [String: String] = ["monitor": transition.monitor]
        for column in transition.group { labels[column.name] = column.value ?? "" }
        let isOpen = transition.change == .opened
        var alert = Alert(
            dedupKey: .ofAnomaly(transition.monitor, transition.group.map { ($0.name, $0.value) }),
            severity: AlertSeverity(rawValue: transition.severity) ?? .warning, status: isOpen ? .open : .resolved,
            summary: transition.summary, source: transition.group.compactMap(\.value).joined(separator: "/"),
            time: transition.window.advanced(by: windowNanoseconds),
            openedAt: transition.openedAt.advanced(by: windowNanoseconds))
        alert.kind = "anomaly"
        alert.labels = labels
        alert.details = [
            "window_start": .text(transition.window.description), "value": .number(transition.value),
            "expected": .number(transition.judgement.expected), "low": .number(transition.judgement.low),
            "high": .number(transition.judgement.high), "score": .number(transition.judgement.score),
        ]
        switch transition.cause {
        case .above(let limit), .below(let limit): alert.details["limit"] = .number(limit)
        case .unusual, .usual, .unjudged, .accepted, .gone, .valueless, .notShown: break
        }
        if let peers = transition.peers { alert.details["peers"] = .integer(Int64(peers)) }
        let sentences = AnomalySentences(transition: transition, windowNanoseconds: windowNanoseconds)
        self.init(alert: alert, reason: sentences.reason)
    }
}

extension DedupKey {
    /// The key of the alert of a monitor's group, and the one that 0.1.0 would have given it.
    static func ofAnomaly(_ monitor: CompiledMonitor, group: [String?]) -> [DedupKey] {
        let columns = Array(zip(monitor.groupColumns, group))
        return [
            ofAnomaly(monitor.definition.name, columns),
            // Which took no value and an empty text for one, and hashed otherwise.
            DedupKey(
                kind: "anomaly", name: monitor.definition.name,
                labels: columns.reduce(into: [:]) { $0[$1.0] = $1.1 ?? "" }, form: .fowlerNollVo),
        ]
    }

    fileprivate static func ofAnomaly(_ monitor: String, _ group: [(name: String, value: String?)]) -> DedupKey {
        DedupKey(kind: "anomaly", name: monitor, columns: group)
    }
}
