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

    var description: String {
        "the position in \(partition) is lost (\(cause)): registers were removed before they were evaluated, or the shard's "
            + "checkpoint is of another log than this one; see \(LostTopics.runbook(of: partition.topic))"
    }
}
