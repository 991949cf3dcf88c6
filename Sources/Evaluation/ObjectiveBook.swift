import Aggregation
import Objectives
import Planning
import TelemetryModel

/// The ledgers of some objectives, fed with what the counting stage measured.
package struct ObjectiveBook: Sendable {
    package private(set) var ledgers: [ObjectiveLedger]
    /// The sources that each objective reads, beside `ledgers`.
    private let kinds: [Set<EventKind>]
    private let places: [String: Int]

    /// - Parameter isOwn: which objectives belong here.
    package init(plan: PipelinePlan, where isOwn: (String) -> Bool = { _ in true }) {
        let own = plan.objectives.indices.filter { isOwn(plan.objectives[$0].name) }
        ledgers = own.map { ObjectiveLedger(objective: plan.objectives[$0]) }
        kinds = own.map { objective in
            Set(plan.indicatorParts.filter { $0.objective == objective }.map(\.plan.definition.source))
        }
        places = Dictionary(uniqueKeysWithValues: own.enumerated().map { (plan.objectives[$1].name, $0) })
    }

    /// Adds to an objective's slices; what its blocks include already, by their stamps, is passed over. Files have no
    /// stamps, and are added once.
    package mutating func add(_ deltas: [SliceDelta], to objective: String, stamp: Int64?) {
        guard let place = places[objective] else { return }
        ledgers[place].apply(deltas, stamp: stamp)
    }

    /// Remembers which records of a source had events of `kind` in an hour of event time, where the objective reads them.
    package mutating func note(_ span: SourceSpan, kind: EventKind, hour: Timestamp, for objective: String) {
        guard let place = places[objective], kinds[place].contains(kind) else { return }
        ledgers[place].note(span, at: hour)
    }

    /// As above, for all objectives.
    package mutating func note(_ span: SourceSpan, kind: EventKind, hour: Timestamp) {
        for place in ledgers.indices where kinds[place].contains(kind) { ledgers[place].note(span, at: hour) }
    }

    /// Takes the ledgers of these objectives as they were restored, before anything is added; those of others are passed
    /// over.
    package mutating func restore(_ restored: [ObjectiveLedger]) {
        for ledger in restored {
            if let place = places[ledger.terms.name] { ledgers[place] = ledger }
        }
    }

    /// All slices that end by `time` were judged before.
    package mutating func restoreJudged(through time: Timestamp) {
        for place in ledgers.indices {
            ledgers[place].evaluation.evaluatedEnd = max(ledgers[place].evaluation.evaluatedEnd ?? time, time)
        }
    }

    /// Takes an alert that was firing, so that the objective knows what there is to resolve.
    package mutating func restoreFiring(objective: String, alert: String, since: Timestamp) {
        guard let place = places[objective] else { return }
        ledgers[place].restoreFiring(alert: alert, since: since)
    }

    /// Judges the slices that end by `end`, in the order of objectives.
    package mutating func evaluate(through end: Timestamp) -> [BurnRateTransition] {
        ledgers.indices.flatMap { ledgers[$0].evaluate(through: end) }
    }

    /// Judges every slice there is.
    package mutating func evaluateAll() -> [BurnRateTransition] {
        ledgers.indices.flatMap { place in ledgers[place].dataEnd.map { ledgers[place].evaluate(through: $0) } ?? [] }
    }

    package mutating func takeChangedRecords() -> [WindowRecord] {
        ledgers.indices.flatMap { ledgers[$0].takeChangedRecords() }
    }

    /// Keys of published records that others have taken the place of, with their objectives; to be taken back after the
    /// changed records are published.
    package mutating func takeSupersededKeys() -> [(objective: String, key: String)] {
        ledgers.indices.flatMap { place in
            ledgers[place].takeSupersededKeys().map { (ledgers[place].terms.name, $0) }
        }
    }

    /// Folds what is old and forgets what no window reaches, seen from an objective's newest data: silent partitions let time
    /// go on by the clock, and what a source tells of a time long ago must not be forgotten for that.
    package mutating func advance(to time: Timestamp) {
        for place in ledgers.indices {
            guard let end = ledgers[place].dataEnd else { continue }
            ledgers[place].advance(to: min(time, end))
        }
    }

    /// Remembers that records of a source were gone before they were read, for the objectives that may miss them.
    package mutating func note(_ gap: UnreadSpan, at time: Timestamp) {
        for place in ledgers.indices { ledgers[place].note(gap, at: time) }
    }

    /// As above, for one objective.
    package mutating func note(_ gap: UnreadSpan, at time: Timestamp, for objective: String) {
        if let place = places[objective] { ledgers[place].note(gap, at: time) }
    }

    /// Which assignment of the objectives publishes their records from now on.
    package mutating func setEpoch(_ epoch: Int64) {
        for place in ledgers.indices { ledgers[place].epoch = epoch }
    }
}
