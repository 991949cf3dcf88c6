import Accounting
import Counting
import Evaluation
import Foundation
import KafkaClient
import Logging
import Records
import Runtime

/// Reads the chains of this member's sources back each minute, as an evaluator reads them, and says where they are not as the
/// member left them.
///
/// The acknowledgements of updates say nothing of that: they come for void updates too. An evaluator's checkpoint says what its
/// shard's log was read to, so of the log only what lies behind it is read: some seconds, or what the longest open window of a
/// rollup holds. Before there is a checkpoint of each shard nothing is looked at.
final class ChainCheck: Sendable {
    struct Context: Sendable {
        let kafka: KafkaClient.KafkaSettings
        let sink: ChangelogSink
        /// The topic of checkpoints.
        let checkpoints: String
        let gate: CommitGate
        let skips: SkippedRecords
        let interval: Duration
        let logger: Logger
        let stop: Latch
        /// Told of each look that came to an end; of nothing where all is as it should be.
        let found: @Sendable ([ChainDispute]) -> Void
    }

    private let context: Context
    private static let timeout = Duration.seconds(15)

    init(_ context: Context) {
        self.context = context
    }

    /// Runs until the stop.
    func run() {
        var saved = Checkpoints(of: shards)
        while !context.stop.wait(timeout: context.interval / .seconds(1)) {
            do {
                if let disputes = try look(&saved) { context.found(disputes) }
            } catch is StopReached {
                return
            } catch {
                saved = Checkpoints(of: shards)
                context.logger.warning("the registers were not read back", metadata: ["error": "\(error)"])
            }
        }
    }

    private var shards: Set<Int32> { Set(0..<Int32(context.sink.shards.count)) }

    /// - Returns: `nil` where there is nothing to go by yet.
    private func look(_ saved: inout Checkpoints) throws -> [ChainDispute]? {
        let owned = context.gate.owned
        if owned.isEmpty { return [] }
        let reader = StateTopicReader(
            try KafkaRangeReader(settings: context.kafka), timeout: ChainCheck.timeout, stop: context.stop,
            skips: context.skips)
        let partitions =
            try context.sink.producer.partitionCount(of: context.checkpoints, timeout: ChainCheck.timeout) ?? 0
        try saved.readOnForEvaluators(in: context.checkpoints, holding: Set(0..<Int32(partitions)), reader)
        guard saved.evaluators.count == shards.count else { return nil }
        var places = ReadBackPlaces(shards: shards.count)
        for record in saved.evaluators.values { places.add(record, of: Set(owned.keys)) }
        let claims = Dictionary(
            uniqueKeysWithValues: owned.map { ($0.key, Claim(source: $0.key, epoch: $0.value)) })
        let logs = ShardLogs(
            kafka: context.kafka, topic: context.sink.topic, skips: context.skips, logger: context.logger,
            stop: context.stop)
        let found = try logs.readBack(claims, from: places, timeout: ChainCheck.timeout)
        // Evaluators stop there, and say so.
        if found.unreadable != nil || found.beyond != nil { return nil }
        return found.disputes(of: owned, sent: context.sink.sent.current)
    }
}
