import SyntheticEstate
import TelemetryModel

/// The estate that the demo plays.
enum DemoEstate {
    /// How long before the clock its hour ends. Event time comes no further than the clock where nothing comes any more, and a window is
    /// judged once all that may come late to it has come; what is older than an hour when it is found out pages nobody.
    private static let restMinutes: Int64 = 18

    /// An hour with all incidents, that ends a little before `now`: so what it alerts of is news.
    static func make(seed: UInt64, endingBefore now: Timestamp) -> SyntheticEstate {
        let minute = 60 * Timestamp.nanosecondsPerSecond
        let end = now.windowStart(length: minute).advanced(by: -restMinutes * minute)
        var settings = EstateSettings(start: end.advanced(by: -60 * minute))
        settings.minutes = 60
        settings.seed = seed
        settings.incidents = Incident.allCases
        return SyntheticEstate(settings: settings)
    }
}

extension Incident {
    var title: String {
        switch self {
        case .zoneOutage: "targets of an Availability Zone fail"
        case .portScan: "port scan of a network interface"
        case .failedSignIns: "burst of failed console sign-ins"
        }
    }
}
