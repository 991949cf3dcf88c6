import KafkaClient

extension KafkaRangeReader {
    /// Reads partitions of a compacted topic until their ends no longer move: compaction may have dropped a record for one
    /// behind the end that the topic had when reading began.
    ///
    /// - Parameter begun: where an earlier reading of a partition ended, to go on from there.
    /// - Returns: the ends, by partition.
    /// - Throws: also when `stop` is reached.
    @discardableResult
    package func readToEnd(
        of topic: String, _ partitions: Set<Int32>, from begun: [Int32: Int64] = [:], timeout: Duration,
        stop: Latch, _ body: (TopicPartition, Message) -> Void
    ) throws -> [Int32: Int64] {
        var ends = begun
        var ranges = partitions.sorted().map { number in
            let partition = TopicPartition(topic: topic, partition: number)
            return PartitionRange(partition, from: begun[number].map { .offset($0) } ?? .beginning)
        }
        while !ranges.isEmpty {
            try start(ranges, timeout: timeout)
            var moved: [PartitionRange] = []
            while !isDone {
                for case .done(let end) in try poll(timeout: .milliseconds(100), body)
                where ends.updateValue(end.offset, forKey: end.partition.partition) != end.offset {
                    moved.append(PartitionRange(end.partition, from: .offset(end.offset)))
                }
                if stop.isReached { throw StopReached() }
            }
            ranges = moved
        }
        return ends
    }
}

/// The process stops, and with it what was going on.
package struct StopReached: Error, CustomStringConvertible {
    package init() {}

    package var description: String { "stopped" }
}
