import Alerting
import Foundation
import KafkaClient
import Logging
import Settings
import Synchronization
import TelemetryModel

/// The whole consumer: one thread that serves the group, one for each worker, one that evaluates and publishes.
///
/// None of them runs on the cooperative pool, because librdkafka's calls block.
public final class ConsumerPipeline: Sendable {
    public struct Failure: Error, CustomStringConvertible, Sendable {
        public let description: String
    }

    private let settings: RunSettings
    private let plan: PipelinePlan
    private let topics: OutputTopics
    private let metrics: MetricsRegistry
    private let readiness: Readiness
    private let logger: Logger
    private let onAlert: @Sendable (AlertTransition) -> Void
    private let onClosed: @Sendable (Timestamp) -> Void
    private let isStopping = Mutex(false)
    private let failure = Mutex<String?>(nil)
    private let startedAt = ContinuousClock.now

    /// - Parameters:
    ///   - onAlert: called on the evaluating thread for each transition that was acknowledged.
    ///   - onClosed: called there with the event time up to which windows are over, once their results are acknowledged.
    public init(
        settings: RunSettings, plan: PipelinePlan, metrics: MetricsRegistry, readiness: Readiness, logger: Logger,
        onAlert: @escaping @Sendable (AlertTransition) -> Void = { _ in },
        onClosed: @escaping @Sendable (Timestamp) -> Void = { _ in }
    ) {
        self.settings = settings
        self.plan = plan
        self.metrics = metrics
        self.readiness = readiness
        self.logger = logger
        self.onAlert = onAlert
        self.onClosed = onClosed
        topics = OutputTopics(prefix: settings.outputs.prefix)
    }

    /// Asks the pipeline to drain and stop; `run` returns when that is done.
    public func stop() {
        readiness.set(.stopping)
        isStopping.withLock { $0 = true }
    }

    /// Consumes until `stop`, or until it cannot go on. Blocks its thread.
    public func run() throws {
        let kafka = settings.kafka.clientSettings
        if settings.outputs.createsTopics { try createMissingTopics(kafka) }
        let stage = try restoredStage(kafka)
        let producer = try KafkaProducer(settings: kafka, observer: observer)
        let workerCount = settings.workers.count ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
        let flushes = Mailbox<EvaluatorMessage>()
        let closedBefore = SharedTimestamp()
        let fail: @Sendable (String) -> Void = { [self] reason in
            failure.withLock { $0 = $0 ?? reason }
            stop()
        }
        let requests = (0..<workerCount).map { _ in Mailbox<PartitionWorker.Request>() }
        let delegate = RebalanceDelegate(
            requests: requests, flushes: flushes, metrics: metrics, readiness: readiness, logger: logger,
            startedAt: startedAt)
        let consumer = try KafkaConsumer(
            settings: kafka, options: .init(group: settings.kafka.groupID, workers: workerCount), delegate: delegate,
            observer: observer)

        let workerContext = PartitionWorker.Context(
            plan: plan, settings: settings, producer: producer, topics: topics, flushes: flushes,
            closedBefore: closedBefore, fail: fail)
        let workerThreads = consumer.workers.enumerated().map { index, worker in
            WorkThread(named: "worker-\(index)") {
                PartitionWorker(worker, requests: requests[index], context: workerContext).run()
            }
        }
        let evaluatorContext = Evaluator.Context(
            producer: producer, consumer: consumer, topics: topics, flushes: flushes, closedBefore: closedBefore,
            metrics: metrics, readiness: readiness, logger: logger, clock: Timestamp.now, onAlert: onAlert,
            onClosed: onClosed, isStopping: { [self] in isStopping.withLock { $0 } }, fail: fail)
        let evaluatorThread = WorkThread(named: "evaluator") {
            _ = Evaluator(stage: stage, context: evaluatorContext).run()
        }

        do { try consumer.subscribe(to: settings.inputs.map(\.topic)) } catch {
            // The threads are running and must be stopped in their order, as after any other failure.
            fail("the input topics could not be subscribed to: \(error)")
        }
        logger.info(
            "consuming",
            metadata: [
                "group": "\(settings.kafka.groupID)",
                "topics": "\(settings.inputs.map(\.topic).joined(separator: ","))",
                "workers": "\(workerCount)",
            ])
        while !isStopping.withLock({ $0 }) {
            for event in consumer.poll(timeout: .milliseconds(100)) { handle(event, flushes) }
        }

        // Leaving the group drains: the delegate waits for each partition's last flush to be committed.
        let drainStart = ContinuousClock.now
        var closing: (any Error)?
        do { try consumer.close() } catch { closing = error }
        for mailbox in requests { mailbox.put(.stop) }
        for thread in workerThreads { thread.join() }
        flushes.close()
        evaluatorThread.join()
        _ = producer.close(timeout: .seconds(10))
        let drained = drainStart.duration(to: .now)
        logger.info("stopped", metadata: ["drain_seconds": "\(drained.seconds)"])
        if let reason = failure.withLock({ $0 }) { throw Failure(description: reason) }
        if let closing { throw closing }
    }

