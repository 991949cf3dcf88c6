import TelemetryModel

// When a burn-rate alert changes.
//
// An alert is judged at the end of each slice that holds data for its objective, in event-time order, once. It fires
// when the burn rates over its long and its short window are both above its factor and the long window holds at least
// the traffic floor of records; it is resolved at the first judged slice at which that no longer holds.
//
// A slice without data is not judged: an alert changes only on evidence. That is what makes a replay of files and live
// consumption tell the same story. Live, silent time passes because a broker's clock moves, in a replay because the next
// record is dated later, and how often the ledger is asked in between depends on batch sizes; were silence able to
// resolve an alert, all of that would show. As it is, the transitions are a function of the slices' counts at the time
// each of them was closed. The price: an alert whose traffic has ceased stays open until traffic returns or somebody
// closes it, which is right for an outage that stops all requests.
//
// Late records restate the counts of slices already judged, and reports show them; what was announced is not rewritten.

/// How far a ledger's alerts were judged, and which of them fire: all that a restart must bring back.
public struct BurnRateEvaluation: Sendable, Equatable {
    /// The end of the last slices judged; `nil` before the first.
    public var evaluatedEnd: Timestamp?
    /// For each alert in its objective's order, the end of the slice at which it fired; `nil` while it does not fire.
    public var firingSince: [Timestamp?]

    init(alerts: Int) {
        firingSince = Array(repeating: nil, count: alerts)
    }
}

/// A burn-rate alert fired or was resolved, with the numbers that made it so.
public struct BurnRateTransition: Sendable, Equatable {
    public var objective: ObjectiveTerms
    public var alert: BurnRateAlert
    public var isFiring: Bool
    /// The end of the slice that was judged.
    public var time: Timestamp
    /// When the alert fired; `time` itself where it fires now.
    public var firingSince: Timestamp
    public var long: BurnRate
    public var short: BurnRate
    /// How the budget goes on at the long window's rate.
    public var forecast: BudgetForecast
}

extension ObjectiveLedger {
    /// Judges the slices that end at `end` or earlier and were not judged yet, and returns what changed, in event-time
    /// order and, within a slice, in the alerts' order.
    ///
    /// To be called with the end of closed slices only: one whose records are all counted, as far as the lateness allows.
    public mutating func evaluate(through end: Timestamp) -> [BurnRateTransition] {
        let upper = grid.slice(holding: end)
        let lower = evaluation.evaluatedEnd.map(grid.slice(holding:)) ?? .min
        guard lower < upper else { return [] }
        evaluation.evaluatedEnd = grid.start(of: upper)
        guard !alerts.isEmpty else { return [] }
        var transitions: [BurnRateTransition] = []
        for block in blocks(touching: lower..<upper) {
            for slice in block.slices.clamped(to: lower..<upper)
            where block.isKnown(Int(slice - block.firstSlice)) {
                for place in alerts.indices {
                    if let transition = judge(place, endSlice: slice + 1) { transitions.append(transition) }
                }
            }
        }
        return transitions
    }

    /// Marks an alert of this objective as firing, as the shard's state of alerts says after a restart; false when there
    /// is no alert of that name. Without it a ledger would never resolve what it had announced before.
    @discardableResult
    public mutating func restoreFiring(alert name: String, since: Timestamp) -> Bool {
        guard let place = alerts.firstIndex(where: { $0.name == name }) else { return false }
        evaluation.firingSince[place] = since
        return true
    }

    private mutating func judge(_ place: Int, endSlice: Int64) -> BurnRateTransition? {
        let alert = alerts[place]
        let since = evaluation.firingSince[place]
        // The short window first: it costs less, and while all is well it settles the matter.
        let short = tally(endSlice - grid.slices(in: alert.shortNanoseconds)..<endSlice)
        let isShortBurning = terms.isBurning(short, above: alert.factor)
        if since == nil && !isShortBurning { return nil }
        let long = tally(endSlice - grid.slices(in: alert.longNanoseconds)..<endSlice)
        let isFiring =
            isShortBurning && terms.isBurning(long, above: alert.factor) && long.total >= Int128(alert.trafficFloor)
        if isFiring == (since != nil) { return nil }
        let time = grid.start(of: endSlice)
        evaluation.firingSince[place] = isFiring ? time : nil
        let longRate = BurnRate(lookbackNanoseconds: alert.longNanoseconds, tally: long, terms: terms)
        return BurnRateTransition(
            objective: terms, alert: alert, isFiring: isFiring, time: time, firingSince: since ?? time, long: longRate,
            short: BurnRate(lookbackNanoseconds: alert.shortNanoseconds, tally: short, terms: terms),
            forecast: forecast(endSlice: endSlice, at: longRate))
    }
}
