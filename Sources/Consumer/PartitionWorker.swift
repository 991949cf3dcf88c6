import Accounting
import Counting
import Decoding
import KafkaClient
import Logging
import Observability
import Planning
import Records
import Runtime
import Settings
import TelemetryModel

/// A thread that owns some source partitions: feeds its driver with what is polled and asked, and does what it wants done.
///
/// Messages are borrowed from librdkafka's buffers; nothing is locked or allocated on the path of an event.
final class PartitionWorker {
    /// What the coordinating thread asks of a worker.
    enum Request: Sendable {
        case driver(WorkerRequest)
        /// As the driver's, with who waits for the offset where reading is to go on.
        case jump(TopicPartition, over: Range<Int64>, Mailbox<Int64>)
    }

    /// What all workers share.
    struct Context: Sendable {
        let plan: PipelinePlan
        let settings: RunSettings
        let kafka: KafkaClient.KafkaSettings
        let producer: KafkaProducer
        let topics: OutputTopics
        let shards: ShardMap
        let releases: ReleaseLatches
        /// Partitions whose ends are asked for.
        let quiet: Mailbox<[SourcePartition]>
        let metrics: MetricsRegistry
        let logger: Logger
        /// A monotonic clock, and the trusted one.
        let now: @Sendable () -> Duration
        let clock: @Sendable () -> Timestamp
        /// Told of partitions whose position the broker has no more.
        let positionLost: @Sendable (TopicPartition) -> Void
        /// Told of what librdkafka says has failed.
        let note: @Sendable (KafkaError) -> Void
        /// Called from a worker's thread when it cannot go on.
        let fail: @Sendable (String) -> Void
    }

    private static let pollMessagesMax = 1000
    private static let readPatience = Duration.seconds(10)

    private let worker: KafkaWorker
    private let requests: Mailbox<Request>
    private let context: Context
    private let sink: KafkaSink
    private let watch: MessageWatch
    private let driver: WorkerDriver
    private let totals: CountedTotals
    /// Who waits for where reading is to go on.
    private var replies: [SourcePartition: Mailbox<Int64>] = [:]

    init(_ worker: KafkaWorker, requests: Mailbox<Request>, output: WorkerOutput, context: Context) {
        self.worker = worker
        self.requests = requests
        self.context = context
        sink = KafkaSink(producer: context.producer, topics: context.topics)
        watch = MessageWatch()
        totals = output.totals
        driver = WorkerDriver(
            WorkerTerms(context), output: output, surroundings: WorkerSurroundings(context, sink, watch))
    }

    /// Runs until asked to stop. When a record cannot be sent, it says so and lets partitions go without a last flush.
    func run() {
        watch.look = { [unowned self] in lookUp() }
        while !driver.isStopped {
            if driver.hasFailed {
                perform(driver.step(.beforeBatch(taken(timeout: 1))))
                continue
            }
            let batch = worker.poll(
                max: driver.isHeldUp ? 0 : PartitionWorker.pollMessagesMax, timeout: .milliseconds(50))
            // A partition is announced before its first message can come, so it is known once requests are looked at
            // after the poll. What was polled of a partition that goes away and is not counted yet is its next owner's.
            perform(driver.step(.beforeBatch(taken(timeout: driver.isHeldUp ? 0.05 : 0))))
            count(batch)
            noteFailure()
            perform(driver.step(.afterBatch))
        }
    }

    private func taken(timeout: Double) -> [WorkerRequest] {
        guard let requests = requests.takeAll(timeout: timeout) else { return [.stop] }
        return requests.map { request in
            switch request {
            case .driver(let request): return request
            case .jump(let partition, let offsets, let reply):
                let source = SourcePartition(partition)
                replies[source] = reply
                return .jump(source, over: offsets)
            }
        }
    }

    /// What was counted before a record that was not sent must not be flushed.
    private func noteFailure() {
        guard let failure = sink.failure, !driver.hasFailed else { return }
        context.fail("a record could not be sent: \(failure)")
        perform(driver.step(.failed))
    }

    /// Called inside a long message now and then. Returns whether to go on with it.
    private func lookUp() -> Bool {
        noteFailure()
        let (effects, goesOn) = driver.lookUp(taken(timeout: 0))
        perform(effects)
        return goesOn && !driver.hasFailed
    }

    // MARK: Messages

