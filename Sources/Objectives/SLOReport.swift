import TelemetryModel

/// What `slo report` says of each objective at a point of event time.
public struct SLOReport: Sendable, Equatable {
    /// As asked for, else the end of the newest slice with data; the compliance windows end with the slice in which it lies.
    /// `nil` where nothing was counted and nothing was asked for.
    public var at: Timestamp?
    /// By name.
    public var entries: [Entry]
    /// What makes numbers doubtful beside those of one objective.
    public var warnings: [ReportWarning] = []
    /// What was looked at, for a report over nothing: a sentence without its full stop.
    public var origin: String?
    /// What made the report.
    public var provenance: Provenance?

    public struct Entry: Sendable, Equatable {
        public var terms: ObjectiveTerms
        /// What was counted begins and ends here: at slices, or at quarters of an hour (hours, in days downsampled by 0.1.0) where
        /// only those are left, and the window then is `isWidened`.
        public var windowStart: Timestamp
        public var windowEnd: Timestamp
        public var isWidened: Bool
        /// Records; slices for `timeslices`, whose total is all slices of the window.
        public var good: Int128
        public var total: Int128
        public var bad: Int128
        /// Slices of the window that hold no record: neither good nor bad.
        public var unknownSlices: Int64
        /// Slices whose good or bad exceeded their total, which are in no sum. Those that are still open, where counts of
        /// different sources may be on their way, are left out of this too.
        public var inconsistentSlices: Int64
        /// When counting began, or the window's start where it began before; `nil` where nothing is known.
        public var countedSince: Timestamp?
        /// Records that came after the lateness horizon.
        public var lateUncounted: Int128
        public var budget: Budget
        public var burnRates: [BurnRate]
        public var status: Status
        /// What makes the numbers doubtful.
        public var warnings: [ReportWarning]
        /// It is in no resource that the report was given.
        public var isUnknown = false
        /// What was counted by other definitions, the newest last.
        public var former: [FormerHistory] = []
        /// Those that cost the most budget, the worst first.
        public var worst: [WorstSlice]
        public var sources: [SourceSpan]
        /// Records that were gone before they were read.
        public var gaps: [UnreadSpan]
        /// good / total, or the mean of the slices' ratios for `ratioTimeslices`; `nil` without data.
        package var indicator: ExactFraction?
        package var remaining: ExactFraction?
        /// How many groups it adds up, where it is not one.
        package var foldedGroups = 0
    }

    /// In the unit of `Entry.total`; for `ratioTimeslices` in slices, of which each may be spent in part. As text,
    /// because the numbers are exact fractions that no integer or double holds.
    public struct Budget: Sendable, Equatable {
        /// (1 - target) × total; for `ratioTimeslices` × the slices with data.
        public var total: String
        public var spent: String
        /// Below 0 once more is spent than there was; `nil` without data, and when a budget of 0 is overspent.
        public var remainingRatio: String?
    }

    /// The first that applies, in this order.
    public enum Status: String, Sendable, CaseIterable {
        /// The window holds slices whose good or bad exceeds their total: the SLO selects what contradicts itself.
        case invalid
        case noData = "no_data"
        case violated
        /// Met, but less than a fifth of the budget is left, or it burns as fast as the recommended alerts forbid.
        case atRisk = "at_risk"
        /// Met as far as is known, which is too little: counting began after the window's first half, or of a Timeslices
        /// objective's slices since then more than half are unknown.
        case incomplete
        case met
    }

    public struct WorstSlice: Sendable, Equatable {
        public var start: Timestamp
        public var good: Int64
        public var total: Int64
    }

    /// - Parameter time: `nil` for the end of the newest slice with data.
    public init(at time: Timestamp? = nil, ledgers: some Collection<ObjectiveLedger>, origin: String? = nil) {
        let settled = ledgers.map(\.settled)
        let newest = settled.compactMap(\.dataEnd).max()
        at = time ?? newest
        self.origin = origin
        // Without data no time makes a difference.
        let end = at ?? Timestamp(nanoseconds: 0)
        let wholes = settled.indices.filter { settled[$0].terms.group == nil }
        var groups: [Entry] = []
        if wholes.count < settled.count {
            // A group was read as long as the whole was.
            let began = Dictionary(
                wholes.map { (settled[$0].terms.name, settled[$0].countingBegan) },
                uniquingKeysWith: { first, _ in first })
            groups = settled.lazy.filter { $0.terms.group != nil }.map { ledger in
                ledger.reading(since: began[ledger.terms.name] ?? nil).reportEntry(at: end, newest: newest)
            }
            groups.removeAll { $0.status == .noData }
        }
        let grouped = Set(groups.map(\.terms.name))
        entries = wholes.filter { !grouped.contains(settled[$0].terms.name) }.map {
            settled[$0].reportEntry(at: end, newest: newest)
        }
        entries = (entries + groups).sorted { $0.terms.precedes($1.terms) }
    }

