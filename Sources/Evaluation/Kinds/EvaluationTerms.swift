import Accounting
import Alerting
import Planning
import Records
import TelemetryModel

/// What a kind begins with.
package struct EvaluationTerms {
    package let plan: PipelinePlan
    /// `nil` evaluates everything at once: files, whose results are not published as records.
    let place: ShardPlace?
    /// Windows that end by then were judged before a restart, and their states published.
    let closedBefore: EventTimes?

    /// Of one shard.
    init(plan: PipelinePlan, place: ShardPlace, closedBefore: EventTimes?) {
        (self.plan, self.place, self.closedBefore) = (plan, place, closedBefore)
    }

    /// Of files.
    package init(plan: PipelinePlan) {
        (self.plan, place, closedBefore) = (plan, nil, nil)
    }
}

/// One shard among all.
package struct ShardPlace: Sendable {
    package let shard: Int
    package let shards: ShardMap
}

/// How groups of rollup windows are told apart.
package enum GroupIdentity: Sendable {
    /// By the group's number in the engine that all windows come from.
    case number
    /// By the values of the group's columns, for windows of different engines. Only so states can be published and restored.
    case values
    /// By a hash of them, for windows of different engines whose states are not published: long names take no memory.
    case digest
}

/// Where amounts come from.
package struct AmountsOrigin {
    let update: UpdateOrigin
    /// Of the shard's log: what a restored record includes up to there is skipped.
    let offset: Int64
    /// Of the update's input.
    let latenessNanoseconds: Int64
}

/// What was restored of a shard beside a kind's own records.
package struct RestoredShard {
    package let alerts: KnownAlerts
    /// When each alert last changed, in event time.
    package let changes: [DedupKey: Timestamp]
    package let judged: JudgedTimes
    /// Under which results are published from now on.
    package let epoch: OwnerEpoch
}

/// Whose records are published.
package struct RecordOwner {
    package let shard: Int32
    package let epoch: OwnerEpoch
    /// All judgements of slices that are dated by then were made.
    package let judgedThrough: EventTimes
}
