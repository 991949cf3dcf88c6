import Counting
import KafkaClient
import LockFree
import Logging
import Observability
import Runtime

/// The publishing thread of the count role: feeds its driver with what the counting threads hand over, and does what it wants
/// done.
final class ChangelogPublisher {
    struct Context: Sendable {
        let sink: ChangelogSink
        let committer: OffsetCommitter
        /// What the counting threads hand over, and the bell that they ring.
        let outputs: [WorkerOutput]
        let bell: Doorbell
        /// Reached when they hand over no more; the bell is rung then too.
        let closed: Latch
        /// The counting threads' clock.
        let now: @Sendable () -> Duration
        let releases: ReleaseLatches
        let metrics: MetricsRegistry
        let logger: Logger
        let stop: Latch
        let fail: @Sendable (String) -> Void
    }

    private let context: Context
    private let acknowledgements: AcknowledgementWait
    private var driver: PublisherDriver
    private var telemetry: PublisherTelemetry
    private var lastSent: UInt64 = 0

    init(_ context: Context) {
        self.context = context
        driver = PublisherDriver(tellsState: context.sink.form.tellsSourceState)
        telemetry = PublisherTelemetry(metrics: context.metrics, logger: context.logger)
        acknowledgements = AcknowledgementWait(
            producer: context.sink.producer, stop: context.stop, fail: context.fail)
    }

    private var now: Duration { context.now() }

    /// Runs until the counting threads hand over no more, and all that they did is taken.
    func run() {
        let inbox = FlushInbox(context.outputs)
        while true {
            // Looked at first: what was handed over before is then in the rings.
            let isClosed = context.closed.isReached
            let flushes = inbox.takeAll()
            if !flushes.isEmpty {
                step(.flushes(flushes, at: now))
            } else if isClosed {
                return
            } else {
                context.bell.wait()
            }
        }
    }

    private func step(_ input: PublisherInput) {
        var effects = driver.step(input)[...]
        while let effect = effects.popFirst() {
            switch effect {
            case .awaitRecords(let sequence): effects += driver.step(answer(through: sequence))
            case .awaitUpdates: effects += driver.step(answer(through: lastSent))
            case .send(let flush):
                do throws(KafkaError) { lastSent = max(lastSent, try context.sink.send(flush)) } catch {
                    context.fail("an update of registers could not be sent: \(error)")
                    effects = driver.step(.unacknowledged)[...]
                }
            case .commit(let commits, let released):
                context.committer.put(CommitOrder(commits: commits, released: released))
            case .release(let tokens): for token in tokens { context.releases.reach(token) }
            case .published(let flushes, let duration): telemetry.note(flushes, took: duration, at: now)
            }
        }
    }

    /// Waits for acknowledgements.
    private func answer(through sequence: UInt64) -> PublisherInput {
        guard acknowledgements.isAcknowledged(through: sequence) else { return .unacknowledged }
        return .acknowledged(logEnds: logEnds(), at: now)
    }

    private func logEnds() -> [Int64] {
        (0..<context.sink.shards.count).map { shard in
            let partition = TopicPartition(topic: context.sink.topic, partition: Int32(shard))
            return context.sink.producer.lastDelivered(partition).map { $0 + 1 } ?? 0
        }
    }
}
