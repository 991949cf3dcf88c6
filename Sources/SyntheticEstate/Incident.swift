import TelemetryModel

/// Something that goes wrong in a synthetic estate, on request.
public enum Incident: String, CaseIterable, Sendable {
    /// The targets of one Availability Zone answer most requests with 5xx, for ten minutes.
    case zoneOutage = "zone-outage"
    /// One outside address tries thousands of ports of one network interface, for five minutes.
    case portScan = "port-scan"
    /// A burst of failed console sign-ins to one account, for three minutes.
    case failedSignIns = "failed-sign-ins"

    /// Where the incident begins and ends, as fractions of the estate's whole time, so that any duration shows it.
    var minutes: (startFraction: Double, length: Int) {
        switch self {
        case .zoneOutage: (0.40, 10)
        case .portScan: (0.62, 5)
        case .failedSignIns: (0.78, 3)
        }
    }
}

/// An incident with its place in time, as the ledger records it.
public struct ScheduledIncident: Sendable {
    public let incident: Incident
    /// Minutes since the estate's start.
    public let minutes: Range<Int>
    public let start: Timestamp
    public let end: Timestamp
    /// What it strikes: a zone, a network interface, an account.
    public let target: String

    /// - Parameter first: the minute in which it begins.
    private init(_ incident: Incident, target: String, first: Int, of settings: EstateSettings) {
        self.incident = incident
        self.target = target
        minutes = first..<min(first + incident.minutes.length, settings.minutes)
        start = settings.start.advanced(by: Int64(minutes.lowerBound) * SyntheticEstate.minute)
        end = settings.start.advanced(by: Int64(minutes.upperBound) * SyntheticEstate.minute)
    }

    static func all(of settings: EstateSettings, in inventory: EstateInventory) -> [ScheduledIncident] {
        settings.incidents.flatMap { incident -> [ScheduledIncident] in
            let fraction = incident.minutes.startFraction
            guard let interval = settings.incidentInterval else {
                let first = min(Int(Double(settings.minutes) * fraction), max(0, settings.minutes - 1))
                let target = inventory.target(of: incident, occurrence: 0)
                return [ScheduledIncident(incident, target: target, first: first, of: settings)]
            }
            // The first half of an interval is quiet: baselines have to be learned.
            let firsts = stride(
                from: interval / 2 + Int(Double(interval) * fraction), to: settings.minutes, by: interval)
            return firsts.enumerated().map { occurrence, first in
                ScheduledIncident(
                    incident, target: inventory.target(of: incident, occurrence: occurrence), first: first, of: settings
                )
            }
        }
    }
}
