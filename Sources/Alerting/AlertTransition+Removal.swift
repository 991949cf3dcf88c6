import TelemetryModel

/// What judged an alert, and is not among the resources any more.
public enum AlertRemoval: Sendable, Equatable {
    case objective(String)
    /// An alert of an objective that is still there.
    case policy(objective: String, alert: String)
    case monitor(String)
    /// The monitor is there, and raises no alerts.
    case monitorAlert(String)
    /// The monitor is there, and its rollup groups by other columns.
    case monitorGroups(String)
    /// The monitor is there, and what it knew of the group is gone.
    case monitorReset(String)
    /// Its labels name neither an objective nor a monitor.
    case unknown
}

extension AlertTransition {
    /// The end of this alert, which says that it was not seen to recover. Its details and sources are those with which it opened.
    public func ended(by removal: AlertRemoval, at time: Timestamp) -> AlertTransition {
        let subject = alert.labels["objective"] ?? alert.labels["monitor"]
        var end = Alert(
            dedupKey: alert.dedupKey, severity: alert.severity, status: .resolved,
            summary: subject.map { "\($0): \(removal.summary)" } ?? removal.summary, source: alert.source, time: time,
            openedAt: alert.openedAt)
        end.kind = alert.kind
        (end.labels, end.annotations) = (alert.labels, alert.annotations)
        (end.details, end.links) = (alert.details, alert.links)
        return AlertTransition(
            alert: end, reason: FindingSentences.capitalised(removal.reason) + ".", sources: sources,
            sourcesLeftOut: sourcesLeftOut)
    }
}
