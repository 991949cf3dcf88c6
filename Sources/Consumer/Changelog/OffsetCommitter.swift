import Counting
import KafkaClient
import Logging
import Observability
import Runtime

/// The thread that commits source offsets, apart from the one that publishes: while a group rebalances a commit may wait for
/// seconds, and the counts of partitions that stay must not wait with it.
final class OffsetCommitter: Sendable {
    struct Context: Sendable {
        let consumer: KafkaConsumer
        let gate: CommitGate
        let releases: ReleaseLatches
        let metrics: MetricsRegistry
        let readiness: Readiness
        let logger: Logger
    }

    private let context: Context
    private let orders = Mailbox<CommitOrder>()
    private static let timeout = Duration.seconds(10)

    init(_ context: Context) {
        self.context = context
    }

    func put(_ order: CommitOrder) { orders.put(order) }

    /// No more will be put; `run` returns when all that is there was tried.
    func close() { orders.close() }

    func run() {
        var failing = FailingCommits()
        while let taken = orders.takeAll(timeout: 0.2) {
            let order = CommitOrder(merging: taken)
            if !order.commits.isEmpty { commit(order.commits, &failing) }
            for token in order.released { context.releases.reach(token) }
        }
    }

    private func commit(_ commits: [SourceCommit], _ failing: inout FailingCommits) {
        do throws(KafkaError) {
            try context.gate.pass(commits) { allowed throws(KafkaError) in
                try context.consumer.commit(allowed.map { OffsetAndMetadata($0) }, timeout: OffsetCommitter.timeout)
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

extension OffsetAndMetadata {
    fileprivate init(_ commit: SourceCommit) {
        self.init(
            PartitionOffset(TopicPartition(commit.source), offset: commit.offset), metadata: commit.hint.text)
    }
}
