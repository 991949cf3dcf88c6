import Alerting
import Foundation
import KafkaClient
import Logging
import Observability
import Planning
import Records
import Runtime
import Settings
import Synchronization
import TelemetryModel

/// Whom the pipeline tells of what it has published.
public struct PipelineHooks: Sendable {
    let onAlert: @Sendable (AlertTransition) -> Void
    let onClosed: @Sendable (Timestamp) -> Void

    /// - Parameters:
    ///   - onAlert: called on the evaluating thread for each transition that was acknowledged.
    ///   - onClosed: called there with the event time up to which windows are over, once their results are acknowledged.
    public init(
        onAlert: @escaping @Sendable (AlertTransition) -> Void = { _ in },
        onClosed: @escaping @Sendable (Timestamp) -> Void = { _ in }
    ) {
        self.onAlert = onAlert
        self.onClosed = onClosed
    }
}

/// What a pipeline's process says of itself, and to whom.
public struct PipelineTelemetry: Sendable {
    let metrics: MetricsRegistry
    let readiness: Readiness
    let logger: Logger

    public init(metrics: MetricsRegistry, readiness: Readiness, logger: Logger) {
        self.metrics = metrics
        self.readiness = readiness
        self.logger = logger
    }
}

/// What both roles of a consumer share.
final class PipelineContext: Sendable {
    let settings: RunSettings
    let plan: PipelinePlan
    let kafka: KafkaClient.KafkaSettings
    let topics: OutputTopics
    let shards: ShardMap
    let producer: KafkaProducer
    let writer: StateTopicWriter
    let metrics: MetricsRegistry
    let readiness: Readiness
    let logger: Logger
    let brokers: BrokerLog
    let skips: SkippedRecords
    /// Reached when the pipeline is to stop.
    let stop: Latch
    /// How often an owner's chains are read back.
    let chainCheckInterval: Duration
    let published = PublishedOffsets()
    let clock: TrustedClock
    let readings: EvaluationReadings
    private let lags = PartitionLags()
    private let failure = Mutex<String?>(nil)
    /// Roles that the group has given nothing yet, or nothing anew.
    private let waiting: Mutex<Set<PipelineRole>>
    private let startedAt: ContinuousClock.Instant

    /// How long a start waits for a broker, and for each answer.
    static let metadataTimeout = Duration.seconds(15)

    /// - Throws: when the cluster does not answer, a topic is missing, or members of another release are in the way.
    init(
        _ configuration: ConsumerPipeline.Configuration, telemetry: PipelineTelemetry, brokers: BrokerLog, stop: Latch,
        startedAt: ContinuousClock.Instant
    ) throws {
        settings = configuration.settings
        readings = EvaluationReadings(of: configuration.plan.objectives)
        metrics = telemetry.metrics
        readiness = telemetry.readiness
        logger = telemetry.logger
        self.brokers = brokers
        let authentication = settings.outputs.authentication
        skips = SkippedRecords(configuration.skips, authentication: authentication, metrics, logger)
        self.stop = stop
        chainCheckInterval = configuration.chainCheckInterval
        self.startedAt = startedAt
        waiting = Mutex(configuration.roles)
        metrics.beginCounters(
            of: configuration.roles, inputs: settings.inputs.map(\.topic), plan: configuration.plan)
        metrics.collect { [readings] in readings.samples }
        metrics.collect { [lags] in lags.samples }
        kafka = settings.kafka.clientSettings
        topics = OutputTopics(prefix: settings.outputs.prefix)
        var producing = settings.kafka.clientSettings
        if producing.options["message.timeout.ms"] == nil, producing.options["delivery.timeout.ms"] == nil {
            producing.options["message.timeout.ms"] = "0"
        }
        producer = try KafkaProducer(
            settings: producing, observer: PipelineContext.observer(readiness, brokers, nil))
        producer.track(topics.registers)
        writer = StateTopicWriter(producer, authentication)
        if authentication != nil { metrics.beginForgeries(in: topics) }
        clock = configuration.clock(producer)
        metrics.collect { [clock] in
            let offset = clock.hostOffset
            let whose = MetricSample(.clockIsHosts, [], offset == nil ? 1 : 0)
            return [whose] + (offset.map { [MetricSample(.clockOffset, [], $0.seconds)] } ?? [])
        }
        let count = try PipelineContext.partitions(of: topics.registers, producer)
        shards = ShardMap(count: count)
        let form = try RecordFormSearch(
            kafka: kafka, topic: topics.registers, form: settings.outputs.recordForm,
            flushInterval: .nanoseconds(settings.flushIntervalNanoseconds), skips: skips, logger: logger, stop: stop
        ).run()
        plan = configuration.plan.written(in: form)
        if let problem = plan.problemOfForm { throw ConsumerPipeline.Failure(description: problem) }
    }

