import Alerting
import Foundation
import KafkaClient
import Logging
import Observability
import Records
import Runtime
import Sinks
import TelemetryModel

/// The thread around a ``DeliveryEngine``: reads the feed, starts what the engine wants, brings back what came of it.
///
/// It waits for Kafka, never for the sink, so the group sees it polling however long the sink is away.
///
/// `@unchecked Sendable`: all state belongs to the thread that calls `run`, where librdkafka calls the delegate too, inside
/// of polls; while the thread that closes calls it, the other waits. Requests answer through the mailbox.
final class FeedDelivery: @unchecked Sendable {
    struct Context: Sendable {
        let kafka: KafkaClient.KafkaSettings
        let group: String
        let topics: OutputTopics
        let form: RecordForm
        let limits: DeliveryLimits
        let metrics: MetricsRegistry
        let brokers: BrokerLog
        let skips: SkippedRecords
        let authentication: RecordAuthentication?
        let logger: Logger
    }

    private struct Answered: Sendable {
        let token: DeliveryToken
        let answer: SinkAnswer
    }

    private static let batchMax = 100
    private static let metricsInterval = Duration.seconds(1)
    private static let closeSecondsMax: TimeInterval = 14
    /// How long a partition that leaves is waited for: a request's time, and the log's.
    private static let leaveMax = Duration.seconds(10)

    let sink: any Sink
    let context: Context
    let stop: Latch
    let producer: KafkaProducer
    private let client: SinkClient
    private let renewal: SinkRenewal
    private let report: DeliveryReport
    private var writer: DeliveryWriter
    private(set) var consumer: KafkaConsumer?
    private var engine: DeliveryEngine
    private let answers = Mailbox<Answered>()
    private var commits = FeedCommits()
    private var reportedAt = ContinuousClock.now
    /// Why it can't go on.
    var failure: (any Error)?

    init(
        _ sink: any Sink, _ client: SinkClient, _ context: Context, stop: Latch,
        renewal: SinkRenewal = SinkRenewal()
    ) throws {
        self.sink = sink
        self.client = client
        self.renewal = renewal
        self.context = context
        self.stop = stop
        var producing = context.kafka
        // What is decided has to get into the log, however long Kafka is away.
        if producing.options["message.timeout.ms"] == nil, producing.options["delivery.timeout.ms"] == nil {
            producing.options["message.timeout.ms"] = "0"
        }
        producer = try KafkaProducer(settings: producing, observer: context.brokers.observer())
        writer = DeliveryWriter(
            StateTopicWriter(producer, context.authentication), topics: context.topics, sink: sink, form: context.form)
        report = DeliveryReport(sink: sink, metrics: context.metrics, logger: context.logger)
        engine = DeliveryEngine(
            sink: sink, limits: context.limits, seed: .random(in: .min ... .max))
    }

    /// Runs until the stop, or until the feed or the log can't be read on.
    func run() throws {
        report.begin()
        let consumer = try KafkaConsumer(
            settings: context.kafka, options: .init(group: context.group), delegate: self,
            observer: context.brokers.observer())
        self.consumer = consumer
        defer { self.consumer = nil }
        try consumer.subscribe(to: [context.topics.alerts])
        while !stop.isReached, failure == nil { try turn(consumer) }
        close(consumer)
        _ = producer.close(timeout: .seconds(5))
        if let failure { throw failure }
    }

    /// Leaves the group. Without a broker librdkafka may wait for ever, so after a while it is left to do so; nothing is done
    /// here after that.
    private func close(_ consumer: KafkaConsumer) {
        let closing = WorkThread(named: "close") { [context] in
            do { try consumer.close() } catch {
                context.logger.debug("the group of a sink was not left in good order", metadata: ["error": "\(error)"])
            }
        }
        _ = closing.join(timeout: FeedDelivery.closeSecondsMax)
    }

