import KafkaClient
import Logging
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
        _ reader: KafkaRangeReader, timeout: Duration, stop: Milestone, logger: Logger
    ) throws {
        self.shards = shards
        if partitions == 0 { return }
        let holding = Set(shards.map { $0 % Int32(partitions) })
        try reader.readToEnd(of: topic, holding, timeout: timeout, stop: stop) { _, message in
            if onlyEvaluators, !ShardCheckpointRecord.isKey(message.key) { return }
            do throws(JSONCursorError) {
                take(try CheckpointRecord(json: Array(copying: message.value)))
            } catch {
                logger.error("a checkpoint is unreadable", metadata: ["error": "\(error)"])
            }
        }
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
