import Evaluation
import Foundation
import KafkaClient
import Logging
import Observability
import Runtime

/// Hands shards to the evaluator, restored, and takes them back when their results are published.
final class ShardDelegate: KafkaConsumerDelegate {
    struct Context: Sendable {
        let requests: Mailbox<EvaluatorThread.Request>
        let restorer: ShardRestorer
        let metrics: MetricsRegistry
        let brokers: BrokerLog
        let logger: Logger
        /// Called when the member has its shards.
        let onReady: @Sendable () -> Void
        /// Called when they are another member's.
        let onLost: @Sendable () -> Void
    }

    private let context: Context
    let consumer = DelegatingConsumer()

    private static let drainSecondsMax: TimeInterval = 10

    init(_ context: Context) {
        self.context = context
    }

    func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] {
        guard let consumer = consumer.value else { return [] }
        let began = ContinuousClock.now
        var starts: [Int32: Int64] = [:]
        for shard in context.restorer.restore(partitions.map(\.partition), for: consumer) {
            starts[shard.shard] = shard.evaluator.next
            context.requests.put(.assign(shard))
        }
        context.metrics.set(.restoreSeconds, to: began.duration(to: .now).seconds)
        context.onReady()
        return partitions.map { partition in
            // A shard that was never evaluated is read from its first record; that retention took it is an error. Without
            // a start the process stops, and nobody here reads what comes.
            PartitionAssignment(
                partition, start: starts[partition.partition].map { .offset($0) } ?? .end, worker: 0)
        }
    }

    func revoked(_ partitions: [ReleasedPartition]) {
        let latches = partitions.map { released in
            let latch = Latch()
            context.requests.put(.release(released.partition.partition, latch))
            return latch
        }
        let deadline = ContinuousClock.now + .seconds(ShardDelegate.drainSecondsMax)
        if !latches.allSatisfy({ $0.wait(until: deadline) }) {
            context.logger.warning("shards were given back before their results were published")
        }
    }

    func lost(_ partitions: [ReleasedPartition]) {
        context.onLost()
        for released in partitions { context.requests.put(.forget(released.partition.partition)) }
        context.logger.warning("\(SessionLoss.text(of: "shards", context.brokers))")
    }
}
