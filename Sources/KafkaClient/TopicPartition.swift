/// One partition of a topic.
public struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let topic: String
    public let partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }

    public var description: String { "\(topic)[\(partition)]" }
}

/// A partition with an offset: always the *next* record to be read, as Kafka's committed offsets mean it.
public struct PartitionOffset: Hashable, Sendable, CustomStringConvertible {
    public let partition: TopicPartition
    public let offset: Int64

    public init(_ partition: TopicPartition, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    public var description: String { "\(partition)@\(offset)" }
}

/// A position that is committed together with a text, which the broker keeps and gives back with it.
public struct OffsetAndMetadata: Hashable, Sendable {
    public let position: PartitionOffset
    /// Empty is the same as none. Without a zero byte, at which librdkafka cuts it off. A broker refuses what is longer than
    /// its `offset.metadata.max.bytes`, 4,096 by default.
    public let metadata: String

    public init(_ position: PartitionOffset, metadata: String) {
        precondition(!metadata.utf8.contains(0), "a text with a zero byte would not come back whole")
        self.position = position
        self.metadata = metadata
    }
}

/// Where reading of a partition starts.
public enum StartPosition: Hashable, Sendable {
    /// The group's committed offset; where there is none, `KafkaConsumer.Options.whenNothingCommitted`.
    case committed
    case beginning
    case end
    case offset(Int64)
}
