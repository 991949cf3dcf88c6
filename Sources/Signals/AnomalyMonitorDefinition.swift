import TelemetryModel

/// An `AnomalyMonitor` resource: a value of a rollup, watched group by group.
public struct AnomalyMonitorDefinition: Sendable, Equatable {
    public enum Method: Sendable, Equatable {
        /// Exponentially weighted mean and variance; `alpha` in (0, 1], `threshold` in standard deviations, `warmup` in
        /// values.
        case ewma(alpha: Double, threshold: Double, warmup: Int)
    }

    public var name: String
    /// The rollup's name.
    public var rollup: String
    /// An expression over the rollup's measures.
    public var value: String
    public var method: Method
    /// `nil`: flags are written, and no alert is raised.
    public var alert: AnomalyAlertDefinition?
    /// For people and routes, never for what is judged.
    public var description = ResourceDescription()

    public init(name: String, rollup: String, value: String, method: Method, alert: AnomalyAlertDefinition? = nil) {
        self.name = name
        self.rollup = rollup
        self.value = value
        self.method = method
        self.alert = alert
    }
}

/// What an anomaly's alert says.
public struct AnomalyAlertDefinition: Sendable, Equatable {
    public enum Direction: String, CaseIterable, Sendable { case up, down, both }

    /// PagerDuty's severities: critical, error, warning, info.
    public var severity: String
    /// A sentence in which `{column}` represents a group column's or a measure's value, and `{value}` the value
    /// watched: "Port scan: {ports} distinct ports on {interface_id}".
    public var summary: String
    public var direction: Direction

    public init(severity: String, summary: String, direction: Direction = .both) {
        self.severity = severity
        self.summary = summary
        self.direction = direction
    }
}
