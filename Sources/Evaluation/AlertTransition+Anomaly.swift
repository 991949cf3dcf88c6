import Alerting
import Signals
import Statistics
import TelemetryModel
import Text

extension AlertTransition {
    /// The alert that a change of an anomaly makes, dated at the end of the window that brought it.
    init(anomaly transition: AnomalyAlertTransition, windowNanoseconds: Int64) {
        var labels: [String: String] = ["monitor": transition.monitor]
        for column in transition.group { labels[column.name] = column.value ?? "" }
        let groups = transition.group.reduce(into: [String: String]()) { $0[$1.name] = $1.value ?? "" }
        let isOpen = transition.change == .opened
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
            "expected": .number(transition.judgement.expected), "low": .number(transition.judgement.low),
            "high": .number(transition.judgement.high), "score": .number(transition.judgement.score),
        ]
        self.init(alert: alert, reason: AlertTransition.reason(of: transition, windowNanoseconds: windowNanoseconds))
    }

    private static func reason(of transition: AnomalyAlertTransition, windowNanoseconds: Int64) -> String {
        func shown(_ value: Double) -> String { SentenceNumber.rounded(value) }
        func duration(_ windows: Int64) -> String {
            let (nanoseconds, overflow) = windows.multipliedReportingOverflow(by: windowNanoseconds)
            return overflow ? "\(windows) windows" : DurationText.text(nanoseconds)
        }
        let (value, judgement) = (shown(transition.value), transition.judgement)
        let usual = "\(shown(judgement.low)) to \(shown(judgement.high))"
        switch transition.cause {
        case .unusual:
            return "The value \(value) is unusual: \(shown(judgement.expected)) was expected, and \(usual) is usual."
        case .above(let limit): return "The value \(value) is above the limit of \(shown(limit))."
        case .below(let limit): return "The value \(value) is below the limit of \(shown(limit))."
        case .usual where judgement.isWarm: return "The value \(value) is usual again: \(usual) is."
        case .usual: return "The value \(value) is within the limits again."
        case .accepted(let windows):
            return
                "A lasting change: the value has been unusual for \(duration(windows)), and is \(value) now. This is taken "
                + "as usual from now on; before, \(usual) was."
        case .gone(let windows):
            return "No more records: there was none for \(duration(Int64(windows)))."
        }
    }
}
