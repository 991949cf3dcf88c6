import Evaluation
import KafkaClient
import Runtime

extension ShardRestorer {
    private static let lookPatience = Duration.seconds(3)

    /// Where the shards' logs end now: who writes behind it is running.
    func ends(of shards: [Int32], _ consumer: KafkaConsumer) throws -> [Int32: Int64] {
        var ends: [Int32: Int64] = [:]
        for shard in shards {
            ends[shard] = try consumer.queryWatermarks(log(of: shard), timeout: ShardRestorer.requestTimeout).high
        }
        return ends
    }

    /// Refuses a log that ends before what a checkpoint has of it. The evaluator's own reading would find that out, but where a
    /// broker answers nothing to who reads behind an end.
    ///
    /// The end alone is not believed: one that is asked for may be too low (see ``RangeProgress``), or from before the checkpoint. So
    /// the record before the position is read.
    func expectPositions(in saved: Checkpoints, before ends: [Int32: Int64]) throws {
        var next: [TopicPartition: Int64] = [:]
        for (shard, end) in ends {
            guard let position = saved.evaluators[shard]?.checkpoint.next, position > end else { continue }
            next[log(of: shard)] = position
        }
        if next.isEmpty { return }
        let reader = try KafkaRangeReader(settings: context.kafka)
        try reader.start(
            next.map { PartitionRange($0.key, from: .offset($0.value - 1), upTo: $0.value) },
            timeout: ShardRestorer.lookPatience)
        while !reader.isDone {
            for event in try reader.poll(timeout: .milliseconds(100), { _, _ in }) {
                switch event {
                case .outOfRange(let log, let wanted, _, let end) where wanted > end:
                    throw LostPosition(log, end: end, next: wanted + 1)
                case .waiting(let end):
                    throw LostPosition(end.partition, end: end.offset, next: next[end.partition] ?? 0)
                case .outOfRange, .done: break
                }
            }
            if context.stop.isReached { throw StopReached() }
        }
    }

    private func log(of shard: Int32) -> TopicPartition {
        TopicPartition(topic: context.topics.registers, partition: shard)
    }
}
