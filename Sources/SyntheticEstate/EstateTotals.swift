import TelemetryModel

/// What really happened in a synthetic estate, counted where the events are made: the oracle for every report.
///
/// The objectives are those of the demo's resources, by name. An event counts once, however often it is delivered.
public struct EstateTotals: Sendable {
    public struct Count: Sendable, Equatable {
        public var good: Int64 = 0
        public var total: Int64 = 0
    }

    /// Of the objective that judges time slices, total is all slices of its window: minutes of 30 days.
    private static let windowSlices: [String: Int64] = ["checkout-latency": 43_200]

    public private(set) var objectives: [String: Count] = [:]
    public private(set) var events: [EventKind: Int] = [:]
    public private(set) var duplicates = 0
    public internal(set) var incidents: [ScheduledIncident] = []

    mutating func count(_ objective: String, good: Int64, total: Int64) {
        objectives[objective, default: Count()].good += good
        objectives[objective, default: Count()].total += total
        if let slices = EstateTotals.windowSlices[objective] { objectives[objective]?.total = slices }
    }

    mutating func countEvent(_ kind: EventKind) {
        events[kind, default: 0] += 1
    }

    mutating func countDuplicate() {
        duplicates += 1
    }

    /// The ledger as one JSON object, keys in a fixed order.
    public var json: String {
        let counted = objectives.sorted { $0.key < $1.key }.map { name, count in
            #"{"name":"\#(name)","good":\#(count.good),"total":\#(count.total)}"#
        }
        let kinds = EventKind.allCases.map { #""\#($0.rawValue)":\#(events[$0] ?? 0)"# }
        let happened = incidents.map { incident in
            #"{"name":"\#(incident.incident.rawValue)","target":"\#(incident.target)","start":"\#(incident.start)","#
                + #""end":"\#(incident.end)"}"#
        }
        return #"{"events":{\#(kinds.joined(separator: ","))},"duplicates":\#(duplicates),"#
            + #""slos":[\#(counted.joined(separator: ","))],"incidents":[\#(happened.joined(separator: ","))]}"#
    }
}
