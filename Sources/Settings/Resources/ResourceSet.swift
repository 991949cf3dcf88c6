import Aggregation
import Objectives
import Signals

/// Everything that resources declare, checked and with all references resolved; each list in the order of the files.
public struct ResourceSet: Sendable, Equatable {
    public var services: [ServiceDefinition] = []
    /// One for each entry of an SLO's `objectives`.
    public var objectives: [ServiceLevelObjective] = []
    public var rollups: [RollupDefinition] = []
    public var monitors: [AnomalyMonitorDefinition] = []
    public var notificationTargets: [NotificationTargetDefinition] = []
    /// What they were read from; a file of settings, which may hold resources too, is not among them.
    public var files = FileDigests()

    public init() {}

    public var isEmpty: Bool {
        services.isEmpty && objectives.isEmpty && rollups.isEmpty && monitors.isEmpty && notificationTargets.isEmpty
    }
}

/// An OpenSLO `Service`: what objectives are grouped by.
public struct ServiceDefinition: Sendable, Equatable {
    public var name: String
    public var displayName: String?
    public var description: String?

    public init(name: String, displayName: String? = nil, description: String? = nil) {
        self.name = name
        self.displayName = displayName
        self.description = description
    }
}

/// An OpenSLO `AlertNotificationTarget`. Every alert goes to the feed and to what the settings name; targets are kept
/// so that references to them are checked.
public struct NotificationTargetDefinition: Sendable, Equatable {
    public var name: String
    /// As it is written: "pagerduty", "slack", "email".
    public var target: String
    public var description: String?

    public init(name: String, target: String, description: String? = nil) {
        self.name = name
        self.target = target
        self.description = description
    }
}
