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

    init(_ incident: Incident, target: String, estateStart: Timestamp, estateMinutes: Int) {
        let (fraction, length) = incident.minutes
        let first = min(Int(Double(estateMinutes) * fraction), max(0, estateMinutes - 1))
        self.incident = incident
        self.target = target
        minutes = first..<min(first + length, estateMinutes)
        start = estateStart.advanced(by: Int64(minutes.lowerBound) * SyntheticEstate.minute)
        end = estateStart.advanced(by: Int64(minutes.upperBound) * SyntheticEstate.minute)
    }
}
