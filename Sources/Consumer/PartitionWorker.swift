import Accounting
import Counting
import Decoding
import Foundation
import KafkaClient
import Logging
import Observability
import Planning
import Records
import Runtime
import Settings
import TelemetryModel

/// A thread that owns some source partitions: decodes and counts their messages, and flushes what they amount to.
///
/// Messages are borrowed from librdkafka's buffers; nothing is locked or allocated on the path of an event.
final class PartitionWorker {
    /// What the coordinating thread asks of a worker.
    enum Request: Sendable {
        /// The partition is this worker's from now on.
        case assign(TakenPartition)
        /// The partition goes away; reach the token's latch when its offsets are committed.
        case release(TopicPartition, ReleaseToken)
        /// The partition is another member's already.
        case forget(TopicPartition)
        /// The broker has nothing at the partition's position: flush, go over the gap to what it has, and say where reading is
        /// to go on.
        case jump(TopicPartition, over: Range<Int64>, Mailbox<Int64>)
        case stop

        /// Whose order among the requests matters; `nil` is all partitions.
        var partition: TopicPartition? {
            switch self {
            case .assign(let taken): TopicPartition(taken.owner.source)
            case .release(let partition, _), .forget(let partition), .jump(let partition, _, _): partition
            case .stop: nil
            }
        }
    }

    /// What all workers share.
    struct Context: Sendable {
        let plan: PipelinePlan
        let settings: RunSettings
        let kafka: KafkaClient.KafkaSettings
        let producer: KafkaProducer
        let topics: OutputTopics
        let shards: ShardMap
        let publisher: Mailbox<PartitionFlush>
        let releases: ReleaseLatches
        let metrics: MetricsRegistry
        let logger: Logger
        /// The host's clock, which is to be the broker's: both are kept by NTP.
        let clock: @Sendable () -> Timestamp
        /// Told of partitions whose position the broker has no more.
        let positionLost: @Sendable (TopicPartition) -> Void
        /// Told of what librdkafka says has failed.
        let note: @Sendable (KafkaError) -> Void
        /// Called from a worker's thread when it cannot go on.
        let fail: @Sendable (String) -> Void
    }

    private static let pollMessagesMax = 1000
    /// How long a flush may wait for the one before it to be acknowledged until reading waits too.
    private static let flushPatience = Duration.seconds(10)
    /// Flushes of full partitions, beyond one for each, that may wait until reading waits too. Each has at most a few times
    /// 10,080 slices, which take about 100 bytes.
    private static let flushesWaitingMax = 8
    private static let heldUpQuietly = Duration.seconds(1)
    private static let readPatience = Duration.seconds(10)
    /// How long who asks for a partition, or for a stop, waits for the end of the message that is being counted: longer than
    /// the limits let a message take, and short enough for a stop within ten seconds.
    private static let messagePatience = Duration.seconds(3)

    private let worker: KafkaWorker
    private let requests: Mailbox<Request>
    /// Taken from the mailbox and not served yet, in their order.
    private var pending: [Request] = []
    private let watch = MessageWatch()
    /// The partition whose message is being counted, and since when somebody waits for its end.
    private var current: (partition: TopicPartition, awaitedSince: Duration?)?
    private let context: Context
    private let outlet: KafkaOutlet
    private var partitions: [TopicPartition: PartitionState] = [:]
    private var decoders: [String: DecoderBox] = [:]
    private let began = ContinuousClock.now
    private var lastFlush = Duration.zero
    private let flushInterval: Duration
    private let terms: PartitionState.Terms
    private var isPaused = false
    /// Since when reading waits, until that is said.
    private var heldUpSince: Duration?
    private let heldBytesMax: Int

    init(_ worker: KafkaWorker, requests: Mailbox<Request>, context: Context) {
        self.worker = worker
        self.requests = requests
        self.context = context
        heldBytesMax = HeldBounds(engines: context.plan.rollups.count + context.plan.indicatorParts.count).bytesMax
        outlet = KafkaOutlet(producer: context.producer, topics: context.topics)
        flushInterval = .nanoseconds(context.settings.flushIntervalNanoseconds)
        terms = PartitionState.Terms(
            plan: context.plan, shards: context.shards,
            lateHorizonNanoseconds: context.settings.aggregation.lateHorizonNanoseconds,
            idleTimeoutNanoseconds: context.settings.aggregation.idleTimeoutNanoseconds)
    }

    /// Since this worker was made.
    private var now: Duration { began.duration(to: .now) }

    /// Runs until asked to stop. When a record cannot be sent, it says so and lets partitions go without a last flush.
    func run() {
        watch.look = { [unowned self] in lookUp() }
        var isStopping = false
        while !isStopping {
            let batch = worker.poll(max: isHeldUp() ? 0 : PartitionWorker.pollMessagesMax, timeout: .milliseconds(50))
            // A partition is announced before its first message can come, so it is known once requests are looked at
            // after the poll. What was polled of a partition that goes away and is not counted yet is its next owner's.
            takeRequests(timeout: isPaused ? 0.05 : 0)
            serve(assigns: true)
            count(batch)
            isStopping = serveAfterBatch()
            if let failure = outlet.failure {
                context.fail("a record could not be sent: \(failure)")
                if !isStopping { abandon() }
                return
            }
            if now - lastFlush >= flushInterval { flushAll() }
            tellUnflushed()
        }
    }