    /// - Throws: when the cluster does not answer, or the topic is missing.
    func partitions(of topic: String) throws -> Int { try PipelineContext.partitions(of: topic, producer) }

    private static func partitions(of topic: String, _ producer: KafkaProducer) throws -> Int {
        do throws(KafkaError) {
            return try producer.partitionCount(creating: topic, timeout: metadataTimeout)
        } catch {
            if error.code != .unknownTopicOrPartition { throw error }
            throw ConsumerPipeline.Failure(
                description: "the topic \(topic) does not exist; create it, or set outputs.createTopics: true")
        }
    }

    /// Stops the pipeline, which then says why.
    @Sendable func fail(_ reason: String) {
        failure.withLock { $0 = $0 ?? reason }
        readiness.set(.stopping)
        stop.reach()
    }

    /// Something failed; librdkafka goes on trying, unless it says that it can't.
    @Sendable func note(_ error: KafkaError) {
        if error.code == .allBrokersDown {
            readiness.degrade("no broker answers" + (brokers.trouble.map { "; \($0)" } ?? ""))
        }
        brokers.note(error)
        if error.isFatal { fail("\(error)") }
    }

    static let unansweredClose = "the group did not answer the last commits; what they cover is found in the registers"
    private static let closeSeconds: TimeInterval = 14

    /// Leaves the group, giving partitions back. Without a broker librdkafka may wait for ever, so after a while it is left
    /// to do so, and the process ends without it.
    ///
    /// - Returns: whether it has left, or at least tried to.
    func close(_ consumer: KafkaConsumer) -> Bool {
        let closing = WorkThread(named: "close") { [logger] in
            do { try consumer.close() } catch {
                logger.warning("the group was not left in good order", metadata: ["error": "\(error)"])
            }
        }
        return closing.join(timeout: PipelineContext.closeSeconds)
    }

    var failureReason: String? { failure.withLock { $0 } }

    /// A role has what the group gave it.
    func markReady(_ role: PipelineRole) {
        let (isNew, isReady) = waiting.withLock { (waiting: inout Set<PipelineRole>) in
            (waiting.remove(role) != nil, waiting.isEmpty)
        }
        guard isNew, isReady else { return }
        readiness.assign()
        guard metrics.value(.readySeconds) == nil else { return }
        metrics.set(.readySeconds, to: startedAt.duration(to: .now).seconds)
        readiness.set(.ready)
    }

    /// What a role had is another member's.
    func markLost(_ role: PipelineRole) {
        _ = waiting.withLock { $0.insert(role) }
        readiness.lose()
    }

    /// A member without partitions is ready too, once the group has said that it gets none.
    func noteMember(of consumer: KafkaConsumer, _ role: PipelineRole) {
        guard waiting.withLock({ $0.contains(role) }) else { return }
        if consumer.isTakenIn, consumer.assignment.isEmpty { markReady(role) }
    }

    /// - Parameter isMember: of the group that reads the inputs, whose lag is shown.
    func observer(isMember: Bool) -> KafkaObserver {
        PipelineContext.observer(readiness, brokers, isMember ? lags : nil)
    }

    private static func observer(
        _ readiness: Readiness, _ brokers: BrokerLog, _ lags: PartitionLags?
    ) -> KafkaObserver {
        brokers.observer(
            statistics: { statistics in
                let silence = brokers.silence
                readiness.fallSilent(silence)
                // librdkafka says when the last broker went, but not when one is back.
                if silence == nil, statistics.brokers.contains(where: { $0.state == "UP" }) { readiness.recover() }
                lags?.note(statistics)
            })
    }
}
