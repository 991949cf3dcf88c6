import Counting
import KafkaClient
import Logging
import Observability
import Runtime

/// The publishing thread of the count role: feeds its driver with what the counting threads hand over, and does what it wants
/// done.
final class RegisterPublisher {
    struct Context: Sendable {
        let outlet: RegisterOutlet
        let committer: OffsetCommitter
        let flushes: Mailbox<PartitionFlush>
        let releases: ReleaseLatches
        let metrics: MetricsRegistry
        let logger: Logger
        let stop: Latch
        let fail: @Sendable (String) -> Void
    }

    private let context: Context
    private let acknowledgements: AcknowledgementWait
    private let began = ContinuousClock.now
    private var driver = PublisherDriver()
    private var telemetry: PublisherTelemetry
    private var lastSent: UInt64 = 0

    init(_ context: Context) {
        self.context = context
        telemetry = PublisherTelemetry(metrics: context.metrics, logger: context.logger)
        acknowledgements = AcknowledgementWait(
            producer: context.outlet.producer, stop: context.stop, fail: context.fail)
    }

    private var now: Duration { began.duration(to: .now) }

    /// Runs until the mailbox is closed and empty.
    func run() {
        while let flushes = context.flushes.takeAll(timeout: 0.2) { step(.flushes(flushes, at: now)) }
    }

    private func step(_ input: PublisherInput) {
        var effects = driver.step(input)[...]
        while let effect = effects.popFirst() {
            switch effect {
            case .awaitRecords(let sequence): effects += driver.step(answer(through: sequence))
            case .awaitUpdates: effects += driver.step(answer(through: lastSent))
            case .send(let flush):
                do throws(KafkaError) { lastSent = max(lastSent, try context.outlet.send(flush)) } catch {
                    context.fail("an update of registers could not be sent: \(error)")
                    effects = driver.step(.unacknowledged)[...]
                }
            case .commit(let commits, let released):
                context.committer.put(CommitOrder(commits: commits, released: released))
            case .release(let tokens): for token in tokens { context.releases.reach(token) }
            case .published(let flushes, let duration): telemetry.note(flushes, took: duration)
            }
        }
    }

    /// Waits for acknowledgements.
    private func answer(through sequence: UInt64) -> PublisherInput {
        guard acknowledgements.isAcknowledged(through: sequence) else { return .unacknowledged }
        return .acknowledged(logEnds: logEnds(), at: now)
    }

    private func logEnds() -> [Int64] {
        (0..<context.outlet.shards.count).map { shard in
            let partition = TopicPartition(topic: context.outlet.topic, partition: Int32(shard))
            return context.outlet.producer.lastDelivered(partition).map { $0 + 1 } ?? 0
        }
    }
}
