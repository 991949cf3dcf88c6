import Accounting
import Evaluation
import KafkaClient
import Logging
import Objectives
import Observability
import Records
import Runtime
import TelemetryModel

/// The evaluating thread: feeds the driver of its shards with what is polled and asked, and does what it wants done.
final class EvaluatorThread {
    /// What the coordinating thread asks of the evaluator.
    enum Request: Sendable {
        case assign(OwnedShard)
        /// The shard goes away; reach the latch when its results are published.
        case release(Int32, Latch)
        /// The shard is another member's already.
        case forget(Int32)
        case stop
    }

    struct Context: Sendable {
        let writer: StateTopicWriter
        let committer: ShardOffsetCommitter
        let topics: OutputTopics
        let shards: ShardMap
        /// In which form records are written.
        let form: RecordForm
        let partitions: StatePartitions
        let skips: SkippedRecords
        /// What is found out longer than this after its event time is marked as past.
        let alertMaxAgeNanoseconds: Int64
        /// How long open alerts wait for what judged them and is gone from the resources.
        let alertRemovalDelayNanoseconds: Int64
        let requests: Mailbox<Request>
        let published: PublishedOffsets
        let clock: TrustedClock
        let metrics: MetricsRegistry
        let readings: EvaluationReadings
        let logger: Logger
        let hooks: PipelineHooks
        let stop: Latch
        let note: @Sendable (KafkaError) -> Void
        let fail: @Sendable (String) -> Void
    }

    private static let pollMessagesMax = 1000
    private static let commitInterval = Duration.seconds(5)

    private let worker: KafkaWorker
    private let context: Context
    private let acknowledgements: AcknowledgementWait
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant
    private var driver: EvaluatorDriver
    private var telemetry: EvaluatorTelemetry
    /// Reached when the shard's results are published.
    private var releases: [Int32: [Latch]] = [:]
    private var lastSent: UInt64 = 0
    private var lastCommitted = ContinuousClock.now
    private var isStopped = false

    init(_ worker: KafkaWorker, context: Context) {
        self.worker = worker
        self.context = context
        began = clock.now
        driver = EvaluatorDriver(
            shardCount: context.shards.count, form: context.form, partitions: context.partitions,
            alertMaxAgeNanoseconds: context.alertMaxAgeNanoseconds,
            removalDelayNanoseconds: context.alertRemovalDelayNanoseconds, now: .zero)
        telemetry = EvaluatorTelemetry(
            metrics: context.metrics, readings: context.readings, logger: context.logger, hooks: context.hooks)
        acknowledgements = AcknowledgementWait(
            producer: context.writer.producer, stop: context.stop, fail: context.fail)
    }

    private var now: Duration { began.duration(to: clock.now) }

    /// Runs until asked to stop.
    func run() {
        while !isStopped {
            let batch = worker.poll(max: EvaluatorThread.pollMessagesMax, timeout: .milliseconds(50))
            for request in context.requests.takeAll(timeout: 0) ?? [.stop] { take(request) }
            read(batch)
            step(.turn(at: now, clock: context.clock.now()))
        }
    }

    private func take(_ request: Request) {
        switch request {
        case .assign(let shard):
            telemetry.noteAssignment()
            step(.assign(shard))
        case .release(let shard, let latch):
            releases[shard, default: []].append(latch)
            step(.release(shard: shard))
        case .forget(let shard):
            step(.forget(shard: shard))
            telemetry.noteRelease(driver.owned)
        case .stop: step(.stop)
        }
    }

    private func read(_ batch: borrowing MessageBatch) {
        for index in 0..<batch.count {
            let message = batch[index]
            let partition = batch.sources[message.source]
            let place = TopicPlace(partition, offset: message.offset)
            switch context.skips.cause(of: message, in: partition) {
            case nil: step(.entry(place, json: Array(copying: message.value), times: EntryTimes(message)))
            case .onRequest: step(.passOver(place, entryOf: ChangelogSink.source(ofKey: message.key)))
            // As if it were not there: no chain is without it.
            case .notAuthentic: step(.passOver(place, entryOf: nil))
            }
        }
        for event in batch.events {
            switch event {
            case .positionLost(let partition, let error):
                context.fail("\(LostPosition(partition, error.message))")
            case .failure(let error): context.note(error)
            case .partitionEnd: break
            }
        }
    }

    // MARK: Effects

    private func step(_ input: EvaluatorInput) {
        var effects = driver.step(input)[...]
        while let effect = effects.popFirst() {
            switch effect {
            case .send(let record):
                telemetry.noteSending(record, clock: context.clock.now)
                do throws(KafkaError) { lastSent = try send(record) } catch {
                    context.fail("a result could not be sent: \(error)")
                    effects = driver.step(.unacknowledged)[...]
                }
            case .awaitAcknowledgement:
                let isAcknowledged = acknowledgements.isAcknowledged(through: lastSent)
                telemetry.noteAnswer(isAcknowledged: isAcknowledged)
                effects += driver.step(isAcknowledged ? .acknowledged(at: now) : .unacknowledged)
            case .released(let shard):
                telemetry.noteRelease(driver.owned)
                for latch in releases.removeValue(forKey: shard) ?? [] { latch.reach() }
            case .published(let offsets, let publication):
                context.published.set(offsets)
                telemetry.note(publication, of: driver.owned)
                if lastCommitted.duration(to: .now) >= EvaluatorThread.commitInterval { commit() }
            case .fail(let error): context.fail("\(error)")
            case .refuse(let older): context.fail("\(older)")
            case .stopped: isStopped = true
            }
        }
    }

    private func send(_ record: ResultRecord) throws(KafkaError) -> UInt64 {
        try context.writer.send(
            topic: record.topic(context.topics), partition: record.partition(context.partitions),
            key: Array(record.key.utf8), value: record.value(in: context.form), headers: headers(of: record))
    }

    private func headers(of record: ResultRecord) -> [KafkaHeader] {
        switch record {
        case .alert(let alert):
            let id = alert.transition.eventID(openAt: alert.openAt)
            return CloudEventHeaders.make(type: CloudEventHeaders.alert, id: id, time: alert.transition.alert.time)
                + FeedHeaders.make(epoch: alert.epoch.rawValue, isPast: alert.isPast, openAt: alert.openAt)
                + FeedHeaders.make(arrivedAt: alert.times?.arrivedAt)
        case .window(let record, let judged):
            let headers = CloudEventHeaders.make(
                type: CloudEventHeaders.window, id: record.key, time: record.start)
            guard let text = judged.text else { return headers }
            return headers + [KafkaHeader(FeedReader.evaluatedThroughHeader, text)]
        case .supersededWindow, .supersededAlert: return []
        case .state, .checkpoint, .alertState:
            return CloudEventHeaders.make(type: CloudEventHeaders.checkpoint, id: record.key, time: nil)
        }
    }

    private func commit() {
        lastCommitted = .now
        context.committer.put(
            driver.owned.values.sorted { $0.shard < $1.shard }.map { owner in
                PartitionOffset(
                    TopicPartition(topic: context.topics.registers, partition: owner.shard),
                    offset: owner.evaluator.next)
            })
    }
}

extension EntryTimes {
    /// `nil` where the entry's source has passed no end.
    fileprivate init?(_ message: Message) {
        guard let arrivedAt = FeedHeaders.arrivedAt(of: message),
            let loggedAt = message.timestamp.flatMap({ Timestamp(milliseconds: $0.milliseconds) })
        else { return nil }
        self.init(arrivedAt: arrivedAt, loggedAt: loggedAt)
    }
}
