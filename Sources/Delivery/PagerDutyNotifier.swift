import Alerting
import AsyncHTTPClient
import Foundation
import JSON
import KafkaClient
import Logging
import NIOCore
import Observability
import Records
import Runtime
import ServiceLifecycle
import Settings
import Synchronization
import TelemetryModel

/// Posts every alert transition to PagerDuty's Events API v2.
///
/// The feed is the outbox: the notifier is a consumer group on the alerts topic, so it waits while PagerDuty is busy or
/// gone, keeps the order of each dedup key, and goes on after a restart where it stopped. What PagerDuty refuses for good
/// goes to the dead letter.
public final class PagerDutyNotifier: Service {
    public struct Failure: Error, CustomStringConvertible, Sendable {
        public let description: String
    }

    private let kafka: KafkaClient.KafkaSettings
    private let group: String
    private let topics: OutputTopics
    private let endpoint: String
    private let routingKey: PagerDutyRoutingKey
    private let metrics: MetricsRegistry
    private let logger: Logger
    private let brokers: BrokerLog
    private let trouble = DeliveryTrouble()
    private let isStopping = Mutex(false)
    private let skips: SkippedRecords
    /// Why the feed can't be read on.
    private let failure = Mutex<UnreadableRecord?>(nil)

    /// Below the ten seconds in which a stop is to be done.
    private static let requestTimeout = TimeAmount.seconds(8)
    private static let acknowledgeTimeout = Duration.seconds(10)

    public init(
        settings: RunSettings, pagerDuty: PagerDutySettings, metrics: MetricsRegistry, brokers: BrokerLog,
        skips: [TopicPlace] = [], logger: Logger
    ) throws(Failure) {
        guard let key = PagerDutyRoutingKey(pagerDuty.routingKey.value) else {
            throw Failure(
                description: "pagerDuty.routingKey: expected \(PagerDutyRoutingKey.length) letters and digits, "
                    + "the integration key of an Events API v2 service")
        }
        routingKey = key
        kafka = settings.kafka.clientSettings
        group = "\(settings.kafka.groupID)-pagerduty"
        topics = OutputTopics(prefix: settings.outputs.prefix)
        endpoint = pagerDuty.endpoint
        self.metrics = metrics
        self.brokers = brokers
        self.skips = SkippedRecords(skips, metrics, logger)
        self.logger = logger
    }

    public func run() async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        // The thread waits for the outcome of each before it puts in the next.
        let (alerts, continuation) = AsyncStream<Delivery>.makeStream(bufferingPolicy: .bufferingOldest(1))
        await withTaskCancellationOrGracefulShutdownHandler {
            // Kafka's calls block, so they have a thread; requests are awaited here, one at a time and in order.
            let thread = WorkThread(named: "pagerduty") { [self] in
                consume(into: continuation)
                continuation.finish()
            }
            for await delivery in alerts {
                delivery.finish(await post(delivery.transition, with: client))
            }
            thread.join()
        } onCancelOrGracefulShutdown: { [self] in
            isStopping.withLock { $0 = true }
        }
        try await client.shutdown()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// What became of a transition.
    private enum Outcome: Sendable {
        case accepted
        /// With the HTTP status and PagerDuty's words.
        case refused(Int, String)
        /// A stop came first.
        case givenUp
    }

    /// One transition on its way, and what became of it.
    private final class Delivery: Sendable {
        let transition: AlertTransition
        let done = Latch()
        private let result = Mutex<Outcome>(.givenUp)

        init(transition: AlertTransition) {
            self.transition = transition
        }

        var outcome: Outcome { result.withLock { $0 } }

        func finish(_ outcome: Outcome) {
            result.withLock { $0 = outcome }
            done.reach()
        }
    }

