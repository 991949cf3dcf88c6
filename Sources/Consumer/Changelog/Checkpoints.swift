import JSON
import KafkaClient
import Records
import Runtime
import TelemetryModel

/// What the topic of checkpoints says of some shards: of each thing what the owner says who has read furthest.
struct Checkpoints {
    private(set) var evaluators: [Int32: ShardCheckpointRecord] = [:]
    private(set) var monitors: [Int32: [MonitorRecord.Series: MonitorRecord]] = [:]
    private let shards: Set<Int32>

    /// - Parameters:
    ///   - partitions: how many the topic has.
    ///   - onlyEvaluators: passes over the monitors, which are most of the topic.
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
        self.shards = shards
        var unreadable: UnreadableRecord?
        try reader.readToEnd(of: topic, holding, timeout: timeout, stop: stop) { partition, message in
            if onlyEvaluators, !ShardCheckpointRecord.isKey(message.key) { return }
            if skips.contains(partition, offset: message.offset) { return }
            do throws(JSONCursorError) {
                take(try CheckpointRecord(json: Array(copying: message.value)))
            } catch {
                unreadable = unreadable ?? UnreadableRecord(partition, offset: message.offset, "\(error)")
            }
        }
        if let unreadable { throw unreadable }
    }

    private mutating func take(_ record: CheckpointRecord) {
        switch record {
        case .evaluator(let record):
            guard shards.contains(record.shard) else { return }
            if evaluators[record.shard].map({ record.isNewer(than: $0) }) ?? true { evaluators[record.shard] = record }
        case .monitor(let record):
            guard shards.contains(record.shard) else { return }
            if monitors[record.shard]?[record.series].map({ record.isNewer(than: $0) }) ?? true {
                monitors[record.shard, default: [:]][record.series] = record
            }
        }
    }
}