    private var observer: KafkaObserver {
        let logger = logger
        let metrics = metrics
        let readiness = readiness
        return KafkaObserver(
            log: { line in
                let level: Logger.Level = line.level <= 4 ? .warning : line.level <= 6 ? .info : .debug
                logger.log(
                    level: level, "librdkafka", metadata: ["facility": "\(line.facility)", "text": "\(line.message)"])
            },
            statistics: { statistics in
                // Only the consumer has a group. librdkafka says when the last broker went, but not when one is back.
                if statistics.rebalances != nil, statistics.brokers.contains(where: { $0.state == "UP" }) {
                    readiness.recover()
                }
                for partition in statistics.partitions {
                    guard let lag = partition.lag else { continue }
                    metrics.set(
                        .partitionLag,
                        [
                            ("topic", partition.partition.topic),
                            ("partition", String(partition.partition.partition)),
                        ], to: Double(lag))
                }
            })
    }

    private func handle(_ event: KafkaEvent, _ flushes: Mailbox<EvaluatorMessage>) {
        switch event {
        case .failure(let error):
            if error.code == .allBrokersDown { readiness.degrade("no broker answers") }
            flushes.put(.failure(error))
        case .positionLost(let partition, let error):
            flushes.put(.positionLost(partition, error))
        case .partitionEnd, .committed:
            break
        }
    }

    private func createMissingTopics(_ kafka: KafkaClient.KafkaSettings) throws {
        let admin = try KafkaAdmin(settings: kafka)
        let created = try admin.createMissing(topics.specifications(settings.outputs), timeout: .seconds(30))
        if !created.isEmpty { logger.info("created topics", metadata: ["topics": "\(created.joined(separator: ","))"]) }
    }

    /// The evaluating stage with the history that the output topics hold.
    private func restoredStage(_ kafka: KafkaClient.KafkaSettings) throws -> EvaluationStage {
        var stage = EvaluationStage(
            plan: plan, latenessNanoseconds: settings.aggregation.allowedLatenessNanoseconds,
            horizonNanoseconds: settings.aggregation.lateHorizonNanoseconds)
        let feed = FeedReader(kafka: kafka, topics: topics)
        let windows = try feed.windows()
        for entry in windows.entries { stage.restore(entry.record, evaluatedThrough: entry.evaluatedThrough) }
        let alerts = try feed.alerts()
        for alert in alerts.latest { stage.restore(alert) }
        if !windows.entries.isEmpty || !alerts.latest.isEmpty {
            logger.info(
                "restored",
                metadata: ["windows": "\(windows.entries.count)", "alerts": "\(alerts.latest.count)"])
        }
        return stage
    }
}