    private func takeRequests(timeout: Double) { pending += requests.takeAll(timeout: timeout) ?? [.stop] }

    /// Lets go of partitions, but for the one whose message is being counted, and takes new ones.
    ///
    /// - Parameter assigns: false inside a batch, which may hold records of a partition's former assignment: they would be
    ///   counted behind a gap.
    private func serve(assigns: Bool) {
        if pending.isEmpty { return }
        var left: [Request] = []
        // What waits for something holds back what was asked later of the same partition.
        var held: Set<TopicPartition> = current.map { [$0.partition] } ?? []
        // One that went and came back since the poll: the batch may hold what its former assignment had read, from further on.
        var gone: Set<TopicPartition> = []
        for request in pending {
            if let partition = request.partition, !held.contains(partition) {
                switch request {
                case .assign(let taken) where assigns && !gone.contains(partition):
                    partitions[partition] = makeState(taken)
                    continue
                case .release(_, let token):
                    release(partition, token)
                    gone.insert(partition)
                    continue
                case .forget:
                    partitions[partition] = nil
                    gone.insert(partition)
                    continue
                case .assign, .jump, .stop: break
                }
            }
            left.append(request)
            if let partition = request.partition { held.insert(partition) }
        }
        pending = left
    }

    /// Serves what has to wait for the end of a batch. Returns whether it is to stop.
    private func serveAfterBatch() -> Bool {
        let waiting = pending
        pending = []
        var isStopping = false
        for request in waiting {
            switch request {
            case .jump(let partition, let offsets, let reply): jump(partition, over: offsets, reply)
            case .stop: isStopping = true
            case .assign, .release, .forget: pending.append(request)
            }
        }
        // Behind a jump there may be more.
        if isStopping { serve(assigns: true) }
        return isStopping
    }

    /// Called inside a long message now and then: serves who asks for other partitions, flushes them when it is time, and says
    /// whether to go on with the message.
    private func lookUp() -> Bool {
        takeRequests(timeout: 0)
        serve(assigns: false)
        if now - lastFlush >= flushInterval { flushAll() }
        tellUnflushed()
        guard var current else { return true }
        for request in pending {
            switch request {
            case .forget(current.partition): return false
            case .release(current.partition, _), .stop: current.awaitedSince = current.awaitedSince ?? now
            default: break
            }
        }
        self.current = current
        return current.awaitedSince.map { now - $0 < PartitionWorker.messagePatience } ?? true
    }

    private func tellUnflushed() {
        let oldest = partitions.values.compactMap(\.unflushedSince).min()
        context.metrics.set(
            .unflushedSeconds, [("worker", String(worker.index))], to: oldest.map { (now - $0).seconds } ?? 0)
    }

    /// Answers requests until the stop, flushing nothing: what was counted since the last flush has a record that was not
    /// sent, so its offsets must not be committed.
    private func abandon() {
        repeat {
            for request in pending {
                switch request {
                case .release(_, let token): context.releases.reach(token)
                case .jump(_, _, let reply): reply.close()
                case .assign, .forget: break
                case .stop: return
                }
            }
            pending = []
            takeRequests(timeout: 1)
        } while true
    }

    private func count(_ batch: borrowing MessageBatch) {
        var now = self.now
        var states = batch.sources.map { partitions[$0] }
        // By the clock, and never by a record's own time, which its producer may have set to anything.
        let notAfter = context.clock().advanced(by: context.settings.decoding.futureToleranceNanoseconds)
        for index in 0..<batch.count {
            if watch.isDue() {
                now = self.now
                _ = lookUp()
                states = batch.sources.map { partitions[$0] }
            }
            let message = batch[index]
            // A message of a partition that was given back is its next owner's.
            guard let state = states[message.source],
                let decoder = decoders[state.source.topic] ?? makeDecoder(topic: state.source.topic)
            else { continue }
            while let boundary = state.boundary(before: message.offset) {
                context.publisher.put(flush(state, upTo: boundary))
            }
            decoder.decoder.sourceTime = message.timestamp.flatMap { Timestamp(milliseconds: $0.milliseconds) }
            current = (batch.sources[message.source], nil)
            let isCounted = state.count(
                message.value, offset: message.offset, fingerprint: message.fingerprint, notAfter: notAfter,
                with: decoder, now: now)
            current = nil
            // A backlog with few records in each slice opens many windows: they go out before there are too many.
            if isCounted, state.isNearlyFull { context.publisher.put(flush(state)) }
            // So do those of many partitions, each of which alone has not too many.
            if state.heldBytes > 0, partitions.values.reduce(0, { $0 &+ $1.heldBytes }) >= heldBytesMax {
                for state in partitions.values.sorted(by: { $0.source < $1.source }) where state.heldBytes > 0 {
                    context.publisher.put(flush(state))
                }
            }
            if !isCounted {
                context.logger.warning(
                    "a message was given up because its partition goes away; it is read again",
                    metadata: ["partition": "\(state.source)", "offset": "\(message.offset)"])
                partitions[batch.sources[message.source]] = nil
                states = batch.sources.map { partitions[$0] }
            }
        }
        for event in batch.events {
            switch event {
            case .partitionEnd(let end):
                guard let state = partitions[end.partition] else { continue }
                while let boundary = state.boundary(before: end.offset) {
                    context.publisher.put(flush(state, upTo: boundary))
                }
                state.reachEnd(at: end.offset)
            case .positionLost(let partition, _): context.positionLost(partition)
            case .failure(let error): context.note(error)
            }
        }
    }

