import KafkaClient

/// Reads topics of our own to their ends, by one patience: what a restart needs of what was published.
package struct StateTopicReader {
    private let reader: KafkaRangeReader
    private let timeout: Duration
    private let stop: Latch
    private let skips: SkippedRecords

    /// - Parameters:
    ///   - timeout: for each question, and for a broker that sends nothing.
    ///   - stop: ends a reading, which throws then.
    package init(_ reader: KafkaRangeReader, timeout: Duration, stop: Latch, skips: SkippedRecords) {
        self.reader = reader
        self.timeout = timeout
        self.stop = stop
        self.skips = skips
    }

    /// Hands over what the partitions hold but for records that carry no right code, and those to be skipped, which `passedOver` is
    /// told of.
    ///
    /// - Parameters:
    ///   - begun: where an earlier reading of a partition ended, to go on from there.
    ///   - isWanted: by its key and by whether it has a value; what is not wanted is not looked at.
    /// - Returns: the ends, by partition.
    @discardableResult
    package func read(
        _ topic: String, _ partitions: Set<Int32>, from begun: [Int32: Int64] = [:],
        where isWanted: (Message) -> Bool = { _ in true },
        passedOver: (TopicPartition, Message) -> Void = { _, _ in }, _ body: (TopicPartition, Message) -> Void
    ) throws -> [Int32: Int64] {
        try reader.readToEnd(of: topic, partitions, from: begun, timeout: timeout, stop: stop) { partition, message in
            // Also what nobody wants: a tombstone that somebody else wrote takes a record out all the same.
            let cause = skips.cause(of: message, in: partition)
            if !isWanted(message) { return }
            switch cause {
            case nil: body(partition, message)
            case .onRequest: passedOver(partition, message)
            case .notAuthentic: break
            }
        }
    }
}
