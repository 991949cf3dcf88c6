import Aggregation
import Alerting
import Objectives
import Records
import TelemetryModel

/// Of a kind that has none of it.
extension EvaluatedKind {
    package static var stateRecord: (any StateRecord.Type)? { nil }
    package var rollups: Set<Int> { [] }
    package mutating func judgeByArrival(lateness: (Set<EventKind>) -> Int64) {}
    package mutating func add(_ amounts: ChangelogAmounts, from origin: AmountsOrigin) {}
    package mutating func add(_ counted: [CountedSlices], latenessNanoseconds: Int64?) {}
    package mutating func note(_ span: SourceSpan, kind: EventKind, hour: Timestamp) {}
    package mutating func note(_ gap: UnreadSpan, at time: Timestamp) {}
    package mutating func tellGroupsApart(by identity: GroupIdentity) {}
    package mutating func evaluate(through times: JudgedTimes, clock: Timestamp?) -> [AlertTransition] { [] }
    package mutating func take(_ window: RollupWindow, rollup: Int) -> [AlertTransition] { [] }
    package mutating func pass(through time: Timestamp, rollup: Int) -> [AlertTransition] { [] }
    package mutating func evaluateAll() -> [AlertTransition] { [] }

    package func formerKeys(of alert: Alert) -> [DedupKey] { [] }
    package mutating func description(of alert: Alert) -> ResourceDescription? { nil }
    package func completed(_ standing: AlertStanding) -> AlertStanding { standing }
    package mutating func takeHasProgressed() -> Bool { false }

    package mutating func takeRecords(_ owner: RecordOwner) -> [ResultRecord] { [] }
    package var ledgers: [ObjectiveLedger] { [] }
    package mutating func restore(_ ledgers: [ObjectiveLedger], former: [ObjectiveLedger]) {}
    package mutating func note(_ gap: UnreadSpan, of record: WindowRecord.Identity) {}
    package mutating func restore(_ record: any StateRecord) {}
    package func forgotten(of open: [Alert]) -> [DedupKey: AlertRemoval] { [:] }
    package mutating func finishRestoring(_ restored: RestoredShard) {}
}
