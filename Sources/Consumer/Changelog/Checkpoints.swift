import Evaluation
import KafkaClient
import Records
import Runtime

extension Checkpoints {
    /// Reads them where they belong.
    ///
    /// - Parameters:
    ///   - partitions: how many the topic has.
    ///   - onlyEvaluators: skips monitors and alerts, which are most of the topic.
    init(
        of shards: Set<Int32>, in topic: String, partitions: Int, onlyEvaluators: Bool = false,
        _ reader: StateTopicReader
    ) throws {
        let holding = partitions == 0 ? [] : Set(shards.map { $0 % Int32(partitions) })
        try self.init(of: shards, in: topic, holding: holding, onlyEvaluators: onlyEvaluators, reader)
    }

    /// - Parameter holding: the partitions that are read.
    init(
        of shards: Set<Int32>, in topic: String, holding: Set<Int32>, onlyEvaluators: Bool = false,
        _ reader: StateTopicReader
    ) throws {
        self.init(of: shards)
        try readOn(in: topic, holding, reader) { !onlyEvaluators || ShardCheckpointRecord.isKey($0.key) }
    }

    /// Reads on from where this ended, for what evaluators have read.
    mutating func readOnForEvaluators(in topic: String, holding: Set<Int32>, _ reader: StateTopicReader) throws {
        try readOn(in: topic, holding, reader) { ShardCheckpointRecord.isKey($0.key) }
    }

    /// Reads on from where this ended, for states of alerts: those that are found have to be as far as any window that was read
    /// since.
    mutating func readOnForAlerts(in topic: String, _ reader: StateTopicReader) throws {
        try readOn(in: topic, Set(readThrough.keys), reader) { AlertStateRecord.isKey($0.key) }
    }

    private mutating func readOn(
        in topic: String, _ holding: Set<Int32>, _ reader: StateTopicReader, where isWanted: (Message) -> Bool
    ) throws {
        // A tombstone is how somebody takes a record out of a compacted topic.
        readThrough = try reader.read(
            topic, holding, from: readThrough, where: { $0.value.byteCount > 0 && isWanted($0) }
        ) { partition, message in
            read(Array(copying: message.value), at: TopicPlace(partition, offset: message.offset))
        }
        if let unreadable { throw unreadable }
    }
}
