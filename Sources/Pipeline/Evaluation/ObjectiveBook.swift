import Aggregation
import Objectives
import TelemetryModel

/// The ledgers of all objectives, fed with what the counting stage measured.
struct ObjectiveBook: Sendable {
    private(set) var ledgers: [ObjectiveLedger]
    private let countsGood: [Bool]
    private let parts: [PipelinePlan.IndicatorPart]
    /// What was measured for each slice, beside `ledgers`; a slice that only a restored ledger knows is not here.
    private var tallies: [[Timestamp: SliceTally]]
    private var late: [[Timestamp: Int64]]

    init(plan: PipelinePlan) {
        ledgers = plan.objectives.map { ObjectiveLedger(objective: $0) }
        countsGood = plan.objectives.map { IndicatorPlan($0).countsGood }
        parts = plan.indicatorParts
        tallies = Array(repeating: [:], count: ledgers.count)
        late = Array(repeating: [:], count: ledgers.count)
    }

    /// Adds what one source's measures of a slice amount to.
    mutating func add(part: Int, slice: Timestamp, values: [MeasureValue]) {
        var added = SliceTally()
        for (value, role) in zip(values, parts[part].roles) { added.add(value, as: role) }
        add(part: part, slice: slice, tally: added)
    }

    /// Adds a difference: what a slice amounts to now, less what was added for it before.
    mutating func add(part: Int, slice: Timestamp, tally: SliceTally) {
        let objective = parts[part].objective
        tallies[objective][slice] = (tallies[objective][slice] ?? restored(objective, slice)) + tally
        restate(objective, slice)
    }

    /// Counts records of a slice that came after the horizon.
    mutating func addLate(part: Int, slice: Timestamp, total: Int64) {
        let objective = parts[part].objective
        if tallies[objective][slice] == nil { tallies[objective][slice] = restored(objective, slice) }
        late[objective][slice, default: ledgers[objective].counts(at: slice).late] += total
        restate(objective, slice)
    }

    /// Remembers which records of a source had events of `kind` in an hour of event time.
    mutating func note(_ span: SourceSpan, kind: EventKind, hour: Timestamp) {
        for index in ledgers.indices where reads(objective: index, kind) { ledgers[index].note(span, at: hour) }
    }

    /// Takes a block of an objective as it was published, before anything is added, and up to when it was judged.
    mutating func restore(_ record: WindowRecord, evaluatedThrough: Timestamp?) {
        guard let index = ledgers.firstIndex(where: { $0.terms.name == record.terms.name }),
            ledgers[index].adopt(record), let evaluatedThrough
        else { return }
        let before = ledgers[index].evaluation.evaluatedEnd ?? evaluatedThrough
        ledgers[index].evaluation.evaluatedEnd = max(before, evaluatedThrough)
    }

    /// Takes an alert that was firing, so that the objective knows what there is to resolve.
    mutating func restoreFiring(objective: String, alert: String, since: Timestamp) {
        guard let index = ledgers.firstIndex(where: { $0.terms.name == objective }) else { return }
        ledgers[index].restoreFiring(alert: alert, since: since)
    }

    mutating func evaluate(objective: Int, through end: Timestamp) -> [BurnRateTransition] {
        ledgers[objective].evaluate(through: end)
    }

    mutating func takeChangedRecords(objective: Int) -> [WindowRecord] {
        ledgers[objective].takeChangedRecords()
    }

    /// Forgets the tallies of slices that no event can change any more.
    mutating func forgetTallies(before time: Timestamp) {
        for index in tallies.indices {
            tallies[index] = tallies[index].filter { $0.key >= time }
            late[index] = late[index].filter { $0.key >= time }
        }
    }

    private func restored(_ objective: Int, _ slice: Timestamp) -> SliceTally {
        let counts = ledgers[objective].counts(at: slice)
        return SliceTally(good: counts.good, bad: counts.total - counts.good, total: counts.total)
    }

    private func reads(objective: Int, _ kind: EventKind) -> Bool {
        parts.contains { $0.objective == objective && $0.plan.definition.source == kind }
    }

    private mutating func restate(_ objective: Int, _ slice: Timestamp) {
        // What only the ledger knows, restored or forgotten here, must not be overwritten with nothing.
        let counts = (tallies[objective][slice] ?? SliceTally()).counts(
            countsGood: countsGood[objective],
            late: late[objective][slice] ?? ledgers[objective].counts(at: slice).late)
        do {
            try ledgers[objective].set(counts, at: slice)
        } catch {
            // `counts` are never negative, and setting cannot overflow.
            preconditionFailure("a ledger refused counts that cannot be wrong: \(error)")
        }
    }
}