    private func count(_ batch: borrowing MessageBatch) {
        var now = context.now()
        driver.beginBatch(of: batch.sources.map { SourcePartition($0) })
        var index = 0
        while index < batch.count, sink.failure == nil {
            let end = runEnd(in: batch, from: index)
            if watch.isDue(beforeMessages: max(end - index, 1)) {
                now = context.now()
                _ = lookUp()
            }
            let source = batch[index].source
            var next = index + 1
            var fate: MessageFate?
            if end > next {
                fate = driver.countRun(of: source, offsets: batch[index].offset...batch[end - 1].offset, now: now) {
                    for number in index..<end where sink.failure == nil { $0(batch[number].value, batch[number].terms) }
                }
                if fate != nil { next = end }
            }
            switch fate ?? count(batch[index], now: now) {
            case .counted, .notOwned: index = next
            case .noRoom: if !waitForRoom() { return }
            case .givenUp:
                if !driver.hasFailed { sayGivenUp(batch.sources[source], batch[index].offset) }
                index = next
            }
        }
        for event in batch.events {
            switch event {
            case .partitionEnd(let end):
                while sink.failure == nil, !driver.reachEnd(of: SourcePartition(end.partition), at: end.offset) {
                    if !waitForRoom() { return }
                }
            case .positionLost(let partition, _): context.positionLost(partition)
            case .failure(let error): context.note(error)
            }
        }
    }

    private func count(_ message: Message, now: Duration) -> MessageFate {
        driver.count(message.value, of: message.source, message.terms, now: now)
    }

    /// After the messages from `first` on that are of one source, in order, and small enough to be counted together.
    private func runEnd(in batch: borrowing MessageBatch, from first: Int) -> Int {
        let source = batch[first].source
        var (bytes, before) = (0, Int64.min)
        var end = first
        while end < batch.count, end - first < MessageRows.messagesMax, batch[end].source == source {
            let (size, offset) = (batch[end].value.byteCount, batch[end].offset)
            bytes += size
            // A position that was set back may have both in one batch.
            if size > MessageRows.messageBytesMax || bytes > MessageRows.bytesMax || offset <= before { break }
            before = offset
            end += 1
        }
        return end
    }

    /// Waits until the publishing thread has taken flushes, and serves requests meanwhile.
    ///
    /// - Returns: false when a stop was asked for first: what is left of the batch is read again.
    private func waitForRoom() -> Bool {
        while !driver.hasRoom {
            perform(driver.step(.insideBatch(taken(timeout: 0.05))))
            if driver.isStopAsked || driver.hasFailed { return false }
        }
        return true
    }

    private func sayGivenUp(_ partition: TopicPartition, _ offset: Int64) {
        context.logger.warning(
            "a message was given up because its partition goes away; it is read again",
            metadata: ["partition": "\(partition)", "offset": "\(offset)"])
    }

    // MARK: Effects

    private func perform(_ effects: [WorkerEffect]) {
        for effect in effects {
            switch effect {
            case .reach(let token): context.releases.reach(token)
            case .jump(let source, let offsets, let countedTo, let tail):
                jump(source, over: offsets, countedTo: countedTo, tail)
            case .jumped(let source, let position, let gap):
                if let gap { say(gap, of: TopicPartition(source)) }
                replies[source]?.put(position)
                replies.removeValue(forKey: source)?.close()
            case .refuseJump(let source): replies.removeValue(forKey: source)?.close()
            case .askForEnds(let sources): context.quiet.put(sources)
            case .pause(let isHeldUp):
                (isHeldUp ? totals.pauses : totals.resumptions).add(1)
            case .warnOfPause: context.logger.warning("reading waits for acknowledgements")
            case .stopped: break
            }
        }
    }

    private func jump(
        _ source: SourcePartition, over offsets: Range<Int64>, countedTo: Int64, _ tail: RecordFingerprint?
    ) {
        let partition = TopicPartition(source)
        do {
            let available = try KafkaRangeReader(settings: context.kafka).available(
                partition, offsets, countedTo: countedTo, tail, timeout: PartitionWorker.readPatience)
            perform(driver.step(.available(source, over: offsets, available)))
        } catch {
            context.logger.warning(
                "the record before the position can't be read yet",
                metadata: ["partition": "\(partition)", "error": "\(error)"])
            replies.removeValue(forKey: source)?.close()
            context.positionLost(partition)
        }
    }

    private func say(_ gap: WorkerGap, of partition: TopicPartition) {
        SourceGapReport(partition: partition, cause: gap.cause, from: gap.from, to: gap.to)
            .send(to: context.logger, context.metrics)
    }
}

extension Message {
    fileprivate var terms: MessageTerms {
        // Read once: it is asked of librdkafka.
        let milliseconds = timestamp?.milliseconds
        return MessageTerms(
            offset: offset, fingerprint: milliseconds.map { fingerprint(milliseconds: $0) },
            writtenAt: milliseconds.flatMap(Timestamp.init(milliseconds:)))
    }
}
