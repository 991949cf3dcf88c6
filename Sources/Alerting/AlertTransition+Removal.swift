import TelemetryModel

/// What judged an alert, and is not among the resources any more.
public struct AlertRemoval: Sendable, Equatable {
    /// As `the SLO 'a' is no longer declared`.
    let cause: String
    /// What the alert is of; `nil` says what its labels say, an SLO or a monitor.
    let subject: String?

    public init(because cause: String, of subject: String? = nil) {
        (self.cause, self.subject) = (cause, subject)
    }
}

extension AlertTransition {
    /// The end of this alert, which says that it was not seen to recover. Its details and sources are those with which it opened.
    public func ended(by removal: AlertRemoval, at time: Timestamp) -> AlertTransition {
        var subject = removal.subject ?? alert.labels["objective"] ?? alert.labels["monitor"]
        if case .text(let group)? = alert.details[AlertTransition.groupDetail] {
            subject = subject.map { "\($0){\(group)}" }
        }
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
