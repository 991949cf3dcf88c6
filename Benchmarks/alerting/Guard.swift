import Objectives
import TelemetryModel

/// What keeps too little data from paging: the same burn rates, the same resolution, another guard.
enum Guard: CaseIterable {
    /// Tidewatch's: the exact bound, with a confidence of 0.999.
    case exact
    /// Thirty records in the long look-back: Tidewatch's before.
    case floor
    /// Three failures in the long look-back: Grafana's `min_failures`.
    case minFailures
    case none

    var name: String {
        switch self {
        case .exact: "exact bound"
        case .floor: "floor of 30"
        case .minFailures: "min_failures 3"
        case .none: "none"
        }
    }
}

/// A page or a ticket, from its opening to its end.
struct Incident {
    let isPage: Bool
    let opened: Int
    /// `nil` while it is open.
    var resolved: Int?
}

/// A series judged at the end of each minute with data, from `first` on.
///
/// `exact` is the product's own ledger. The others are judged here on sums of the series, by the same rules but for their guard: page or ticket,
/// the ticket held back by the page, kept firing for the shortest look-back.
struct Judge {
    static let target = Ratio(999, 1000)
    static let budget = 0.001

    let series: Series
    private let totals: [Int64]
    private let bads: [Int64]

    init(_ series: Series) {
        self.series = series
        func sums(_ values: [Int32]) -> [Int64] {
            var sum: Int64 = 0
            return [0]
                + values.map {
                    sum += Int64($0)
                    return sum
                }
        }
        totals = sums(series.total)
        bads = sums(series.bad)
    }

    func incidents(_ guarding: Guard, from first: Int = 0) -> [Incident] {
        guarding == .exact ? byLedger(from: first) : bySums(guarding, from: first)
    }

    // MARK: The product's ledger

    private static let minute: Int64 = 60_000_000_000
    /// 2026-01-01T00:00:00Z.
    private static let start: Int64 = 1_767_225_600_000_000_000

    private func byLedger(from first: Int) -> [Incident] {
        var ledger = ObjectiveLedger(
            terms: ObjectiveTerms(
                name: "study", service: "study", window: .rolling(nanoseconds: 30 * 1440 * Judge.minute),
                method: .occurrences, target: Judge.target),
            alerts: ObjectiveAlert.defaults(window: 30 * 1440 * Judge.minute, target: Ratio(999, 1000)))
        var incidents: [Incident] = []
        var open: [String: Int] = [:]
        for minute in 0..<series.minutes {
            let time = Timestamp(nanoseconds: Judge.start + Int64(minute) * Judge.minute)
            if series.total[minute] > 0 {
                let delta = SliceDelta(
                    start: time, good: Int64(series.total[minute] - series.bad[minute]),
                    total: Int64(series.total[minute]))
                ledger.apply([delta], stamp: Int64(minute))
            }
            let end = time.advanced(by: Judge.minute)
            if minute < first {
                ledger.evaluation.evaluatedEnd = end
                continue
            }
            for transition in ledger.evaluate(through: end) {
                let name = transition.alert.name
                if transition.isFiring {
                    open[name] = incidents.count
                    incidents.append(Incident(isPage: name == ObjectiveAlert.page, opened: minute + 1))
                } else if let place = open.removeValue(forKey: name) {
                    incidents[place].resolved = minute + 1
                }
            }
            if minute % 1440 == 1439 { ledger.advance(to: end) }
        }
        return incidents
    }

    // MARK: Sums

    private struct Rate {
        let factor: Double
        let long: Int
        let short: Int
    }

    private static let alerts: [[Rate]] = [
        [Rate(factor: 14.4, long: 60, short: 5), Rate(factor: 6, long: 360, short: 30)],
        [Rate(factor: 3, long: 1440, short: 120), Rate(factor: 1, long: 4320, short: 360)],
    ]

    private func bySums(_ guarding: Guard, from first: Int) -> [Incident] {
        var incidents: [Incident] = []
        var open: [Int?] = [nil, nil]
        var lastFiring = [0, 0]
        for minute in first..<series.minutes where series.total[minute] > 0 {
            let end = minute + 1
            for (place, rates) in Judge.alerts.enumerated() {
                let keep = place == 0 ? 5 : 120
                let isOpen = open[place] != nil
                if !isOpen && place == 1 && open[0] != nil { continue }
                if rates.contains(where: { holds($0, end, isOpen ? .none : guarding) }) {
                    lastFiring[place] = end
                    if !isOpen {
                        open[place] = incidents.count
                        incidents.append(Incident(isPage: place == 0, opened: end))
                    }
                } else if let incident = open[place], end - lastFiring[place] >= keep {
                    incidents[incident].resolved = end
                    open[place] = nil
                }
            }
        }
        return incidents
    }

    private func holds(_ rate: Rate, _ end: Int, _ guarding: Guard) -> Bool {
        let short = sum(bads, end, rate.short)
        if Double(short) <= rate.factor * Judge.budget * Double(sum(totals, end, rate.short)) { return false }
        let (bad, total) = (sum(bads, end, rate.long), sum(totals, end, rate.long))
        if Double(bad) <= rate.factor * Judge.budget * Double(total) { return false }
        switch guarding {
        case .floor: return total >= 30
        case .minFailures: return bad >= 3
        case .exact, .none: return true
        }
    }

    private func sum(_ sums: [Int64], _ end: Int, _ length: Int) -> Int64 { sums[end] - sums[max(0, end - length)] }
}
