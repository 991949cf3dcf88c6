import Alerting
import Signals
import TelemetryModel

extension AlertTransition {
    /// The alert that a change of an anomaly makes, dated at the end of the window that brought it.
    init(anomaly transition: AnomalyAlertTransition, windowNanoseconds: Int64) {
        var labels: [String: String] = ["monitor": transition.monitor]
        for column in transition.group { labels[column.name] = column.value ?? "" }
        let groups = transition.group.reduce(into: [String: String]()) { $0[$1.name] = $1.value ?? "" }
        let isOpen = transition.change == .opened
        let expectation =
            "the mean before it was \(AlertTransition.short(transition.expected)), "
            + "the deviation \(AlertTransition.short(transition.deviation))"
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
                ? "The value \(AlertTransition.short(transition.value)) is unusual: \(expectation)."
                : "The value \(AlertTransition.short(transition.value)) is no longer unusual: \(expectation).")
    }

    /// Rounded to three places, for sentences; the details hold the number itself.
    private static func short(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() ? String(Int64(rounded)) : "\(rounded)"
    }
}