    private func turn(_ consumer: KafkaConsumer) throws {
        for event in consumer.poll(timeout: .zero) { handle(event) }
        // An answer ends the wait, an acknowledgement does not.
        let wait = Duration.milliseconds(engine.isBusy ? 10 : 100)
        read(consumer.worker(0).poll(max: FeedDelivery.batchMax, timeout: wait))
        try progress()
        commit(consumer)
        if reportedAt.duration(to: .now) >= FeedDelivery.metricsInterval {
            reportedAt = .now
            report.show(engine)
        }
    }

    /// Brings back what came of requests and writes.
    private func progress() throws {
        for done in answers.takeAll(timeout: 0) ?? [] { take(done) }
        for token in try writer.takeAcknowledged() { step(.written(token)) }
        step(.tick)
    }

    private func take(_ done: Answered) {
        if let record = engine.posted(done.token) { report.note(done.answer, to: record) }
        step(.answered(done.token, done.answer))
    }

    private func read(_ batch: borrowing MessageBatch) {
        for index in 0..<batch.count {
            let message = batch[index]
            let source = batch.sources[message.source]
            // One without a value takes a record back, of an owner that another has followed.
            if context.skips.cause(of: message, in: source) != nil || message.value.byteCount == 0 {
                step(.passedOver(partition: source.partition, offset: message.offset))
                continue
            }
            do throws(UnreadableRecord) {
                step(.record(try FeedRecord(message, of: source)))
            } catch {
                failure = failure ?? error
                return
            }
        }
        for event in batch.events { handle(event) }
    }

    private func handle(_ event: KafkaEvent) {
        switch event {
        case .failure(let error):
            context.brokers.note(error)
            if error.isFatal { failure = failure ?? error }
        case .positionLost(let partition, let error):
            do { try restart(partition, error) } catch { failure = failure ?? error }
        case .partitionEnd: break
        }
    }

    /// Reads on at the first record that there is. What was read before, or sent, is judged by the log.
    private func restart(_ partition: TopicPartition, _ error: KafkaError) throws {
        guard let consumer, let next = engine.next(of: partition.partition) else { return }
        let low = try consumer.queryWatermarks(partition, timeout: .seconds(10)).low
        context.logger.warning(
            low < next
                ? "the feed was made anew, and is read from its beginning"
                : "alerts went from the feed before they were read",
            metadata: ["sink": "\(sink.name)", "partition": "\(partition)", "error": "\(error)"])
        try consumer.restart([PartitionOffset(partition, offset: low)], timeout: .seconds(10))
        step(.restarted(partition: partition.partition, next: low))
    }

    // MARK: The engine

    func step(_ input: DeliveryInput) {
        if let renewed = renewal.take() { engine.renew(renewed) }
        let moment = DeliveryMoment(monotonic: FeedDelivery.monotonic, wall: .now())
        for effect in engine.step(input, at: moment) { perform(effect) }
    }

    private static let start = ContinuousClock.now
    private static var monotonic: Int64 { start.duration(to: .now).nanoseconds }

    private func perform(_ effect: DeliveryEffect) {
        switch effect {
        case .post(let token, let request):
            // A request may outlast the consumer, and is not to be what closes it.
            Task { [client, answers, weak worker = consumer?.worker(0)] in
                answers.put(Answered(token: token, answer: await client.answer(to: request)))
                worker?.wake()
            }
        case .deadLetter(let token, let record, let refusal):
            report.refused(record, refusal)
            writer.setApart(record, refusal, token)
        case .log(let token, let records): writer.log(records, token)
        case .commit(let partition, let next): commits.settled(partition, next: next)
        case .pause(let partition): flow(partition) { try $0.pause($1) }
        case .resume(let partition): flow(partition) { try $0.resume($1) }
        case .trouble, .recovered, .count: report.say(effect)
        }
    }

