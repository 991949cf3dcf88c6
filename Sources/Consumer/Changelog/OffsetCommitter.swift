import Counting
import Foundation
import KafkaClient
import Logging
import Observability
import Runtime
import Synchronization

/// The thread that commits source offsets, apart from the one that publishes: while a group rebalances a commit may wait for
/// seconds, and the counts of partitions that stay must not wait with it.
///
/// A commit is for lag monitors and for where a successor begins to read back. So of each partition only the newest matters:
/// what comes while a commit is under way takes the place of what waits.
final class OffsetCommitter: Sendable {
    /// What the publisher hands over once every shard has acknowledged it.
    struct Order: Sendable {
        let commits: [CommitGate.Commit]
        /// Partitions that are given back, which is done when the commit was tried.
        let released: [ReleaseToken]
    }

    struct Context: Sendable {
        let consumer: KafkaConsumer
        let gate: CommitGate
        let releases: ReleaseLatches
        let metrics: MetricsRegistry
        let readiness: Readiness
        let logger: Logger
    }

    private let context: Context
    private let orders = Mailbox<Order>()
    private static let timeout = Duration.seconds(10)

    init(_ context: Context) {
        self.context = context
    }

    func put(_ order: Order) { orders.put(order) }

    /// No more will be put; `run` returns when all that is there was tried.
    func close() { orders.close() }

    func run() {
        var failing = FailingCommits()
        while let taken = orders.takeAll(timeout: 0.2) {
            let commits = OffsetCommitter.newest(taken.flatMap(\.commits))
            if !commits.isEmpty { commit(commits, &failing) }
            for order in taken { for token in order.released { context.releases.reach(token) } }
        }
    }

    /// Of each partition the last: an owner's offsets never go down, and of an earlier owner's epoch the gate lets none pass.
    static func newest(_ commits: [CommitGate.Commit]) -> [CommitGate.Commit] {
        var newest: [TopicPartition: CommitGate.Commit] = [:]
        for commit in commits {
            let partition = commit.offset.position.partition
            if let held = newest[partition], held.epoch > commit.epoch { continue }
            newest[partition] = commit
        }
        return newest.sorted { $0.key < $1.key }.map(\.value)
    }

    private func commit(_ commits: [CommitGate.Commit], _ failing: inout FailingCommits) {
        do throws(KafkaError) {
            try context.gate.pass(commits) { allowed throws(KafkaError) in
                try context.consumer.commit(allowed, timeout: OffsetCommitter.timeout)
                context.readiness.confirmMembership()
            }
            context.metrics.add(.offsetsCommitted, [("result", "done")])
            failing = FailingCommits()
        } catch {
            // The next one has all that this one had; until then a crash only repeats work.
            let level: Logger.Level = failing.isWorthALine(at: .now) ? .warning : .debug
            context.logger.log(
                level: level, "offsets are not committed; counts are published all the same",
                metadata: ["error": "\(error)"])
            context.metrics.add(.offsetsCommitted, [("result", "failed")])
        }
    }
}

/// Commits that fail one after the other. In a rebalance some do, and no harm is done; so they are worth a line once they have
/// failed for longer than that takes, and then one a minute.
struct FailingCommits {
    private static let patience = Duration.seconds(30)
    private static let interval = Duration.seconds(60)
    private var since: ContinuousClock.Instant?
    private var lastLine: ContinuousClock.Instant?

    /// Notes a failure.
    mutating func isWorthALine(at now: ContinuousClock.Instant) -> Bool {
        let since = since ?? now
        self.since = since
        guard since.duration(to: now) >= FailingCommits.patience,
            lastLine.map({ $0.duration(to: now) >= FailingCommits.interval }) ?? true
        else { return false }
        lastLine = now
        return true
    }
}
