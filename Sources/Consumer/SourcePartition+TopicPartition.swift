import Accounting
import KafkaClient

extension SourcePartition {
    init(_ partition: TopicPartition) {
        self.init(topic: partition.topic, partition: partition.partition)
    }
}

extension TopicPartition {
    init(_ source: SourcePartition) {
        self.init(topic: source.topic, partition: source.partition)
    }
}
