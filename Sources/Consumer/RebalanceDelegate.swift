import Accounting
import Counting
import Foundation
import KafkaClient
import Logging
import Observability
import Runtime
import Synchronization

/// Hands partitions to workers, and takes them back only when what they counted is published and committed.
final class RebalanceDelegate: KafkaConsumerDelegate {
    struct Context: Sendable {
        let requests: [Mailbox<PartitionWorker.Request>]
        let takeover: SourceTakeover
        let gate: CommitGate
        let releases: ReleaseLatches
        /// How many records before its position a partition is read again, by topic.
        let readBack: [String: Int64]
        let metrics: MetricsRegistry
        let brokers: BrokerLog
        let logger: Logger
        /// Called when the member has its partitions.
        let onReady: @Sendable () -> Void
        /// Called when they are another member's.
        let onLost: @Sendable () -> Void
    }

    private let context: Context
    let consumer = DelegatingConsumer()
    /// Assigned, and not taken over yet.
    private let waiting = Mutex<Set<TopicPartition>>([])
    /// Of what is waiting, those whose hints in the group are untrue.
    private let distrusted = Mutex<Set<TopicPartition>>([])

    /// Kubernetes allows 120 s, and a group's members wait for each other; a drain that takes longer than this is given
    /// up, and its records are read again by their next owner.
    private static let drainSecondsMax: TimeInterval = 7

    /// Where a partition starts that is not taken over: beyond every end. Nothing of it can come, and the refusal, which
    /// comes as soon as its leader answers, is the moment to take it over.
    static let nowhere: Int64 = 1 << 60

    init(_ context: Context) {
        self.context = context
    }

    func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] {
        guard let consumer = consumer.value else { return [] }
        let began = ContinuousClock.now
        let pause = [("cause", "rebalance")]
        context.metrics.set(.consumptionPaused, pause, to: 1)
        let starts = take(partitions, for: consumer)
        let assignments = partitions.map { partition in
            PartitionAssignment(
                partition, start: starts[partition].map { .offset($0) } ?? .offset(RebalanceDelegate.nowhere),
                worker: RebalanceDelegate.worker(of: partition, among: context.requests.count))
        }
        let seconds = began.duration(to: .now).seconds
        context.logger.info("assigned", metadata: ["partitions": "\(text(partitions))", "seconds": .seconds(seconds)])
        context.metrics.add(.rebalances, [("direction", "assigned")], by: Double(partitions.count))
        context.metrics.set(.takeoverSeconds, to: seconds)
        context.metrics.set(.consumptionPaused, pause, to: 0)
        context.onReady()
        return assignments
    }

    /// Takes partitions over and tells their workers.
    ///
    /// - Returns: where reading begins, of those that were taken; the others wait for `takeWaiting`.
    private func take(_ partitions: [TopicPartition], for consumer: KafkaConsumer) -> [TopicPartition: Int64] {
        let taken = context.takeover.take(
            partitions, for: consumer, readBack: context.readBack,
            trusting: distrusted.withLock { $0.isDisjoint(with: partitions) })
        distrusted.withLock { $0.subtract(taken.keys) }
        context.gate.open(taken.mapValues(\.owner.epoch))
        for (partition, hold) in taken {
            context.requests[RebalanceDelegate.worker(of: partition, among: context.requests.count)].put(
                .driver(.assign(hold)))
        }
        note { $0 = $0.union(partitions).subtracting(taken.keys) }
        return taken.mapValues(\.readFrom)
    }

    /// Whether the partition was assigned and not taken over.
    func isWaiting(_ partition: TopicPartition) -> Bool { waiting.withLock { $0.contains(partition) } }

    /// Whether a partition is given up that is not taken over anew yet.
    var isTakingAnew: Bool { distrusted.withLock { !$0.isEmpty } }

    /// Whether this member has the partition in this epoch, also by the word of the group: it may not have told yet that it is
    /// another's.
    func owns(_ source: SourcePartition, in epoch: OwnerEpoch, _ consumer: KafkaConsumer) throws -> Bool {
        let partition = TopicPartition(source)
        return try context.gate.owned[source] == epoch && consumer.assignment.contains(partition)
            && context.takeover.isOwner(of: partition, consumer)
    }

    /// Gives a partition up that the registers say is another owner's, to take it over anew: nothing of it is committed or counted
    /// any more, and as reading goes on nowhere, its worker says that the position is lost once it has seen all that it had read.
    func giveUp(_ partition: TopicPartition, of consumer: KafkaConsumer) throws(KafkaError) {
        context.gate.close([partition])
        let worker = RebalanceDelegate.worker(of: partition, among: context.requests.count)
        context.requests[worker].put(.driver(.forget(SourcePartition(partition))))
        distrusted.withLock { _ = $0.insert(partition) }
        note { $0.insert(partition) }
        try consumer.restart([PartitionOffset(partition, offset: RebalanceDelegate.nowhere)], timeout: .seconds(10))
    }

    /// Takes over a partition that waits, when its leader answers again.
    ///
    /// - Returns: where reading begins; `nil` when it goes on waiting.
    func takeWaiting(_ partition: TopicPartition) -> Int64? {
        guard let consumer = consumer.value else { return nil }
        return take([partition], for: consumer)[partition]
    }

    private func leave(_ partitions: [TopicPartition]) {
        distrusted.withLock { $0.subtract(partitions) }
        note { $0.subtract(partitions) }
    }

    private func note(_ change: (inout Set<TopicPartition>) -> Void) {
        let count = waiting.withLock { waiting in
            change(&waiting)
            return waiting.count
        }
        context.metrics.set(.partitionsWaiting, to: Double(count))
    }

    func revoked(_ partitions: [ReleasedPartition]) {
        leave(partitions.map(\.partition))
        let start = ContinuousClock.now
        let waits = partitions.map { released in
            let wait = context.releases.make()
            context.requests[released.worker].put(.driver(.release(SourcePartition(released.partition), wait.token)))
            return wait
        }
        let deadline = ContinuousClock.now + .seconds(RebalanceDelegate.drainSecondsMax)
        let isDrained = waits.allSatisfy { $0.latch.wait(until: deadline) }
        if !isDrained { for wait in waits { context.releases.remove(wait.token) } }
        context.gate.close(partitions.map(\.partition))
        let seconds = start.duration(to: .now).seconds
        context.metrics.set(.drainSeconds, to: seconds)
        context.metrics.add(.rebalances, [("direction", "revoked")], by: Double(partitions.count))
        context.logger.log(
            level: isDrained ? .info : .warning, isDrained ? "drained" : "drain timed out; records will be read again",
            metadata: ["partitions": "\(text(partitions.map(\.partition)))", "seconds": .seconds(seconds)])
    }

    func lost(_ partitions: [ReleasedPartition]) {
        context.onLost()
        leave(partitions.map(\.partition))
        context.gate.close(partitions.map(\.partition))
        for released in partitions {
            context.requests[released.worker].put(.driver(.forget(SourcePartition(released.partition))))
        }
        context.metrics.add(.rebalances, [("direction", "lost")], by: Double(partitions.count))
        context.logger.warning(
            "\(SessionLoss.text(of: "partitions", context.brokers))",
            metadata: ["partitions": "\(text(partitions.map(\.partition)))"])
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