    private func consume(into deliveries: AsyncStream<Delivery>.Continuation) {
        do {
            let consumer = try KafkaConsumer(
                settings: kafka, options: .init(group: group), delegate: PlainAssignment(),
                observer: brokers.observer())
            let producer = try KafkaProducer(settings: kafka, observer: brokers.observer())
            try consumer.subscribe(to: [topics.alerts])
            while !isStopping.withLock({ $0 }) {
                for case .failure(let error) in consumer.poll(timeout: .zero) {
                    brokers.note(error)
                }
                let batch = consumer.worker(0).poll(max: 100, timeout: .milliseconds(200))
                for index in 0..<batch.count {
                    let message = batch[index]
                    let source = batch.sources[message.source]
                    // One that is passed over is committed too, or the next start would need to be asked for it again.
                    guard
                        try skips.contains(source, offset: message.offset)
                            || deliver(message, of: source, consumer, producer, deliveries)
                    else { break }
                    let next = PartitionOffset(source, offset: message.offset + 1)
                    // A commit that fails only repeats a notification, which PagerDuty recognises by its dedup key.
                    do { try consumer.commit([next], timeout: .seconds(10)) } catch {
                        logger.warning("what was posted is not committed", metadata: ["error": "\(error)"])
                    }
                }
            }
            try consumer.close()
            _ = producer.close(timeout: .seconds(5))
        } catch let error as UnreadableRecord {
            failure.withLock { $0 = error }
        } catch {
            logger.error("alerts are not sent to PagerDuty", metadata: ["error": "\(error)"])
        }
    }

    /// False when it was given up because of a stop: the transition is sent after the next start.
    private func deliver(
        _ message: Message, of source: TopicPartition, _ consumer: KafkaConsumer, _ producer: KafkaProducer,
        _ deliveries: AsyncStream<Delivery>.Continuation
    ) throws(UnreadableRecord) -> Bool {
        let value = Array<UInt8>(copying: message.value)
        let delivery: Delivery
        do throws(AlertRecordError) {
            delivery = Delivery(transition: try AlertTransition(json: value))
        } catch {
            throw UnreadableRecord(source, offset: message.offset, "\(error)")
        }
        deliveries.yield(delivery)
        // A cancelled task takes no more deliveries, so a stop ends the wait too, once a request has had its time.
        var stopWaits = 0
        while !delivery.done.wait(timeout: 1), stopWaits < 10 {
            if isStopping.withLock({ $0 }) { stopWaits += 1 }
            sayTrouble(consumer)
        }
        switch delivery.outcome {
        case .accepted: return true
        case .givenUp: return false
        case .refused(let status, let words):
            return deadLetter(
                value, NotificationRefusal(status: status, words: words), from: source, offset: message.offset, producer
            )
        }
    }

    /// Sends the feed's record to the dead letters, again until it is acknowledged; false when stopped before.
    private func deadLetter(
        _ value: [UInt8], _ refusal: NotificationRefusal, from source: TopicPartition, offset: Int64,
        _ producer: KafkaProducer
    ) -> Bool {
        let position = SourcePosition.kafka(
            topic: source.topic, partition: source.partition, offset: offset, record: 0)
        var json = JSONWriter()
        position.write(to: &json)
        let headers = CloudEventHeaders.deadLetter(
            reason: refusal.reason, detail: refusal.detail, position: json.bytes, byteOffset: 0)
        // Whoever writes into the feed may have filled a record up to the topic's limit, and the headers come on top.
        var sizes = CloudEventHeaders.deadLetterBytesMax[...]
        while !isStopping.withLock({ $0 }) {
            do {
                let isCut = value.count > sizes[sizes.startIndex]
                let sequence = try producer.send(
                    topic: topics.deadLetter, key: json.bytes, value: Array(value.prefix(sizes[sizes.startIndex])),
                    headers: isCut ? headers + [CloudEventHeaders.originalSize(value.count)] : headers)
                switch producer.waitForDelivery(through: sequence, timeout: PagerDutyNotifier.acknowledgeTimeout) {
                case .delivered: return true
                case .failed(let failures):
                    logger.warning("a dead letter was not taken", metadata: ["error": "\(failures[0])"])
                case .pending:
                    logger.warning("a dead letter is not acknowledged; it is sent again")
                }
            } catch {
                if error.code == .messageTooLarge, sizes.count > 1 {
                    sizes.removeFirst()
                    continue
                }
                logger.warning("a dead letter was not sent", metadata: ["error": "\(error)"])
            }
        }
        return false
    }