    /// Whether reading has to wait, because what was read is not acknowledged: memory is bounded by what the publisher
    /// holds, one flush, and by what was counted since.
    private func isHeldUp() -> Bool {
        let waiting = context.publisher.count
        let isHeldUp =
            waiting > 0
            && (waiting >= partitions.count + PartitionWorker.flushesWaitingMax
                || now - lastFlush >= flushInterval + PartitionWorker.flushPatience)
        if isHeldUp != isPaused {
            isPaused = isHeldUp
            context.metrics.set(.consumptionPaused, [("cause", "acknowledgements")], to: isHeldUp ? 1 : 0)
            heldUpSince = isHeldUp ? now : nil
        }
        // A last flush that is on its way while partitions are given back is no trouble.
        if let since = heldUpSince, now - since >= PartitionWorker.heldUpQuietly {
            context.logger.warning("reading waits for acknowledgements")
            heldUpSince = nil
        }
        return isHeldUp
    }

    private func flushAll() {
        // While the publisher waits for acknowledgements, counting goes on: the next flush says it in one.
        if context.publisher.count > 0 { return }
        lastFlush = now
        // What was counted of a message so far is no flush's.
        for (partition, state) in partitions.sorted(by: { $0.key < $1.key }) where partition != current?.partition {
            context.publisher.put(flush(state))
        }
    }

    private func flush(_ state: PartitionState, upTo boundary: Int64? = nil, released: ReleaseToken? = nil)
        -> PartitionFlush
    {
        state.flush(
            now: now, clock: context.clock(), sentThrough: context.producer.lastSequence, upTo: boundary,
            released: released)
    }

    private func release(_ partition: TopicPartition, _ token: ReleaseToken) {
        guard let state = partitions.removeValue(forKey: partition) else { return context.releases.reach(token) }
        context.publisher.put(flush(state, released: token))
    }

    private func jump(_ partition: TopicPartition, over offsets: Range<Int64>, _ reply: Mailbox<Int64>) {
        defer { reply.close() }
        guard let state = partitions[partition] else { return }
        context.publisher.put(flush(state))
        let available: PartitionOwner.Available
        do {
            available = try KafkaRangeReader(settings: context.kafka).available(
                partition, offsets, countedTo: state.standing.next, state.standing.tail,
                timeout: PartitionWorker.readPatience)
        } catch {
            context.logger.warning(
                "the record before the position can't be read yet",
                metadata: ["partition": "\(partition)", "error": "\(error)"])
            return context.positionLost(partition)
        }
        let flushes = state.jump(to: available, sentThrough: context.producer.lastSequence)
        for flush in flushes { context.publisher.put(flush) }
        if let first = flushes.first, let last = flushes.last, let cause = first.gap {
            SourceGapReport(partition: partition, cause: cause, from: first.range.from, to: last.range.to)
                .send(to: context.logger, context.metrics)
        }
        // Without a gap reading goes on where it was, which may be among records that are read back.
        reply.put(flushes.isEmpty ? max(offsets.lowerBound, state.readNext) : state.standing.next)
    }

    private func makeState(_ taken: TakenPartition) -> PartitionState {
        let owner = taken.owner
        let format = context.settings.inputs.first { $0.topic == owner.source.topic }?.format
        let hasIdentities = format == .auto || format == .cloudTrail
        return PartitionState(
            owner, readFrom: taken.readFrom, terms: terms,
            identities: hasIdentities ? context.settings.aggregation.makeDeliveredEvents() : nil, outlet: outlet,
            watch: watch, now: now)
    }

    private func makeDecoder(topic: String) -> DecoderBox? {
        guard let input = context.settings.inputs.first(where: { $0.topic == topic }) else { return nil }
        let decoder = context.plan.makeMessageDecoder(
            format: input.format, flowFields: input.flowFields, limits: context.settings.decoding.limits)
        let box = DecoderBox(decoder)
        decoders[topic] = box
        return box
    }
}
