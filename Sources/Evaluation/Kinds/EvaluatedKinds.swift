import Aggregation
import Alerting
import Objectives
import Planning
import Records
import TelemetryModel

/// One value of each kind: what is evaluated of a shard, or of all files of a replay.
package struct EvaluatedKinds: Sendable {
    /// The kinds that there are. One more stands here, and shards, restore, checkpoints, replay and simulator have it.
    package static let all: [any EvaluatedKind.Type] = [EvaluatedObjectives.self, EvaluatedMonitors.self]

    private var kinds: [any EvaluatedKind]

    package init(_ terms: EvaluationTerms, of types: [any EvaluatedKind.Type] = all) {
        kinds = types.map { $0.init(terms) }
    }

    /// For what belongs to one kind alone: its report, its metrics.
    package subscript<Kind: EvaluatedKind>(_ type: Kind.Type) -> Kind? { kinds.lazy.compactMap { $0 as? Kind }.first }

    /// The same, changed.
    mutating func update<Kind: EvaluatedKind, Result>(_ type: Kind.Type, _ body: (inout Kind) -> Result) -> Result? {
        guard let place = kinds.firstIndex(where: { $0 is Kind }), var kind = kinds[place] as? Kind else { return nil }
        defer { kinds[place] = kind }
        return body(&kind)
    }

    // MARK: What is counted

    package var rollups: Set<Int> { kinds.reduce(into: []) { $0.formUnion($1.rollups) } }

    package mutating func judgeByArrival(lateness: (Set<EventKind>) -> Int64) {
        for place in kinds.indices { kinds[place].judgeByArrival(lateness: lateness) }
    }

    package mutating func add(_ amounts: ChangelogAmounts, from origin: AmountsOrigin) {
        for place in kinds.indices { kinds[place].add(amounts, from: origin) }
    }

    /// What a counter of files has counted of the plan's objectives, by their present definitions.
    package mutating func add(_ counted: [CountedSlices], latenessNanoseconds: Int64? = nil) {
        for place in kinds.indices { kinds[place].add(counted, latenessNanoseconds: latenessNanoseconds) }
    }

    package mutating func note(_ span: SourceSpan, kind: EventKind, hour: Timestamp) {
        for place in kinds.indices { kinds[place].note(span, kind: kind, hour: hour) }
    }

    mutating func note(_ gap: UnreadSpan, at time: Timestamp) {
        for place in kinds.indices { kinds[place].note(gap, at: time) }
    }

    // MARK: Judging

    package mutating func tellGroupsApart(by identity: GroupIdentity) {
        for place in kinds.indices { kinds[place].tellGroupsApart(by: identity) }
    }

    mutating func evaluate(through times: JudgedTimes, clock: Timestamp?) -> [AlertTransition] {
        kinds.indices.flatMap { kinds[$0].evaluate(through: times, clock: clock) }
    }

    package mutating func take(_ window: RollupWindow, rollup: Int) -> [AlertTransition] {
        kinds.indices.flatMap { kinds[$0].take(window, rollup: rollup) }
    }

    package mutating func pass(through time: Timestamp, rollup: Int) -> [AlertTransition] {
        kinds.indices.flatMap { kinds[$0].pass(through: time, rollup: rollup) }
    }

    package mutating func evaluateAll() -> [AlertTransition] { kinds.indices.flatMap { kinds[$0].evaluateAll() } }

    // MARK: Alerts

    private func owner(of alert: Alert) -> Int? { kinds.firstIndex { alert.labels[type(of: $0).label] != nil } }

    func formerKeys(of alert: Alert) -> [DedupKey] {
        owner(of: alert).map { kinds[$0].formerKeys(of: alert) } ?? []
    }

    /// The transition with what the resource says that the alert is of.
    package mutating func described(_ transition: AlertTransition) -> AlertTransition {
        guard let place = owner(of: transition.alert),
            let resource = kinds[place].description(of: transition.alert)
        else { return transition }
        var transition = transition
        transition.alert.describe(resource, apartFrom: Set(kinds.map { type(of: $0).label }))
        return transition
    }

    func isOwn(_ alert: Alert) -> Bool? { owner(of: alert).flatMap { kinds[$0].isOwn(alert) } }

    /// How far the alert's judge is; by every kind of event where nothing judges it.
    func reached(_ times: JudgedTimes, of alert: Alert) -> Timestamp? {
        guard let place = owner(of: alert) else { return times.windows.least }
        let own = type(of: kinds[place]).reached(times)
        return kinds[place].eventKinds(of: alert).map { own.least(of: $0) } ?? own.least
    }

    func isBurning(_ alert: Alert, since time: Timestamp, judgedThrough windows: EventTimes) -> Bool {
        owner(of: alert).map { kinds[$0].isBurning(alert, since: time, judgedThrough: windows) } ?? false
    }

    func completed(_ standing: AlertStanding) -> AlertStanding {
        owner(of: standing.transition.alert).map { kinds[$0].completed(standing) } ?? standing
    }

    mutating func takeHasProgressed() -> Bool {
        kinds.indices.reduce(false) { kinds[$1].takeHasProgressed() || $0 }
    }

    // MARK: Published, and restored

    mutating func takeRecords(_ owner: RecordOwner) -> [ResultRecord] {
        kinds.indices.flatMap { kinds[$0].takeRecords(owner) }
    }

    var ledgers: [ObjectiveLedger] { kinds.flatMap(\.ledgers) }

    var hasWindows: Bool { kinds.contains { $0.ledgers.contains(where: \.hasBlocks) } }

    mutating func restore(_ ledgers: [ObjectiveLedger], former: [ObjectiveLedger]) {
        for place in kinds.indices { kinds[place].restore(ledgers, former: former) }
    }

    mutating func note(_ gap: UnreadSpan, of record: WindowRecord.Identity) {
        for place in kinds.indices { kinds[place].note(gap, of: record) }
    }

    mutating func restore(_ record: any StateRecord) {
        for place in kinds.indices { kinds[place].restore(record) }
    }

    /// - Returns: what is gone of what judges the alert; `nil` where it is there.
    mutating func restore(_ standing: AlertStanding) -> AlertRemoval? {
        guard let place = owner(of: standing.transition.alert) else { return .unknown }
        return kinds[place].restore(standing)
    }

    func forgotten(of open: [Alert]) -> [DedupKey: AlertRemoval] {
        let owned = Dictionary(grouping: open) { owner(of: $0) }
        return kinds.indices.reduce(into: [:]) { forgotten, place in
            guard let alerts = owned[place] else { return }
            forgotten.merge(kinds[place].forgotten(of: alerts)) { $1 }
        }
    }

    mutating func finishRestoring(_ restored: RestoredShard) {
        for place in kinds.indices { kinds[place].finishRestoring(restored) }
    }
}
