import TelemetryModel

/// What `slo report` says of each objective at a point of event time.
public struct SLOReport: Sendable, Equatable {
    /// As asked for; the compliance windows end with the slice in which it lies.
    public var at: Timestamp
    /// By name.
    public var entries: [Entry]

    public struct Entry: Sendable, Equatable {
        public var terms: ObjectiveTerms
        /// What was counted begins and ends here: at slices, or at hours where only those are left, and the window then is
        /// `isWidened`.
        public var windowStart: Timestamp
        public var windowEnd: Timestamp
        public var isWidened: Bool
        /// Records; slices for `timeslices`.
        public var good: Int128
        public var total: Int128
        public var bad: Int128
        /// Slices of the window that hold no record.
        public var unknownSlices: Int64
        /// Records left out by maintenance windows.
        public var excluded: Int128
        /// Records that came after the lateness horizon.
        public var lateUncounted: Int128
        public var budget: Budget
        public var burnRates: [BurnRate]
        public var status: Status
        /// Those that cost the most budget, the worst first.
        public var worst: [WorstSlice]
        public var sources: [SourceSpan]
        /// Records that were gone before they were read.
        public var gaps: [UnreadSpan]
        /// good / total, or the mean of the slices' ratios for `ratioTimeslices`; `nil` without data.
        let indicator: ExactFraction?
        let remaining: ExactFraction?
    }

    /// In the unit of `Entry.total`; for `ratioTimeslices` in slices, of which each may be spent in part. As text,
    /// because the numbers are exact fractions that no integer or double holds.
    public struct Budget: Sendable, Equatable {
        /// (1 - target) × total.
        public var total: String
        public var spent: String
        /// Below 0 once more is spent than there was; `nil` without data, and when a budget of 0 is overspent.
        public var remainingRatio: String?
    }

    public enum Status: String, Sendable, CaseIterable {
        case met
        /// Met, but less than a fifth of the budget is left, or it burns as fast as the recommended alerts forbid.
        case atRisk = "at_risk"
        case violated
        case noData = "no_data"
    }

    public struct WorstSlice: Sendable, Equatable {
        public var start: Timestamp
        public var good: Int64
        public var total: Int64
    }

    public init(at time: Timestamp, ledgers: some Sequence<ObjectiveLedger>) {
        at = time
        entries = ledgers.map { $0.settled.reportEntry(at: time) }.sorted { $0.terms.name < $1.terms.name }
    }
}

extension ObjectiveLedger {
    /// The look-backs that reports show, as far as the compliance window reaches.
    static let reportedLookbacks: [Int64] = [1, 6, 24, 72].map { $0 * 3_600_000_000_000 }
    static let worstSlicesMax = 5

    func reportEntry(at time: Timestamp) -> SLOReport.Entry {
        let asked = lookback(terms.window.nanoseconds, endingAt: time)
        let range = widened(asked)
        let tally = tally(range)
        let (good, total) = terms.method.shown(tally)
        let (excluded, late) = exceptions(range)
        let badness = terms.badness(tally)
        let remaining = badness.flatMap { $0.divided(by: terms.target.complement)?.complement }
        let lookbacks = ObjectiveLedger.reportedLookbacks.filter { $0 <= terms.window.nanoseconds }
        return SLOReport.Entry(
            terms: terms, windowStart: grid.start(of: range.lowerBound), windowEnd: grid.start(of: range.upperBound),
            isWidened: range != asked, good: good, total: total, bad: total - good,
            unknownSlices: Int64(range.count) - tally.slices, excluded: excluded, lateUncounted: late,
            budget: budget(tally, remaining: remaining),
            burnRates: (lookbacks.isEmpty ? [terms.window.nanoseconds] : lookbacks).map {
                burnRate(over: $0, endingAt: time)
            },
            status: status(tally, remaining: remaining, at: time), worst: worstSlices(range), sources: sources(range),
            gaps: unread(range), indicator: badness?.complement, remaining: remaining)
    }

    private func budget(_ tally: Tally, remaining: ExactFraction?) -> SLOReport.Budget {
        let best = terms.method.scoreMax(tally)
        var unit: Int128 = 1
        if case .ratioTimeslices = terms.method { unit = BudgetingMethod.ratioUnit }
        return SLOReport.Budget(
            total: ExactFraction(best, unit).multiplied(by: terms.target.complement).decimal(fractionDigitsMax: 12),
            spent: ExactFraction(best - tally.score, unit).decimal(fractionDigitsMax: 12),
            remainingRatio: remaining?.decimal(fractionDigitsMax: 12))
    }

    private func status(_ tally: Tally, remaining: ExactFraction?, at time: Timestamp) -> SLOReport.Status {
        if tally.slices == 0 { return .noData }
        // Above a burn rate of 1 over the whole window, more than the budget is gone.
        if terms.isBurning(tally, above: .one) { return .violated }
        if let remaining, ExactFraction(1, 5) > remaining { return .atRisk }
        // The recommended alerts and not the objective's own: a report reads the same whatever pages whom.
        let end = grid.end(at: time)
        let isBurning = BurnRateAlert.defaults(window: terms.window.nanoseconds).contains { alert in
            let long = self.tally(end - grid.slices(in: alert.longNanoseconds)..<end)
            let short = self.tally(end - grid.slices(in: alert.shortNanoseconds)..<end)
            return long.total >= Int128(alert.trafficFloor) && terms.isBurning(long, above: alert.factor)
                && terms.isBurning(short, above: alert.factor)
        }
        return isBurning ? .atRisk : .met
    }

    /// The slices that cost the most budget; of equal ones the earlier. Of a folded block those that it kept.
    private func worstSlices(_ range: Range<Int64>) -> [SLOReport.WorstSlice] {
        var worst = WorstSlices(method: terms.method, countMax: ObjectiveLedger.worstSlicesMax)
        for block in folded(touching: range) {
            for slot in block.worst where range.contains(block.firstSlice + Int64(slot.slot)) {
                worst.take(block.firstSlice + Int64(slot.slot), good: slot.good, total: slot.total)
            }
        }
        for block in blocks(touching: range) { worst.take(block, in: range) }
        return worst.slices.map {
            SLOReport.WorstSlice(start: grid.start(of: $0.slice), good: $0.good, total: $0.total)
        }
    }
}
