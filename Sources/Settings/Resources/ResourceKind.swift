import TelemetryModel

/// The kinds of document that a configuration may hold, by their API version.
enum ResourceKind: Hashable {
    case openSLO(OpenSLO)
    case tidewatch(Tidewatch)

    static let openSLOVersion = "openslo/v1"
    static let tidewatchVersion = "tidewatch/v1"

    enum OpenSLO: String, CaseIterable {
        case dataSource = "DataSource"
        case slo = "SLO"
        case sli = "SLI"
        case alertPolicy = "AlertPolicy"
        case alertCondition = "AlertCondition"
        case alertNotificationTarget = "AlertNotificationTarget"
        case service = "Service"
    }

    enum Tidewatch: String, CaseIterable {
        case rollup = "Rollup"
        case anomalyMonitor = "AnomalyMonitor"
        case alertPolicy = "AlertPolicy"
        case settings = "Settings"
    }

    /// Kinds that the format has a name for, and that this version does not run.
    static let unsupportedTidewatchKinds = ["MetricAlarm", "CompositeAlarm", "MaintenanceWindow", "Silence", "Route"]

    var name: String {
        switch self {
        case .openSLO(let kind): kind.rawValue
        case .tidewatch(let kind): kind.rawValue
        }
    }
}
