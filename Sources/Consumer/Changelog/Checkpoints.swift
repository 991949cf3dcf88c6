import Evaluation
import KafkaClient
import Records
import Runtime

extension Checkpoints {
    /// Reads them where they belong.
    ///
    /// - Parameters:
    ///   - partitions: how many the topic has.
    ///   - onlyEvaluators: passes over monitors and alerts, which are most of the topic.
    init(
        of shards: Set<Int32>, in topic: String, partitions: Int, onlyEvaluators: Bool = false,
        _ reader: KafkaRangeReader, timeout: Duration, stop: Latch, skips: SkippedRecords
    ) throws {
        let holding = partitions == 0 ? [] : Set(shards.map { $0 % Int32(partitions) })
        try self.init(
            of: shards, in: topic, holding: holding, onlyEvaluators: onlyEvaluators, reader, timeout: timeout,
            stop: stop, skips: skips)
    }

    /// - Parameter holding: the partitions that are read.
    init(
        of shards: Set<Int32>, in topic: String, holding: Set<Int32>, onlyEvaluators: Bool = false,
        _ reader: KafkaRangeReader, timeout: Duration, stop: Latch, skips: SkippedRecords
    ) throws {
        self.init(of: shards)
        readThrough = try reader.readToEnd(of: topic, holding, timeout: timeout, stop: stop) { partition, message in
            if onlyEvaluators, !ShardCheckpointRecord.isKey(message.key) { return }
            if skips.contains(partition, offset: message.offset) { return }
            read(Array(copying: message.value), at: TopicPlace(partition, offset: message.offset))
        }
        if let unreadable { throw unreadable }
    }

    /// Reads on from where this ended, for states of alerts: those that are found have to be as far as any window that was read
    /// since.
    mutating func readOnForAlerts(
        in topic: String, _ reader: KafkaRangeReader, timeout: Duration, stop: Latch, skips: SkippedRecords
    ) throws {
        readThrough = try reader.readToEnd(
            of: topic, Set(readThrough.keys), from: readThrough, timeout: timeout, stop: stop
        ) { partition, message in
            if !AlertStateRecord.isKey(message.key) || skips.contains(partition, offset: message.offset) { return }
            read(Array(copying: message.value), at: TopicPlace(partition, offset: message.offset))
        }
        if let unreadable { throw unreadable }
    }
}
