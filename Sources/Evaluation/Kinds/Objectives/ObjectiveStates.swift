import Aggregation
import Objectives
import Planning
import Records
import TelemetryModel

/// The ledgers of some objectives, fed with what the counting stage measured.
package struct ObjectiveStates: Sendable {
    /// Of the plan's objectives, by the definitions that they have there.
    package private(set) var ledgers: [ObjectiveLedger]
    /// What is counted by other definitions, and of objectives that the plan doesn't have.
    package private(set) var former: FormerHistories
    /// The sources that each objective reads, beside `ledgers`.
    private let kinds: [Set<EventKind>]
    /// Beside `ledgers`: whether good and total come from the same records.
    private let countsSameRecords: [Bool]
    private let places: [String: Int]

    /// - Parameter isOwn: which objectives belong here.
    package init(plan: PipelinePlan, where isOwn: (String) -> Bool = { _ in true }) {
        let own = plan.objectives.indices.filter { isOwn(plan.objectives[$0].name) }
        ledgers = own.map { place in
            var ledger = ObjectiveLedger(objective: plan.objectives[place], definition: plan.definitions[place])
            ledger.tellsDefinition = plan.form.tellsDefinitions
            return ledger
        }
        former = FormerHistories()
        var sources = Array(repeating: Set<EventKind>(), count: plan.objectives.count)
        for part in plan.indicatorParts { sources[part.objective].insert(part.plan.definition.source) }
        kinds = own.map { sources[$0] }
        countsSameRecords = zip(own, kinds).map { plan.objectives[$0].indicator.countsSameRecords(of: $1) }
        places = Dictionary(uniqueKeysWithValues: own.enumerated().map { (plan.objectives[$1].name, $0) })
    }

    /// Judges slices twice, by what had arrived.
    ///
    /// - Parameter lateness: the longest of the inputs that may hold some kinds of event.
    package mutating func judgeByArrival(lateness: (Set<EventKind>) -> Int64) {
        for place in ledgers.indices {
            ledgers[place].judgement = JudgementTerms(
                latenessNanoseconds: lateness(kinds[place]), opensProvisionally: countsSameRecords[place])
        }
    }

    /// Adds to the slices of an objective by its present definition. Files are read once.
    ///
    /// - Parameter latenessNanoseconds: of the input that they are of; `nil` takes the longest of the objective's.
    package mutating func add(_ deltas: [SliceDelta], to objective: String, latenessNanoseconds: Int64? = nil) {
        guard let place = places[objective] else { return }
        let lateness = latenessNanoseconds ?? ledgers[place].judgement?.latenessNanoseconds ?? 0
        ledgers[place].apply(deltas, stamp: nil, latenessNanoseconds: lateness)
    }

    /// Adds to a history's slices; what its blocks include already, by their stamps, is skipped. Of a history that nobody judges here it is
    /// not kept when something arrived.
    package mutating func add(
        _ amounts: ChangelogAmounts.ObjectiveAmounts, stamp: Int64, latenessNanoseconds: Int64 = 0
    ) {
        let history = owner(of: amounts.history)
        if let place = place(of: history) {
            ledgers[place].apply(amounts.slices, stamp: stamp, latenessNanoseconds: latenessNanoseconds)
            if history.definition == nil { ledgers[place].adoptUnbound() }
        } else {
            former.add(amounts.slices, to: history, terms: amounts.terms, stamp: stamp)
        }
    }

    /// Remembers which records of a source had events of `kind` in an hour of event time, where the objective reads them. Of a
    /// former definition it isn't known what it reads.
    package mutating func note(_ span: SourceSpan, kind: EventKind, hour: Timestamp, for history: ObjectiveHistory) {
        let history = owner(of: history)
        guard let place = place(of: history) else { return former.note(span, hour: hour, for: history) }
        if kinds[place].contains(kind) { ledgers[place].note(span, at: hour) }
    }

    /// The history that counts are added to. Those that don't tell belong to the one that adopts them, also when they are read again
    /// behind a change of the definition; where none does yet, to the present definition's, which does from then on.
    private func owner(of history: ObjectiveHistory) -> ObjectiveHistory {
        guard history.definition == nil else { return history }
        if let place = places[history.objective], ledgers[place].terms.adoptsUnbound { return history }
        return former.heir(of: history.objective) ?? history
    }

    /// The ledger of the present definition, where this history is its own; counts that don't tell are taken for its.
    private func place(of history: ObjectiveHistory) -> Int? {
        guard let place = places[history.objective] else { return nil }
        return history.definition == nil || history.definition == ledgers[place].terms.definition ? place : nil
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

    /// Takes histories of other definitions and objectives as they were restored.
    mutating func restore(former restored: some Sequence<ObjectiveLedger>) {
        for ledger in restored { former.restore(ledger) }
    }

    /// All judgements that are dated by then were made before.
    package mutating func restoreDecided(through times: EventTimes) {
        for place in ledgers.indices {
            guard let time = times.least(of: kinds[place]) else { continue }
            ledgers[place].restoreDecided(through: time)
        }
    }

    /// Takes an alert that was firing, so that the objective knows what there is to resolve; false where it has none of that
    /// name.
    package mutating func restoreFiring(
        objective: String, alert: String, since: Timestamp, burningEnd: Timestamp?
    ) -> Bool {
        guard let place = places[objective] else { return false }
        return ledgers[place].restoreFiring(alert: alert, since: since, burningEnd: burningEnd)
    }

    /// The end of the newest slice that was found burning, of an alert that fires.
    package func burningEnd(objective: String, alert: String) -> Timestamp? {
        places[objective].flatMap { ledgers[$0].burningEnd(ofAlert: alert) }
    }

    package var unjudgedRecords: UnjudgedRecords { ledgers.reduce(into: UnjudgedRecords()) { $0 += $1.unjudged } }

    /// Whether more slices were found burning since the last call.
    package mutating func takeHasBurnt() -> Bool {
        ledgers.indices.reduce(false) { ledgers[$1].takeHasBurnt() || $0 }
    }

    /// The end of the newest slice in which the objective has data; `nil` where there is none.
    package func dataEnd(of objective: String) -> Timestamp? { places[objective].flatMap { ledgers[$0].dataEnd } }

    /// Whether it is a silence that holds the objective's alert open at `time`.
    func isHeldBySilence(alert: String, of objective: String, at time: Timestamp) -> Bool {
        places[objective].map { ledgers[$0].isHeldBySilence(alert: alert, at: time) } ?? false
    }

    /// The kinds of event that an objective reads; `nil` where there is none of that name.
    package func kinds(of objective: String) -> Set<EventKind>? { places[objective].map { kinds[$0] } }

    /// Makes the judgements that are due by the kinds that their objective reads, in the order of objectives.
    package mutating func evaluate(through times: EventTimes) -> [ObjectiveAlertTransition] {
        ledgers.indices.flatMap { place in
            times.least(of: kinds[place]).map { ledgers[place].evaluate(through: $0) } ?? []
        }
    }

    /// Judges every slice there is, and the silence of objectives whose data ends before that of others.
    package mutating func evaluateAll() -> [ObjectiveAlertTransition] {
        let ends = ledgers.map(\.dataEnd)
        guard let latest = ends.compactMap(\.self).max() else { return [] }
        return ledgers.indices.flatMap { place in
            let end = max(latest, ends[place] ?? latest)
            return ledgers[place].evaluate(through: end.advanced(by: ledgers[place].finalWaitNanoseconds))
        }
    }

    package mutating func takeChangedRecords() -> [WindowRecord] {
        ledgers.indices.flatMap { ledgers[$0].takeChangedRecords() } + former.takeChangedRecords()
    }

    /// Keys of published records that others have taken the place of, with their objectives; to be taken back after the
    /// changed records are published.
    package mutating func takeSupersededKeys() -> [(objective: String, key: String)] {
        ledgers.indices.flatMap { place in
            ledgers[place].takeSupersededKeys().map { (ledgers[place].terms.name, $0) }
        } + former.takeSupersededKeys()
    }

    /// Folds what is old and forgets what no window reaches, seen from an objective's newest data: silent partitions let time
    /// go on by the clock, and what a source tells of a time long ago must not be forgotten for that.
    ///
    /// - Parameter clock: what lies in the past by event time and not by it is kept.
    package mutating func advance(to times: EventTimes, notBeyond clock: Timestamp?) {
        for place in ledgers.indices {
            guard let time = times.least(of: kinds[place]), let end = ledgers[place].dataEnd else { continue }
            ledgers[place].advance(to: min(time, end, clock ?? time))
        }
        // Of what they read nothing is known.
        if let time = times.least { former.advance(to: min(time, clock ?? time)) }
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
        former.setEpoch(epoch)
    }
}

extension ServiceLevelIndicator {
    /// Whether good and total are counted of the same records: not where they are of several sources, or of metrics, which are series of
    /// their own.
    fileprivate func countsSameRecords(of kinds: Set<EventKind>) -> Bool {
        if case .threshold = form { return true }
        return kinds.count == 1 && !kinds.contains(.metric)
    }
}
