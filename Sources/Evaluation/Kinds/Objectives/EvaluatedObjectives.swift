import Accounting
import Alerting
import Objectives
import Planning
import Records
import TelemetryModel

/// SLOs: their slices are counted, and their alerts judged at the end of each.
package struct EvaluatedObjectives: EvaluatedKind {
    private(set) var states: ObjectiveStates
    private let plan: PipelinePlan
    private let place: ShardPlace?
    /// By name, made with the first alert.
    private lazy var places = Dictionary(uniqueKeysWithValues: plan.objectives.enumerated().map { ($1.name, $0) })

    package init(_ terms: EvaluationTerms) {
        (plan, place) = (terms.plan, terms.place)
        states = ObjectiveStates(plan: plan) { [place] in place?.isOwn(objective: $0) ?? true }
    }

    // MARK: What is counted

    package mutating func judgeByArrival(lateness: (Set<EventKind>) -> Int64) {
        states.judgeByArrival(lateness: lateness)
    }

    package mutating func add(_ amounts: ChangelogAmounts, from origin: AmountsOrigin) {
        let records = amounts.traces.map { trace in
            ReadRecords(
                span: SourceSpan(
                    origin.update.source, origin.update.to, first: trace.firstOffset, last: trace.lastOffset),
                kind: trace.kind, hour: trace.hour)
        }
        // By place: an iterator copies each, of thousands.
        for place in amounts.objectives.indices {
            states.add(
                amounts.objectives[place], of: records, stamp: origin.offset,
                latenessNanoseconds: origin.latenessNanoseconds)
        }
    }

    package mutating func add(_ counted: [CountedSlices], latenessNanoseconds: Int64?) {
        states.add(counted, latenessNanoseconds: latenessNanoseconds)
    }

    package mutating func note(_ span: SourceSpan, kind: EventKind, hour: Timestamp) {
        states.note(span, kind: kind, hour: hour)
    }

    package mutating func note(_ gap: UnreadSpan, at time: Timestamp) { states.note(gap, at: time) }

    // MARK: Judging

    package mutating func evaluate(through times: JudgedTimes, clock: Timestamp?) -> [AlertTransition] {
        var transitions = states.evaluate(through: times.slices)
        // What the log says may be ahead of the clock, and what is forgotten does not come back.
        transitions += states.endGroups(through: times.slices, notBeyond: clock)
        states.advance(to: times.windows, notBeyond: clock)
        return transitions.map(AlertTransition.init(_:))
    }

    package mutating func evaluateAll() -> [AlertTransition] { states.evaluateAll().map(AlertTransition.init(_:)) }

    // MARK: Its alerts

    package static let label = "objective"

    /// 0.1.0 hashed otherwise, see `DedupKey.Form`; and each burn rate of an objective's page or ticket was an alert of its own.
    package func formerKeys(of alert: Alert) -> [DedupKey] {
        guard let objective = alert.labels[Self.label], let name = alert.labels["alert"],
            DedupKey(kind: "slo", name: "\(objective)/\(name)") == alert.dedupKey
        else { return [] }
        let names = ([name] + ObjectiveAlert.formerNames(of: name)).map { "\(objective)/\($0)" }
        return names.flatMap { name in
            [DedupKey.Form.sha256, .fowlerNollVo].map { DedupKey(kind: "slo", name: name, form: $0) }
        }.filter { $0 != alert.dedupKey }
    }

    package static func reached(_ times: JudgedTimes) -> EventTimes { times.slices }

    package func isOwn(_ alert: Alert) -> Bool? {
        alert.labels[Self.label].flatMap { name in place?.isOwn(objective: name) }
    }

    package func eventKinds(of alert: Alert) -> Set<EventKind>? {
        alert.labels[Self.label].flatMap { states.kinds(of: $0) }
    }

    package mutating func description(of alert: Alert) -> ResourceDescription? {
        guard let name = alert.labels[Self.label], let place = places[name] else { return nil }
        var description = plan.description(ofObjective: place)
        // A group's values are told by these.
        for column in states.columns(of: name) ?? [] { description.labels[column] = nil }
        return description
    }

    /// The objective that an alert is of, and its group.
    private func member(of alert: Alert) -> ObjectiveMember? {
        guard let objective = alert.labels[Self.label] else { return nil }
        // A column without a value is no label.
        let group = states.columns(of: objective).map { columns in
            ObjectiveGroup(columns: columns, values: columns.map { alert.labels[$0] })
        }
        return ObjectiveMember(objective, group: group)
    }

    package func isBurning(_ alert: Alert, since time: Timestamp, judgedThrough windows: EventTimes) -> Bool {
        guard let member = member(of: alert) else { return false }
        if let end = states.dataEnd(of: member), end >= time { return true }
        let judged = eventKinds(of: alert).map { windows.least(of: $0) } ?? windows.least
        guard let judged, let name = alert.labels["alert"] else { return false }
        return states.isHeldBySilence(alert: name, of: member, at: judged)
    }

    package func completed(_ standing: AlertStanding) -> AlertStanding {
        let alert = standing.transition.alert
        guard let member = member(of: alert), let name = alert.labels["alert"] else { return standing }
        var standing = standing
        standing.burningEnd = states.burningEnd(member, alert: name) ?? standing.burningEnd
        return standing
    }

    package mutating func takeHasProgressed() -> Bool { states.takeHasBurnt() }

    // MARK: Published, and restored

    package mutating func takeRecords(_ owner: RecordOwner) -> [ResultRecord] {
        let written = states.takeChangedRecords()
        let windows = written.map { ResultRecord.window($0, judgedThrough: owner.judgedThrough) }
        // Behind the records that take their place, in the same partition.
        return windows
            + states.takeSupersededKeys(besides: written).map { objective, key in
                ResultRecord.supersededWindow(objective: objective, key: key)
            }
    }

    package var ledgers: [ObjectiveLedger] { states.ledgers }

    package mutating func restore(_ ledgers: [ObjectiveLedger], former: [ObjectiveLedger]) {
        states.restore(ledgers)
        states.restore(former: former.filter { place?.isOwn(objective: $0.terms.name) ?? true })
    }

    package mutating func note(_ gap: UnreadSpan, of record: WindowRecord.Identity) {
        states.note(gap, at: record.start, for: record.objective)
    }

    package mutating func restore(_ standing: AlertStanding) -> AlertRemoval? {
        let alert = standing.transition.alert
        guard let member = member(of: alert) else { return .unknown }
        let objective = member.objective
        if let name = alert.labels["alert"], isOfPresentGroups(alert, name, member) {
            let isJudged = states.restoreFiring(
                member, alert: name, since: alert.openedAt, burningEnd: standing.burningEnd)
            if isJudged { return nil }
        } else if plan.declaredObjectives.contains(objective) {
            return .objectiveGroups(objective)
        }
        return plan.declaredObjectives.contains(objective)
            ? .policy(objective: objective, alert: alert.labels["alert"] ?? "") : .objective(objective)
    }

    /// Whether the objective still has groups like the alert's, or has none as before.
    private func isOfPresentGroups(_ alert: Alert, _ name: String, _ member: ObjectiveMember) -> Bool {
        guard let group = member.group else { return alert.details[AlertTransition.groupDetail] == nil }
        return alert.dedupKey == .ofObjective(member.objective, alert: name, group: group.alertColumns)
    }

    package mutating func finishRestoring(_ restored: RestoredShard) {
        states.removeEnded(through: restored.judged.slices)
        states.setEpoch(restored.epoch.rawValue)
        states.restoreDecided(through: restored.judged.slices)
    }
}

extension ShardPlace {
    fileprivate func isOwn(objective: String) -> Bool { shards.shard(ofObjective: objective) == shard }
}

extension SourceSpan {
    fileprivate init(_ source: SourcePartition, _ point: SourcePoint, first: Int64, last: Int64) {
        self.init(
            source: .kafka(topic: source.topic, partition: source.partition, incarnation: point.incarnation),
            first: first, last: last)
    }
}

extension EvaluatedKinds {
    /// What reports, metrics and the files of windows read of SLOs.
    package var objectives: ObjectiveStates? { self[EvaluatedObjectives.self]?.states }
}

extension EvaluationShard {
    /// What reports and metrics read of the shard's SLOs.
    package var objectives: ObjectiveStates {
        kinds.objectives ?? ObjectiveStates(plan: plan) { _ in false }
    }

    package func report(at time: Timestamp) -> SLOReport { SLOReport(at: time, ledgers: objectives.wholes) }
}
