import KafkaClient

/// Looks at how far the group under test has committed, without being a member of it.
final class GroupOffsets {
    private let consumer: KafkaConsumer
    private let partitions: [TopicPartition]

    private final class NoPartitions: KafkaConsumerDelegate {
        func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] { [] }
        func revoked(_ partitions: [ReleasedPartition]) {}
        func lost(_ partitions: [ReleasedPartition]) {}
    }

    init(_ cluster: Cluster, group: String, partitions: [TopicPartition]) throws {
        consumer = try KafkaConsumer(
            settings: cluster.settings, options: .init(group: group), delegate: NoPartitions())
        self.partitions = partitions
    }

    /// The sum of all committed offsets; nil while the group cannot be asked.
    func committed() -> Int64? {
        guard let offsets = try? consumer.committed(partitions, timeout: .seconds(5)) else { return nil }
        return offsets.reduce(0) { $0 + ($1 ?? 0) }
    }

    /// Whether something is committed of each partition; false while the group cannot be asked.
    var hasBegun: Bool {
        guard let offsets = try? consumer.committed(partitions, timeout: .seconds(5)) else { return false }
        return offsets.allSatisfy { $0 != nil }
    }

    /// Whether each partition is committed up to there; false while the group cannot be asked.
    func isCommitted(_ ends: [Int64]) -> Bool {
        guard let offsets = try? consumer.committed(partitions, timeout: .seconds(5)) else { return false }
        return zip(offsets, ends).allSatisfy { ($0 ?? 0) >= $1 }
    }

    /// Where each partition ends.
    func ends() throws -> [Int64] {
        try partitions.map { try consumer.queryWatermarks($0, timeout: .seconds(20)).high }
    }

    /// How many offsets are not committed yet.
    func lag() throws -> Int64 {
        let committed = try consumer.committed(partitions, timeout: .seconds(20))
        var lag: Int64 = 0
        for (partition, offset) in zip(partitions, committed) {
            lag += try consumer.queryWatermarks(partition, timeout: .seconds(20)).high - (offset ?? 0)
        }
        return lag
    }

    /// Partitions whose first records the broker has dropped.
    func truncated(_ topics: [TopicSpecification]) throws -> [TopicPartition] {
        try topics.flatMap { topic in
            try (0..<Int32(topic.partitions)).map { TopicPartition(topic: topic.name, partition: $0) }.filter {
                try consumer.queryWatermarks($0, timeout: .seconds(20)).low > 0
            }
        }
    }
}
