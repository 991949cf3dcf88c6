import KafkaClient
import Records

/// The log of a shard has no more where its evaluator is to read on.
struct LostPosition: Error, CustomStringConvertible {
    let partition: TopicPartition
    let cause: String

    init(_ partition: TopicPartition, _ cause: String) {
        self.partition = partition
        self.cause = cause
    }

    /// - Parameter next: where the shard's evaluator was to read on.
    init(_ partition: TopicPartition, end: Int64, next: Int64) {
        self.init(partition, "its log ends at \(end), and the shard's checkpoint is at \(next)")
    }

    var description: String {
        "the position in \(partition) is lost (\(cause)): registers were removed before they were evaluated, or the shard's "
            + "checkpoint is of another log than this one; see \(LostTopics.runbook(of: partition.topic))"
    }
}
