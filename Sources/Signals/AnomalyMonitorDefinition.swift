import Statistics
import TelemetryModel

/// An `AnomalyMonitor` resource: a value of a rollup, watched group by group.
public struct AnomalyMonitorDefinition: Sendable, Equatable {
    public static let defaultEmptyWindows = 60

    public var name: String
    /// The rollup's name.
    public var rollup: String
    /// An expression over the rollup's measures.
    public var value: String
    public var method: Detector
    /// What is unusual whatever was before.
    public var limits = AnomalyLimits()
    /// A deviation that has lasted for so many windows is what is usual from then on.
    public var acceptAfterWindows = DetectedSeries.Terms.defaultAcceptAfter
    /// For so many windows without a record of it a group is taken to be at 0; then it is forgotten.
    public var emptyWindows = AnomalyMonitorDefinition.defaultEmptyWindows
    /// `nil`: flags are written, and no alert is raised.
    public var alert: AnomalyAlertDefinition?
    /// For people and routes, never for what is judged.
    public var description = ResourceDescription()

    public init(name: String, rollup: String, value: String, method: Detector, alert: AnomalyAlertDefinition? = nil) {
        self.name = name
        self.rollup = rollup
        self.value = value
        self.method = method
        self.alert = alert
    }
}

/// Values beyond which a group alerts, however many came before, and as long as they are beyond.
public struct AnomalyLimits: Sendable, Equatable {
    public var above: Double?
    public var below: Double?

    public init(above: Double? = nil, below: Double? = nil) {
        self.above = above
        self.below = below
    }

    var isEmpty: Bool { above == nil && below == nil }

    /// On which side of what limit a value lies.
    func exceeded(by value: Double) -> (direction: AnomalyDirection, limit: Double)? {
        if let above, value > above { return (.up, above) }
        if let below, value < below { return (.down, below) }
        return nil
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
    /// On which side of what is usual; a limit alerts on its own.
    public var direction: Direction
    /// The alert resolves with so many windows in a row that do not call for it.
    public var keepFiringWindows: Int

    public init(severity: String, summary: String, direction: Direction = .both, keepFiringWindows: Int = 1) {
        self.severity = severity
        self.summary = summary
        self.direction = direction
        self.keepFiringWindows = keepFiringWindows
    }

    func asks(for direction: AnomalyDirection) -> Bool {
        switch (self.direction, direction) {
        case (.both, _), (.up, .up), (.down, .down): true
        case (.up, .down), (.down, .up): false
        }
    }
}
