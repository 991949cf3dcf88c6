import KafkaClient

extension KafkaRangeReader {
    /// Reads partitions of a compacted topic until their ends no longer move: compaction may have dropped a record for one
    /// behind the end that the topic had when reading began.
    ///
    /// - Throws: also when `stop` is reached.
    package func readToEnd(
        of topic: String, _ partitions: Set<Int32>, timeout: Duration, stop: Latch,
        _ body: (TopicPartition, Message) -> Void
    ) throws {
        var ranges = partitions.sorted().map { partition in
            PartitionRange(TopicPartition(topic: topic, partition: partition), from: .beginning)
        }
        var ends: [TopicPartition: Int64] = [:]
        while !ranges.isEmpty {
            try start(ranges, timeout: timeout)
            var moved: [PartitionRange] = []
            while !isDone {
                for case .done(let end) in try poll(timeout: .milliseconds(100), body)
                where ends.updateValue(end.offset, forKey: end.partition) != end.offset {
                    moved.append(PartitionRange(end.partition, from: .offset(end.offset)))
                }
                if stop.isReached { throw StopReached() }
            }
            ranges = moved
        }
    }
}

/// The process stops, and with it what was going on.
package struct StopReached: Error, CustomStringConvertible {
    package init() {}

    package var description: String { "stopped" }
}
