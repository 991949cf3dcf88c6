import Accounting
import Alerting
import Objectives
import Records
import TelemetryModel

/// What happens to an evaluator. Durations are of a monotonic clock.
package enum EvaluatorInput {
    case assign(OwnedShard)
    /// The shard goes away once its results are published.
    case release(shard: Int32)
    /// The shard is another member's already.
    case forget(shard: Int32)
    /// A record of a shard's log. Those of one shard come in the order of their offsets.
    case entry(TopicPlace, json: [UInt8], times: EntryTimes? = nil)
    /// A record that is not to be read: on request, and then the chain of its source is without it; of no source where it carries
    /// no right code.
    case passOver(TopicPlace, entryOf: SourcePartition?)
    /// All that there is for now is in. `clock` is the time of day, read once for all that is published now.
    case turn(at: Duration, clock: Timestamp)
    /// All that was sent since the last `awaitAcknowledgement` is acknowledged.
    case acknowledged(at: Duration)
    /// It is not, and will not be: something was refused, or the process has no more time.
    case unacknowledged
    /// Publish what there is, and end.
    case stop

    var isAnswer: Bool {
        switch self {
        case .acknowledged, .unacknowledged: true
        default: false
        }
    }
}

/// What an evaluator wants done, in this order.
package enum EvaluatorEffect {
    case send(ResultRecord)
    /// Nothing else may happen before all that was sent is acknowledged, which is the next input.
    case awaitAcknowledgement
    /// The shard's results are published, or nobody waits for them any more.
    case released(shard: Int32)
    /// Everything up to these offsets of the shards' logs is published.
    case published(through: [Int32: Int64], Publication)
    case fail(UnreadableRecord)
    case refuse(OlderMember)
    /// The last effect.
    case stopped
}

/// What a round of publishing brought.
package struct Publication {
    package let alerts: [AlertTransition]
    package let hasWindows: Bool
}

/// A record in which a shard's results leave the process.
package enum ResultRecord {
    case alert(FeedAlert)
    /// Takes a record of the feed back that another has taken the place of.
    case supersededAlert(FeedKey)
    case alertState(AlertStateRecord)
    /// - Parameter judgedThrough: event time up to which the shard's slices were judged.
    case window(WindowRecord, judgedThrough: EventTimes)
    /// Takes a window record back that others have the content of.
    case supersededWindow(objective: String, key: String)
    case state(any StateRecord)
    case checkpoint(ShardCheckpointRecord)

    var isWindow: Bool { if case .window = self { true } else { false } }

    package var key: String {
        switch self {
        case .alert(let alert): alert.key.text
        case .supersededAlert(let key): key.text
        case .alertState(let record): record.key
        case .window(let record, _): record.compactionKey
        case .supersededWindow(_, let key): key
        case .state(let record): record.key
        case .checkpoint(let record): record.key
        }
    }

    /// `nil` for one that takes another back.
    package var value: [UInt8]? { value(in: .first) }

    package func value(in form: RecordForm) -> [UInt8]? {
        switch self {
        case .alert(let alert): alert.transition.json(in: form)
        case .supersededAlert: nil
        case .alertState(let record): record.json(in: form)
        case .window(let record, _): record.json(in: form)
        case .supersededWindow: nil
        case .state(let record): record.json(in: form)
        case .checkpoint(let record): record.json
        }
    }

    package func topic(_ topics: OutputTopics) -> String {
        switch self {
        case .alert, .supersededAlert: topics.alerts
        case .window, .supersededWindow: topics.windows
        case .state, .checkpoint, .alertState: topics.checkpoints
        }
    }

    /// Where a restart looks for it.
    package func partition(_ partitions: StatePartitions) -> Int32 {
        switch self {
        case .alert(let alert): FeedPartition.partition(of: alert.key.dedupKey, among: partitions.alerts)
        case .supersededAlert(let key): FeedPartition.partition(of: key.dedupKey, among: partitions.alerts)
        case .alertState(let record): record.place.shard % Int32(partitions.checkpoints)
        case .window(let record, _): ResultRecord.windowPartition(of: record.terms.name, partitions)
        case .supersededWindow(let objective, _): ResultRecord.windowPartition(of: objective, partitions)
        case .state(let record): record.shard % Int32(partitions.checkpoints)
        case .checkpoint(let record): record.shard % Int32(partitions.checkpoints)
        }
    }

    package static func windowPartition(of objective: String, _ partitions: StatePartitions) -> Int32 {
        Int32(ShardHash.shard(of: objective, among: partitions.windows))
    }
}