    private func flow(_ partition: Int32, _ body: (KafkaWorker, [TopicPartition]) throws -> Void) {
        guard let worker = consumer?.worker(0) else { return }
        do { try body(worker, [TopicPartition(topic: context.topics.alerts, partition: partition)]) } catch {
            context.logger.warning("the feed was not paused or resumed", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Offsets

    /// Commits what is settled. One that fails is tried again with the next; the log keeps its repetition harmless.
    ///
    /// A commit carries the group's generation, and is refused to who is no member any more.
    private func commit(_ consumer: KafkaConsumer) {
        guard let request = commits.next(at: FeedDelivery.monotonic, isInDoubt: engine.isInDoubt) else { return }
        let offsets = request.offsets.map { offset in
            OffsetAndMetadata(
                PartitionOffset(
                    TopicPartition(topic: context.topics.alerts, partition: offset.partition), offset: offset.next),
                metadata: offset.metadata(logPartitions: writer.logPartitions))
        }
        do {
            try consumer.commit(offsets, timeout: .seconds(3))
            if let input = commits.taken(request) { step(input) }
        } catch {
            commits.failed(at: FeedDelivery.monotonic)
            // While a group rebalances it takes none.
            guard commits.failures == 10 || commits.failures % 60 == 0 else { return }
            context.logger.warning(
                "what was sent is not committed yet", metadata: ["sink": "\(sink.name)", "error": "\(error)"])
        }
    }
}

// MARK: The group

extension FeedDelivery: KafkaConsumerDelegate {
    func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] {
        guard let consumer else { return [] }
        for partition in partitions { step(.assigned(partition: partition.partition)) }
        let restorer = FeedRestorer(context, sink: sink.name, producer: producer, stop: stop)
        do {
            let restored = try restorer.restore(partitions, for: consumer) { step($0) }
            // Before they begin: what is decided of their history is written at once.
            writer.logPartitions = restored.logPartitions
            for start in restored.starts {
                commits.began(start)
                step(.began(partition: start.partition, start.start, next: start.next, writer: restored.generation))
            }
            let next = Dictionary(restored.starts.map { ($0.partition, $0.next) }) { $1 }
            return partitions.map { partition in
                PartitionAssignment(
                    partition, start: next[partition.partition].map { .offset($0) } ?? .end, worker: 0)
            }
        } catch {
            if !(error is StopReached) { failure = failure ?? error }
            // The process stops, and nobody here reads what comes.
            return partitions.map { PartitionAssignment($0, start: .end, worker: 0) }
        }
    }

    /// Gives what is on its way the time of a request, so that the next owner does not send it again.
    func revoked(_ partitions: [ReleasedPartition]) {
        for released in partitions { step(.leaving(partition: released.partition.partition)) }
        let deadline = ContinuousClock.now + FeedDelivery.leaveMax
        while failure == nil, ContinuousClock.now < deadline,
            !partitions.allSatisfy({ engine.isQuiet($0.partition.partition) })
        {
            for done in answers.takeAll(timeout: 0.02) ?? [] { take(done) }
            do { for token in try writer.takeAcknowledged() { step(.written(token)) } } catch { failure = error }
        }
        commits.hurry()
        if let consumer { commit(consumer) }
        forget(partitions)
    }

    /// Nothing more can be committed of them, so who follows sends again what was on its way.
    func lost(_ partitions: [ReleasedPartition]) {
        context.logger.warning(
            "\(SessionLoss.text(of: "alerts", context.brokers))", metadata: ["sink": "\(sink.name)"])
        forget(partitions)
    }

    private func forget(_ partitions: [ReleasedPartition]) {
        for released in partitions {
            let number = released.partition.partition
            step(.gone(partition: number))
            commits.gone(number)
        }
    }
}

extension FeedRecord {
    /// - Throws: for a record that is none.
    init(_ message: Message, of source: TopicPartition) throws(UnreadableRecord) {
        let value = Array<UInt8>(copying: message.value)
        let transition: AlertTransition
        do throws(AlertRecordError) { transition = try AlertTransition(json: value) } catch {
            throw UnreadableRecord(TopicPlace(source, offset: message.offset), "\(error)")
        }
        let written = message.timestamp.flatMap { Timestamp(milliseconds: $0.milliseconds) }
        self.init(
            partition: source.partition, offset: message.offset, writtenAt: written ?? transition.alert.time,
            epoch: FeedHeaders.epoch(of: message), isMarkedPast: FeedHeaders.isPast(message),
            transition: transition, value: value)
        openAt = FeedHeaders.openAt(of: message)
        arrivedAt = FeedHeaders.arrivedAt(of: message)
    }
}
