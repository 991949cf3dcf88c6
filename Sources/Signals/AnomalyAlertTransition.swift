import Statistics
import TelemetryModel

/// An anomaly's alert opened or resolved: everything that a notification of it says.
public struct AnomalyAlertTransition: Sendable, Equatable {
    public struct Column: Sendable, Equatable {
        public var name: String
        /// `nil` where the group's events had no such field.
        public var value: String?

        public init(name: String, value: String?) {
            self.name = name
            self.value = value
        }
    }

    public var change: AnomalyObservation.AlertChange
    public var cause: AnomalyCause
    /// The monitor's name.
    public var monitor: String
    /// PagerDuty's severities: critical, error, warning, info.
    public var severity: String
    /// On which side of what is usual the monitor alerts.
    public var direction: AnomalyAlertDefinition.Direction
    /// Which group, column by column.
    public var group: [Column]
    /// The start of the window that brought the change.
    public var window: Timestamp
    /// The start of the window that opened the alert; with monitor and group it names the incident.
    public var openedAt: Timestamp
    public var value: Double
    public var judgement: Judgement
    /// So many other groups it was judged against; `nil` where it was against its own values.
    public var peers: Int?
    /// The definition's sentence, filled in.
    public var summary: String
}
