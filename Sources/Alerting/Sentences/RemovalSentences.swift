/// What a person reads of an alert that ended because nothing judges it any more.
extension AlertRemoval {
    public static func objective(_ name: String) -> AlertRemoval {
        AlertRemoval(because: "the SLO '\(name)' is no longer declared")
    }

    /// Of an alert of an objective that is still there.
    public static func policy(objective: String, alert: String) -> AlertRemoval {
        AlertRemoval(because: "the SLO '\(objective)' no longer has the alert '\(alert)'")
    }

    /// The SLO is there, and is grouped by other fields, or not at all.
    public static func objectiveGroups(_ name: String) -> AlertRemoval {
        AlertRemoval(because: "the SLO '\(name)' has other groups")
    }

    /// The group has ended.
    public static func groupSilent(for window: String) -> AlertRemoval {
        AlertRemoval(because: "the group has had no records for \(window), the whole window")
    }

    public static func monitor(_ name: String) -> AlertRemoval {
        AlertRemoval(because: "the monitor '\(name)' is no longer declared")
    }

    /// The monitor is there, and raises no alerts.
    public static func monitorAlert(_ name: String) -> AlertRemoval {
        AlertRemoval(because: "the monitor '\(name)' no longer raises alerts")
    }

    /// The monitor is there, and its rollup groups by other columns.
    public static func monitorGroups(_ name: String) -> AlertRemoval {
        AlertRemoval(because: "the rollup of the monitor '\(name)' groups by other columns")
    }

    /// The monitor is there, and what it knew of the group is gone.
    public static func monitorReset(_ name: String) -> AlertRemoval {
        AlertRemoval(because: "the monitor '\(name)' has begun anew")
    }

    /// Its labels name nothing that judges alerts.
    public static let unknown = AlertRemoval(because: "what judged it is not known")

    public var reason: String { "\(cause): nothing judges it any more" }

    /// Behind what the alert is of.
    var summary: String { "closed, not recovered, because \(cause)" }
}