    /// Says which records an objective's counts are without.
    public mutating func note(_ gaps: [UnreadSpan], of objective: String) {
        for place in entries.indices where entries[place].terms.name == objective {
            entries[place].gaps = Set(entries[place].gaps + gaps).sorted()
            // What matched may stand in what is missing.
            entries[place].warnings.removeAll { $0.code == .selectorUnmatched }
        }
    }

    /// Marks SLOs that are none of `known`: what is in the windows and in no resource.
    public mutating func markUnknown(besides known: [String]) {
        let known = Set(known)
        for place in entries.indices where !known.contains(entries[place].terms.name) {
            entries[place].isUnknown = true
            entries[place].warnings.append(
                ReportWarning(
                    code: .objectiveUnknown, subject: "SLO \(entries[place].terms.name)",
                    text:
                        "unknown: in no resource given; it was removed or renamed, or somebody else has written its windows"
                ))
        }
    }

    /// Whether no objective has a single slice with data.
    public var isOverNothing: Bool { entries.allSatisfy { $0.status == .noData } }
}

extension ObjectiveLedger {
    /// The look-backs that reports show, as far as the compliance window reaches.
    package static let reportedLookbacks: [Int64] = [1, 6, 24, 72].map { $0 * 3_600_000_000_000 }
    static let worstSlicesMax = 5

    /// - Parameter newest: how far event time is known to have come, where that is later than this objective's data and `time`.
    func reportEntry(at time: Timestamp, newest: Timestamp? = nil) -> SLOReport.Entry {
        let asked = covered(at: time)
        let range = widened(asked, newest: max(newest ?? time, time))
        let tally = tally(range)
        let (good, total, bad) = terms.method.shown(tally)
        let badness = terms.badness(tally)
        let remaining = badness.flatMap { $0.divided(by: terms.target.complement)?.complement }
        return SLOReport.Entry(
            terms: shownTerms, windowStart: grid.start(of: range.lowerBound),
            windowEnd: grid.start(of: range.upperBound),
            isWidened: range != asked, good: good, total: total, bad: bad,
            unknownSlices: Int64(range.count) - tally.slices - tally.inconsistent,
            inconsistentSlices: closedInconsistent(range),
            countedSince: countingBegan.map { max($0, grid.start(of: range.lowerBound)) },
            lateUncounted: late(range),
            budget: budget(tally, remaining: remaining),
            burnRates: lookbacks(at: time).map { burnRate(over: $0, endingAt: time) },
            status: status(range, tally, remaining: remaining, at: time),
            warnings: unmatched(range).names.map { ReportWarning(unmatched: $0, of: terms, total: tally.total) },
            worst: worstSlices(range), sources: sources(range),
            gaps: unread(range), indicator: badness?.complement, remaining: remaining)
    }

    /// As far as a whole window reaches; the window itself where it is shorter than all of them.
    private func lookbacks(at time: Timestamp) -> [Int64] {
        let window = terms.window.whole(at: time)
        let whole = window.upperBound.nanoseconds - window.lowerBound.nanoseconds
        let lookbacks = ObjectiveLedger.reportedLookbacks.filter { $0 <= whole }
        return lookbacks.isEmpty ? [whole] : lookbacks
    }

    /// With the definition only where records tell it, so that a report from records says what one from memory says.
    private var shownTerms: ObjectiveTerms {
        var shown = terms
        shown.adoptsUnbound = false
        if !tellsDefinition { shown.definition = nil }
        return shown
    }

    private func budget(_ tally: Tally, remaining: ExactFraction?) -> SLOReport.Budget {
        var unit: Int128 = 1
        if case .ratioTimeslices = terms.method { unit = BudgetingMethod.ratioUnit }
        let whole = ExactFraction(terms.method.whole(tally), unit)
        return SLOReport.Budget(
            total: whole.multiplied(by: terms.target.complement).decimal(fractionDigitsMax: 12),
            spent: ExactFraction(terms.method.bad(tally), unit).decimal(fractionDigitsMax: 12),
            remainingRatio: remaining?.decimal(fractionDigitsMax: 12))
    }

    /// The slices that cost the most budget; of equal ones the earlier. Of a downsampled block those that it kept.
    private func worstSlices(_ range: Range<Int64>) -> [SLOReport.WorstSlice] {
        var worst = WorstSlices(method: terms.method, countMax: ObjectiveLedger.worstSlicesMax)
        for block in downsampled(touching: range) {
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