    /// Posts until PagerDuty accepts or refuses, or a stop is asked for.
    private func post(_ transition: AlertTransition, with client: HTTPClient) async -> Outcome {
        let body = PagerDutyEvent.body(for: transition, routingKey: routingKey)
        let key = transition.alert.dedupKey.text
        var failures = 0
        while !isStopping.withLock({ $0 }) {
            var status: Int?
            var retryAfter: Int64?
            var answer = ""
            do {
                var request = HTTPClientRequest(url: endpoint)
                request.method = .POST
                request.headers.add(name: "content-type", value: "application/json")
                request.body = .bytes(ByteBuffer(bytes: body))
                let response = try await client.execute(request, timeout: PagerDutyNotifier.requestTimeout)
                status = Int(response.status.code)
                retryAfter = response.headers.first(name: "retry-after").flatMap(Int64.init)
                let body = try await response.body.collect(upTo: 1 << 20)
                answer = PagerDutyAnswer(body: Array(body.readableBytesView)).text
            } catch {
                // With a status there was an answer, and only its words are missing.
                if status == nil { answer = "no answer: \(error)" }
            }
            switch PagerDutyDelivery.outcome(status: status) {
            case .accepted:
                metrics.add(.notifications, [("result", "accepted")])
                sayRecovery()
                return .accepted
            case .refused:
                metrics.add(.notifications, [("result", "refused")])
                logger.error(
                    "PagerDuty refused an event; it goes to the dead letters",
                    metadata: ["status": .number(status ?? 0), "answer": "\(answer)", "dedup_key": "\(key)"])
                sayRecovery()
                return .refused(status ?? 0, answer)
            case .retry:
                failures += 1
                metrics.add(.notifications, [("result", "retried")])
                trouble.failed(status.map { "status \($0)" + (answer.isEmpty ? "" : ": \(answer)") } ?? answer)
                let delay = PagerDutyDelivery.delayNanoseconds(
                    failures: failures, status: status, random: Double.random(in: 0..<1), retryAfterSeconds: retryAfter)
                await pause(nanoseconds: delay)
            }
        }
        return .givenUp
    }

    private func sayTrouble(_ consumer: KafkaConsumer) {
        guard let report = trouble.takeDue() else { return }
        say(report, waiting: alertsWaiting(consumer))
    }

    private func say(_ report: DeliveryTrouble.Report, waiting: Int64?) {
        var metadata: Logger.Metadata = [
            "cause": "\(report.cause)", "since": "\(report.since)", "seconds": .seconds(report.seconds),
        ]
        if let waiting { metadata["waiting"] = .number(waiting) }
        logger.warning("PagerDuty takes no alerts; they wait in the feed, and are tried again", metadata: metadata)
    }

    private func sayRecovery() {
        guard let (duration, unsaid) = trouble.recovered() else { return }
        // Over sooner than the thread that knows what waits came to say it.
        if let unsaid { say(unsaid, waiting: nil) }
        logger.notice("PagerDuty answers again", metadata: ["seconds": .seconds(duration)])
    }

    /// Transitions in this member's share of the feed that are not posted yet; nil where Kafka does not say.
    private func alertsWaiting(_ consumer: KafkaConsumer) -> Int64? {
        let partitions = consumer.assignment
        guard let committed = try? consumer.committed(partitions, timeout: .seconds(2)) else { return nil }
        var waiting: Int64 = 0
        for (partition, next) in zip(partitions, committed) {
            guard let (low, high) = try? consumer.queryWatermarks(partition, timeout: .seconds(2)) else { return nil }
            waiting += max(0, high - max(low, next ?? low))
        }
        return waiting
    }

    /// Waits, but no longer than until a stop is asked for.
    private func pause(nanoseconds: Int64) async {
        let end = ContinuousClock.now + .nanoseconds(nanoseconds)
        while ContinuousClock.now < end, !isStopping.withLock({ $0 }) {
            try? await Task.sleep(for: min(.milliseconds(100), ContinuousClock.now.duration(to: end)))
        }
    }
}

/// Why a transition is not sent to PagerDuty any more.
private struct NotificationRefusal {
    let status: Int
    let words: String

    /// As it stands in the dead letter's header.
    var reason: String { "pagerduty_refused" }

    var detail: String { "PagerDuty answered with status \(status)" + (words.isEmpty ? "" : ": \(words)") }
}

/// Takes partitions as they come: nothing is counted, so nothing has to be drained.
private final class PlainAssignment: KafkaConsumerDelegate {
    func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] { [] }
    func revoked(_ partitions: [ReleasedPartition]) {}
    func lost(_ partitions: [ReleasedPartition]) {}
}
