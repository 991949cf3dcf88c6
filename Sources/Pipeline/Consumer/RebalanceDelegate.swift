import Foundation
import KafkaClient
import Logging

/// Hands partitions to workers, and takes them back only when what they counted is published and committed.
final class RebalanceDelegate: KafkaConsumerDelegate {
    private let requests: [Mailbox<PartitionWorker.Request>]
    private let flushes: Mailbox<EvaluatorMessage>
    private let metrics: MetricsRegistry
    private let readiness: Readiness
    private let logger: Logger
    private let startedAt: ContinuousClock.Instant

    /// Kubernetes allows 120 s, and a group's members wait for each other; a drain that takes longer than this is given
    /// up, and its records are read again by their next owner.
    private static let drainSecondsMax: TimeInterval = 10

    init(
        requests: [Mailbox<PartitionWorker.Request>], flushes: Mailbox<EvaluatorMessage>, metrics: MetricsRegistry,
        readiness: Readiness, logger: Logger, startedAt: ContinuousClock.Instant
    ) {
        self.requests = requests
        self.flushes = flushes
        self.metrics = metrics
        self.readiness = readiness
        self.logger = logger
        self.startedAt = startedAt
    }

    func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] {
        flushes.put(.assigned(partitions))
        let assignments = partitions.map { partition in
            let worker = RebalanceDelegate.worker(of: partition, among: requests.count)
            requests[worker].put(.assign(partition))
            return PartitionAssignment(partition, worker: worker)
        }
        logger.info("assigned", metadata: ["partitions": "\(text(partitions))"])
        metrics.add(.rebalances, [("direction", "assigned")], by: Double(partitions.count))
        if metrics.value(.readySeconds) == nil {
            metrics.set(.readySeconds, to: startedAt.duration(to: .now).seconds)
        }
        readiness.set(.ready)
        return assignments
    }

    func revoked(_ partitions: [ReleasedPartition]) {
        let start = ContinuousClock.now
        let milestones = partitions.map { released in
            let milestone = Milestone()
            requests[released.worker].put(.release(released.partition, milestone))
            return milestone
        }
        let deadline = Date(timeIntervalSinceNow: RebalanceDelegate.drainSecondsMax)
        let isDrained = milestones.allSatisfy { $0.wait(timeout: max(0, deadline.timeIntervalSinceNow)) }
        let seconds = start.duration(to: .now).seconds
        metrics.set(.drainSeconds, to: seconds)
        metrics.add(.rebalances, [("direction", "revoked")], by: Double(partitions.count))
        logger.log(
            level: isDrained ? .info : .warning, isDrained ? "drained" : "drain timed out; records will be read again",
            metadata: ["partitions": "\(text(partitions.map(\.partition)))", "seconds": "\(seconds)"])
    }

    func lost(_ partitions: [ReleasedPartition]) {
        for released in partitions { requests[released.worker].put(.forget(released.partition)) }
        metrics.add(.rebalances, [("direction", "lost")], by: Double(partitions.count))
        logger.warning(
            "partitions were lost to another member", metadata: ["partitions": "\(text(partitions.map(\.partition)))"])
    }

    /// Spreads the partitions of each topic, and lets small topics start at different workers.
    private static func worker(of partition: TopicPartition, among count: Int) -> Int {
        let offset = partition.topic.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        return (Int(partition.partition) + offset) % count
    }

    private func text(_ partitions: [TopicPartition]) -> String {
        partitions.map(\.description).joined(separator: ",")
    }
}
