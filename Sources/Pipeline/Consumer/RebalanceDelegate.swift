import Foundation
import KafkaClient
import Logging

/// Hands partitions to workers, and takes them back only when what they counted is published and committed.
final class RebalanceDelegate: KafkaConsumerDelegate {
    struct Context: Sendable {
        let requests: [Mailbox<PartitionWorker.Request>]
        let takeover: SourceTakeover
        let gate: CommitGate
        /// How many records before its position a partition is read again, by topic.
        let readBack: [String: Int64]
        let metrics: MetricsRegistry
        let logger: Logger
        /// Called when the member has its partitions.
        let onReady: @Sendable () -> Void
    }

    private let context: Context
    let consumer = DelegatingConsumer()

    /// Kubernetes allows 120 s, and a group's members wait for each other; a drain that takes longer than this is given
    /// up, and its records are read again by their next owner.
    private static let drainSecondsMax: TimeInterval = 10

    init(_ context: Context) {
        self.context = context
    }

    func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] {
        guard let consumer = consumer.value else { return [] }
        let began = ContinuousClock.now
        let pause = [("cause", "rebalance")]
        context.metrics.set(.consumptionPaused, pause, to: 1)
        let taken = context.takeover.take(partitions, for: consumer, readBack: context.readBack)
        context.gate.open(taken.mapValues(\.owner.epoch))
        let assignments = partitions.map { partition in
            let worker = RebalanceDelegate.worker(of: partition, among: context.requests.count)
            guard let hold = taken[partition] else {
                // The process stops; what is read of the partition is counted by nobody here.
                return PartitionAssignment(partition, start: .end, worker: worker)
            }
            context.requests[worker].put(.assign(hold))
            return PartitionAssignment(partition, start: .offset(hold.readFrom), worker: worker)
        }
        let seconds = began.duration(to: .now).seconds
        context.logger.info("assigned", metadata: ["partitions": "\(text(partitions))", "seconds": "\(seconds)"])
        context.metrics.add(.rebalances, [("direction", "assigned")], by: Double(partitions.count))
        context.metrics.set(.takeoverSeconds, to: seconds)
        context.metrics.set(.consumptionPaused, pause, to: 0)
        context.onReady()
        return assignments
    }

    func revoked(_ partitions: [ReleasedPartition]) {
        let start = ContinuousClock.now
        let milestones = partitions.map { released in
            let milestone = Milestone()
            context.requests[released.worker].put(.release(released.partition, milestone))
            return milestone
        }
        let deadline = Date(timeIntervalSinceNow: RebalanceDelegate.drainSecondsMax)
        let isDrained = milestones.allSatisfy { $0.wait(timeout: max(0, deadline.timeIntervalSinceNow)) }
        context.gate.close(partitions.map(\.partition))
        let seconds = start.duration(to: .now).seconds
        context.metrics.set(.drainSeconds, to: seconds)
        context.metrics.add(.rebalances, [("direction", "revoked")], by: Double(partitions.count))
        context.logger.log(
            level: isDrained ? .info : .warning, isDrained ? "drained" : "drain timed out; records will be read again",
            metadata: ["partitions": "\(text(partitions.map(\.partition)))", "seconds": "\(seconds)"])
    }

    func lost(_ partitions: [ReleasedPartition]) {
        context.gate.close(partitions.map(\.partition))
        for released in partitions { context.requests[released.worker].put(.forget(released.partition)) }
        context.metrics.add(.rebalances, [("direction", "lost")], by: Double(partitions.count))
        context.logger.warning(
            "partitions were lost to another member", metadata: ["partitions": "\(text(partitions.map(\.partition)))"])
    }

    /// The worker that a partition has: partitions of a topic are spread, and small topics start at different workers.
    static func worker(of partition: TopicPartition, among count: Int) -> Int {
        let offset = partition.topic.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        return (Int(partition.partition) + offset) % count
    }

    private func text(_ partitions: [TopicPartition]) -> String {
        partitions.map(\.description).joined(separator: ",")
    }
}
