import Alerting
import Signals
import TelemetryModel
import Text

extension AlertTransition {
    /// The alert that a change of an anomaly makes, dated at the end of the window that brought it.
    init(anomaly transition: AnomalyAlertTransition, windowNanoseconds: Int64) {
        var labels: [String: String] = ["monitor": transition.monitor]
        for column in transition.group { labels[column.name] = column.value ?? "" }
        let groups = transition.group.reduce(into: [String: String]()) { $0[$1.name] = $1.value ?? "" }
        let isOpen = transition.change == .opened
        let expectation =
            "the mean before it was \(SentenceNumber.rounded(transition.expected)), "
            + "the deviation \(SentenceNumber.rounded(transition.deviation))"
        var alert = Alert(
            dedupKey: DedupKey(kind: "anomaly", name: transition.monitor, labels: groups),
            severity: AlertSeverity(rawValue: transition.severity) ?? .warning, status: isOpen ? .open : .resolved,
            summary: transition.summary, source: transition.group.compactMap(\.value).joined(separator: "/"),
            time: transition.window.advanced(by: windowNanoseconds),
            openedAt: transition.openedAt.advanced(by: windowNanoseconds))
        alert.kind = "anomaly"
        alert.labels = labels
        alert.details = [
            "window_start": .text(transition.window.description), "value": .number(transition.value),
            "expected": .number(transition.expected), "deviation": .number(transition.deviation),
            "score": .number(transition.score),
        ]
        self.init(
            alert: alert,
            reason: isOpen
                ? "The value \(SentenceNumber.rounded(transition.value)) is unusual: \(expectation)."
                : "The value \(SentenceNumber.rounded(transition.value)) is no longer unusual: \(expectation).")
    }
}
