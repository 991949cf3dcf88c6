import Aggregation
import Objectives
import Planning
import Records
import TelemetryModel

/// Which records of a source had events of one kind in an hour of event time.
package struct ReadRecords {
    let span: SourceSpan
    let kind: EventKind
    /// Any time in it.
    let hour: Timestamp
}

/// The ledgers of some objectives, fed with what the counting stage measured.
package struct ObjectiveStates: Sendable {
    /// Of the plan's objectives, by the definitions that they have there, and behind them of the groups of those that have some. What has
    /// groups has no counts itself: its ledger knows which records were read.
    package internal(set) var ledgers: [ObjectiveLedger]
    /// What is counted by other definitions, and of objectives that the plan doesn't have.
    package private(set) var former: FormerHistories
    /// The sources that each objective reads.
    private let kinds: [Set<EventKind>]
    /// Beside `kinds`: whether good and total come from the same records.
    private let countsSameRecords: [Bool]
    /// By the place of their objective, of those that have groups.
    var groups: [Int: ObjectiveGroups] = [:]
    /// Beside `ledgers`: the place of the objective that they are of.
    var owners: [Int]
    let places: [String: Int]
    /// By the plan's objectives; `nil` for those that do not belong here.
    private let placesInPlan: [Int?]
    /// Keys of groups' records to take back, with their objectives.
    var endedKeys: [(objective: String, key: String)] = []

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
        var placesInPlan = [Int?](repeating: nil, count: plan.objectives.count)
        for (place, objective) in own.enumerated() { placesInPlan[objective] = place }
        self.placesInPlan = placesInPlan
        owners = Array(ledgers.indices)
        for (place, objective) in own.enumerated() where plan.objectives[objective].hasGroups {
            groups[place] = ObjectiveGroups(of: plan.objectives[objective])
        }
    }

    /// Judges slices twice, by what had arrived.
    ///
    /// - Parameter lateness: the longest of the inputs that may hold some kinds of event.
    package mutating func judgeByArrival(lateness: (Set<EventKind>) -> Int64) {
        for place in ledgers.indices {
            ledgers[place].judgement = JudgementTerms(
                latenessNanoseconds: lateness(kinds[owners[place]]),
                opensProvisionally: countsSameRecords[owners[place]])
        }
    }

    /// Adds to the slices of objectives by their present definitions. Files are read once.
    ///
    /// - Parameter latenessNanoseconds: of the input that they are of; `nil` takes the longest of the objective's.
    package mutating func add(_ counted: [CountedSlices], latenessNanoseconds: Int64? = nil) {
        var groups: [ChangelogAmounts.GroupAmounts] = []
        for (number, own) in counted.enumerated() {
            guard let place = placesInPlan[own.objective] else { continue }
            guard let group = own.group else {
                ledgers[place].apply(own.deltas, stamp: nil, latenessNanoseconds: latenessNanoseconds)
                continue
            }
            groups.append(ChangelogAmounts.GroupAmounts(group: group, slices: own.deltas))
            // An objective's groups stand together.
            if number + 1 < counted.count, counted[number + 1].objective == own.objective { continue }
            add(groups, of: place, stamp: nil, latenessNanoseconds: latenessNanoseconds)
            groups.removeAll()
        }
    }

    /// Adds to a history's slices; what its blocks include already, by their stamps, is skipped. Of a history that nobody judges here it is
    /// not kept when something arrived.
    ///
    /// - Parameter records: which of the source had events in which hour. They are remembered where the objective reads them, and for a group
    ///   where it has counts in that hour. Of a former definition it isn't known what it reads.
    package mutating func add(
        _ amounts: ChangelogAmounts.ObjectiveAmounts, of records: [ReadRecords] = [], stamp: Int64,
        latenessNanoseconds: Int64 = 0
    ) {
        let history = owner(of: amounts.history)
        guard let place = place(of: history) else {
            return addFormer(amounts, of: records, to: history, stamp: stamp)
        }
        ledgers[place].apply(amounts.slices, stamp: stamp, latenessNanoseconds: latenessNanoseconds)
        if history.definition == nil { ledgers[place].adoptUnbound() }
        add(amounts.groups, of: place, stamp: stamp, latenessNanoseconds: latenessNanoseconds)
        for read in records where kinds[place].contains(read.kind) {
            ledgers[place].note(read.span, at: read.hour)
            for group in amounts.groups where group.touches(hourOf: read.hour) {
                guard let seat = groups[place]?.seated(group.group) else { continue }
                ledgers[seat].note(read.span, at: read.hour)
            }
        }
    }

    private mutating func addFormer(
        _ amounts: ChangelogAmounts.ObjectiveAmounts, of records: [ReadRecords], to history: ObjectiveHistory,
        stamp: Int64
    ) {
        if !amounts.slices.isEmpty || amounts.groups.isEmpty {
            former.add(amounts.slices, to: history, terms: amounts.terms, stamp: stamp)
        }
        for group in amounts.groups {
            former.add(group.slices, to: history.of(group.group), terms: amounts.terms, stamp: stamp)
        }
        for read in records {
            former.note(read.span, hour: read.hour, for: history)
            for group in amounts.groups where group.touches(hourOf: read.hour) {
                former.note(read.span, hour: read.hour, for: history.of(group.group))
            }
        }
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

    /// As above, for all objectives; groups take it from them in the end.
    package mutating func note(_ span: SourceSpan, kind: EventKind, hour: Timestamp) {
        for place in kinds.indices where kinds[place].contains(kind) { ledgers[place].note(span, at: hour) }
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
        for ledger in restored {
            let whole = ObjectiveHistory(objective: ledger.terms.name, definition: ledger.terms.definition)
            if let group = ledger.terms.group, let place = place(of: whole), groups[place] != nil {
                restore(ledger, as: group, of: place)
            } else {
                former.restore(ledger)
            }
        }
    }

    /// All judgements that are dated by then were made before.
    package mutating func restoreDecided(through times: EventTimes) {
        for place in ledgers.indices {
            guard let time = times.least(of: kinds[owners[place]]) else { continue }
            ledgers[place].restoreDecided(through: time)
        }
    }

    /// Takes an alert that was firing, so that the objective knows what there is to resolve; false where it has none of that
    /// name.
    package mutating func restoreFiring(
        _ member: ObjectiveMember, alert: String, since: Timestamp, burningEnd: Timestamp?
    ) -> Bool {
        guard let whole = places[member.objective], (groups[whole] == nil) == (member.group == nil) else {
            return false
        }
        // What brought it may be read again yet.
        let place = member.group.map { begin($0, of: whole) } ?? whole
        return ledgers[place].restoreFiring(alert: alert, since: since, burningEnd: burningEnd)
    }

    /// The end of the newest slice that was found burning, of an alert that fires.
    package func burningEnd(_ member: ObjectiveMember, alert: String) -> Timestamp? {
        place(of: member).flatMap { ledgers[$0].burningEnd(ofAlert: alert) }
    }

    private func place(of member: ObjectiveMember) -> Int? {
        guard let whole = places[member.objective] else { return nil }
        return member.group.map { groups[whole]?.seats[$0] } ?? whole
    }

    package var unjudgedRecords: UnjudgedRecords { ledgers.reduce(into: UnjudgedRecords()) { $0 += $1.unjudged } }

    /// Whether more slices were found burning since the last call.
    package mutating func takeHasBurnt() -> Bool {
        ledgers.indices.reduce(false) { ledgers[$1].takeHasBurnt() || $0 }
    }

    /// The end of the newest slice in which the objective, or its group, has data; `nil` where there is none.
    package func dataEnd(of member: ObjectiveMember) -> Timestamp? { place(of: member).flatMap { ledgers[$0].dataEnd } }

    /// Whether it is a silence that holds the alert of an objective, or of its group, open at `time`.
    func isHeldBySilence(alert: String, of member: ObjectiveMember, at time: Timestamp) -> Bool {
        place(of: member).map { ledgers[$0].isHeldBySilence(alert: alert, at: time) } ?? false
    }

    /// The kinds of event that an objective reads; `nil` where there is none of that name.
    package func kinds(of objective: String) -> Set<EventKind>? { places[objective].map { kinds[$0] } }

    /// Makes the judgements that are due by the kinds that their objective reads, in the order of objectives.
    package mutating func evaluate(through times: EventTimes) -> [ObjectiveAlertTransition] {
        ledgers.indices.flatMap { place in
            times.least(of: kinds[owners[place]]).map { ledgers[place].evaluate(through: $0) } ?? []
        }
    }

    /// Judges every slice there is, and the silence of objectives whose data ends before that of others.
    package mutating func evaluateAll() -> [ObjectiveAlertTransition] {
        for place in ledgers.indices where owners[place] != place {
            ledgers[place].noteSources(of: ledgers[owners[place]])
        }
        let ends = ledgers.map(\.dataEnd)
        guard let latest = ends.compactMap(\.self).max() else { return [] }
        return ledgers.indices.flatMap { place in
            let end = max(latest, ends[place] ?? latest)
            let transitions = ledgers[place].evaluate(through: end.advanced(by: ledgers[place].finalWaitNanoseconds))
            let isOver = owners[place] != place && ledgers[place].silenceEnd <= end
            return transitions + (isOver ? ledgers[place].endAlerts() : [])
        }
    }

    package mutating func takeChangedRecords() -> [WindowRecord] {
        ledgers.indices.flatMap { ledgers[$0].takeChangedRecords() } + former.takeChangedRecords()
    }

    /// Keys of published records that others have taken the place of, with their objectives; to be taken back after the
    /// changed records are published.
    ///
    /// - Parameter written: those records.
    package mutating func takeSupersededKeys(besides written: [WindowRecord]) -> [(objective: String, key: String)] {
        ledgers.indices.flatMap { place in
            ledgers[place].takeSupersededKeys().map { (ledgers[place].terms.name, $0) }
        } + takeEndedKeys(besides: written) + former.takeSupersededKeys()
    }

    /// Folds what is old and forgets what no window reaches, seen from an objective's newest data: silent partitions let time
    /// go on by the clock, and what a source tells of a time long ago must not be forgotten for that.
    ///
    /// - Parameter clock: what lies in the past by event time and not by it is kept.
    package mutating func advance(to times: EventTimes, notBeyond clock: Timestamp?) {
        for place in ledgers.indices {
            guard let time = times.least(of: kinds[owners[place]]) else { continue }
            ledgers[place].advanceWithinData(to: min(time, clock ?? time))
        }
        // Of what they read nothing is known.
        if let time = times.least { former.advance(to: min(time, clock ?? time)) }
    }

    /// Remembers that records of a source were gone before they were read, for the objectives that may miss them.
    package mutating func note(_ gap: UnreadSpan, at time: Timestamp) {
        for place in ledgers.indices { ledgers[place].note(gap, at: time) }
    }

    /// As above, for one objective and its groups.
    package mutating func note(_ gap: UnreadSpan, at time: Timestamp, for objective: String) {
        guard let whole = places[objective] else { return }
        for place in ledgers.indices where owners[place] == whole { ledgers[place].note(gap, at: time) }
    }

    /// How far the judges of an objective's groups are.
    func time(_ times: EventTimes, of whole: Int) -> Timestamp? { times.least(of: kinds[whole]) }

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
