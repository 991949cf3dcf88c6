// What a person reads of an alert whose judge is gone.

extension AlertRemoval {
    private var cause: String {
        switch self {
        case .objective(let name): "the SLO '\(name)' is no longer declared"
        case .policy(let objective, let alert): "the SLO '\(objective)' no longer has the alert '\(alert)'"
        case .monitor(let name): "the monitor '\(name)' is no longer declared"
        case .monitorAlert(let name): "the monitor '\(name)' no longer raises alerts"
        case .monitorGroups(let name): "the rollup of the monitor '\(name)' groups by other columns"
        case .monitorReset(let name): "the monitor '\(name)' has begun anew"
        case .unknown: "what judged it is not known"
        }
    }

    public var reason: String { "\(cause): nothing judges it any more" }

    /// Behind what the alert is of.
    var summary: String { "closed, not recovered, because \(cause)" }
}
