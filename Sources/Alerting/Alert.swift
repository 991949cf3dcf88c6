import TelemetryModel
import Text

/// A condition that somebody should know of, as it is after one of its transitions.
public struct Alert: Sendable, Equatable {
    /// In Unicode code points.
    public static let summaryCodePointsMax = 1024

    public struct Link: Sendable, Equatable {
        public var href: String
        public var text: String?

        public init(href: String, text: String? = nil) {
            self.href = href
            self.text = text
        }
    }

    public var dedupKey: DedupKey
    public var severity: AlertSeverity
    public var status: AlertStatus
    /// One sentence, one line, at most `summaryCodePointsMax` code points.
    public let summary: String
    /// What is affected: a service, a host, an account.
    public var source: String
    /// What kind of alert it is: `burn_rate`, `anomaly`.
    public var kind: String? = nil
    /// Event time of the transition.
    public var time: Timestamp
    /// Event time at which it opened.
    public var openedAt: Timestamp
    /// What it is about, by which alerts are distinguished and put together: the objective or the monitor, the service, the group.
    public var labels: [String: String] = [:]
    /// What people read beside it, which distinguishes no alerts: a description, a runbook.
    public var annotations: [String: String] = [:]
    /// The values, thresholds and counts by which anyone can check it.
    public var details: [String: AlertValue] = [:]
    public var links: [Link] = []

    /// What every alert has; the rest is set where there is some. `summary` is made one line and cut to its limit.
    public init(
        dedupKey: DedupKey, severity: AlertSeverity, status: AlertStatus, summary: String, source: String,
        time: Timestamp, openedAt: Timestamp
    ) {
        self.dedupKey = dedupKey
        self.severity = severity
        self.status = status
        self.summary = BoundedText.cut(
            Inert.blanked(summary), codePointsMax: Alert.summaryCodePointsMax)
        self.source = source
        self.time = time
        self.openedAt = openedAt
    }
}

/// A change of an alert: what `tidewatch.alerts` carries, under the dedup key.
public struct AlertTransition: Sendable, Equatable {
    /// Sources that are listed; of more it is said how many there are.
    public static let sourcesMax = 20

    /// The alert after the change.
    public var alert: Alert
    /// A sentence that says why, with the numbers.
    public var reason: String
    /// Where the records behind it lie, as far as that is known. Nothing tells transitions apart by it: an evaluator that goes on
    /// from what another published may know of more of them.
    public var sources: [AlertSource]
    /// So many more there are.
    public var sourcesLeftOut: Int

    public init(alert: Alert, reason: String, sources: [AlertSource] = [], sourcesLeftOut: Int = 0) {
        self.alert = alert
        self.reason = reason
        self.sources = sources
        self.sourcesLeftOut = sourcesLeftOut
    }
}
