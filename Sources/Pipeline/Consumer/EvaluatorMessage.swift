import KafkaClient
import Synchronization
import TelemetryModel

/// What the evaluating thread is told.
enum EvaluatorMessage: Sendable {
    case assigned([TopicPartition])
    case flush(PartitionFlush)
    /// Another member owns the partition: nothing of it may be committed.
    case lost(TopicPartition)
    /// The partition's position is outside of what the broker has.
    case positionLost(TopicPartition, KafkaError)
    case failure(KafkaError)
}

/// A time that one thread sets and others read, once for each flush.
final class SharedTimestamp: Sendable {
    private let stored = Mutex<Timestamp?>(nil)

    var value: Timestamp? { stored.withLock { $0 } }

    func set(_ time: Timestamp) { stored.withLock { $0 = time } }
}
