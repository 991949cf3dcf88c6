import Decoding
import Foundation
import KafkaClient
import Settings
import TelemetryModel

/// A thread that owns some source partitions: decodes and counts their messages, and flushes what they amount to.
///
/// Messages are borrowed from librdkafka's buffers; nothing is locked or allocated on the path of an event.
final class PartitionWorker {
    /// What the coordinating thread asks of a worker.
    enum Request: Sendable {
        /// The partition is this worker's from now on.
        case assign(TopicPartition)
        /// The partition goes away after `next`; reach the milestone when its offsets are committed.
        case release(TopicPartition, Milestone)
        /// The partition is another member's already.
        case forget(TopicPartition)
        case stop
    }

    /// What all workers share.
    struct Context: Sendable {
        let plan: PipelinePlan
        let settings: RunSettings
        let producer: KafkaProducer
        let topics: OutputTopics
        let flushes: Mailbox<EvaluatorMessage>
        let closedBefore: SharedTimestamp
        /// Called from a worker's thread when it cannot go on.
        let fail: @Sendable (String) -> Void
    }

    private static let pollMessagesMax = 1000
    /// Above what all workers put while the evaluator publishes once: a flush of some hundred partitions.
    private static let waitingFlushesMax = 1000

    private let worker: KafkaWorker
    private let requests: Mailbox<Request>
    private let context: Context
    private let outlet: KafkaOutlet
    private var partitions: [TopicPartition: PartitionState] = [:]
    private var decoders: [String: DecoderBox] = [:]
    private let clock = ContinuousClock()
    private var lastFlush: ContinuousClock.Instant
    private let flushInterval: Duration
    private let idleTimeout: Duration

    init(_ worker: KafkaWorker, requests: Mailbox<Request>, context: Context) {
        self.worker = worker
        self.requests = requests
        self.context = context
        outlet = KafkaOutlet(producer: context.producer, topics: context.topics)
        lastFlush = clock.now
        flushInterval = .nanoseconds(context.settings.flushIntervalNanoseconds)
        idleTimeout = .nanoseconds(context.settings.aggregation.idleTimeoutNanoseconds)
    }

    /// Runs until asked to stop. When a record cannot be sent, it says so and lets partitions go without a last flush.
    func run() {
        var isStopping = false
        while !isStopping {
            let batch = worker.poll(max: PartitionWorker.pollMessagesMax, timeout: .milliseconds(50))
            // A partition is announced before its first message can come, so it is known once requests are looked at
            // after the poll. What was polled is counted before any partition is let go of.
            var isCounted = false
            for request in requests.takeAll(timeout: 0) ?? [.stop] {
                if case .assign(let partition) = request {
                    if partitions[partition] == nil { partitions[partition] = makeState(partition) }
                    continue
                }
                if !isCounted { count(batch) }
                isCounted = true
                switch request {
                case .assign: break
                case .release(let partition, let milestone): release(partition, milestone)
                case .forget(let partition): forget(partition)
                case .stop: isStopping = true
                }
            }
            if !isCounted { count(batch) }
            if let failure = outlet.failure {
                context.fail("a record could not be sent: \(failure)")
                if !isStopping { abandon() }
                return
            }
            if lastFlush.duration(to: clock.now) >= flushInterval { flushAll() }
        }
    }

    /// Answers requests until the stop, flushing nothing: what was counted since the last flush has a record that was not
    /// sent, so its offsets must not be committed.
    private func abandon() {
        while let pending = requests.takeAll(timeout: 1) {
            for request in pending {
                switch request {
                case .release(_, let milestone): milestone.reach()
                case .assign, .forget: break
                case .stop: return
                }
            }
        }
    }

    private func count(_ batch: borrowing MessageBatch) {
        let now = clock.now
        let states = batch.sources.map { partition in
            let state = partitions[partition] ?? makeState(partition)
            partitions[partition] = state
            return state
        }
        let tolerance = context.settings.decoding.futureToleranceNanoseconds
        for index in 0..<batch.count {
            let message = batch[index]
            let state = states[message.source]
            guard let decoder = decoders[state.partition.topic] ?? makeDecoder(topic: state.partition.topic) else {
                continue
            }
            let notAfter = message.timestamp
                .flatMap { Timestamp(milliseconds: $0.milliseconds) }
                .map { $0.advanced(by: tolerance) }
            state.count(message.value, offset: message.offset, notAfter: notAfter, with: decoder, now: now)
        }
        for event in batch.events {
            switch event {
            case .partitionEnd(let end): partitions[end.partition]?.reachEnd(at: end.offset)
            case .positionLost(let partition, let error):
                context.flushes.put(.positionLost(partition, error))
            case .failure(let error):
                context.flushes.put(.failure(error))
            case .committed: break
            }
        }
    }

    private func flushAll() {
        // While the evaluator waits for acknowledgements the next flush says the same in one, as counts are cumulative.
        if context.flushes.count >= PartitionWorker.waitingFlushesMax { return }
        lastFlush = clock.now
        for state in partitions.values.sorted(by: { $0.partition < $1.partition }) {
            context.flushes.put(.flush(flush(state, released: nil)))
        }
    }

    private func flush(_ state: PartitionState, released: Milestone?) -> PartitionFlush {
        state.flush(
            now: clock.now, idleTimeout: idleTimeout, closedBefore: context.closedBefore.value,
            sentThrough: context.producer.lastSequence, released: released)
    }

    private func release(_ partition: TopicPartition, _ milestone: Milestone) {
        guard let state = partitions.removeValue(forKey: partition) else {
            milestone.reach()
            return
        }
        context.flushes.put(.flush(flush(state, released: milestone)))
    }

    private func forget(_ partition: TopicPartition) {
        partitions[partition] = nil
        context.flushes.put(.lost(partition))
    }

    private func makeState(_ partition: TopicPartition) -> PartitionState {
        PartitionState(
            partition: partition, plan: context.plan,
            latenessNanoseconds: context.settings.aggregation.allowedLatenessNanoseconds,
            horizonNanoseconds: context.settings.aggregation.lateHorizonNanoseconds, outlet: outlet, now: clock.now)
    }

    private func makeDecoder(topic: String) -> DecoderBox? {
        guard let input = context.settings.inputs.first(where: { $0.topic == topic }) else { return nil }
        let box = DecoderBox(context.plan.makeMessageDecoder(input: input, limits: context.settings.decoding.limits))
        decoders[topic] = box
        return box
    }
}
