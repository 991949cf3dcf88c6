import KafkaClient
import Records

extension TopicPlace {
    package init(_ partition: TopicPartition, offset: Int64) {
        self.init(topic: partition.topic, partition: partition.partition, offset: offset)
    }
}

extension UnreadableRecord {
    package init(_ partition: TopicPartition, offset: Int64, _ reason: String) {
        self.init(TopicPlace(partition, offset: offset), reason)
    }
}
