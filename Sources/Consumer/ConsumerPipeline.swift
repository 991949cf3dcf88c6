import Alerting
import Foundation
import KafkaClient
import Logging
import Observability
import Planning
import Records
import Runtime
import Settings
import TelemetryModel

/// The whole consumer: the role that counts and the role that evaluates, or one of them.
///
/// They meet in the topic of registers alone, so one process with both is the same as two with one each. None of their
/// threads runs on the cooperative pool, because librdkafka's calls block.
public final class ConsumerPipeline: Sendable {
    public struct Failure: Error, CustomStringConvertible, Sendable {
        public let description: String
    }

    private let settings: RunSettings
    private let plan: PipelinePlan
    private let roles: Set<PipelineRole>
    private let metrics: MetricsRegistry
    private let readiness: Readiness
    private let skips: [TopicPlace]
    private let logger: Logger
    /// What this process's Kafka clients say of brokers, once for all of them.
    public let brokers: BrokerLog
    private let hooks: PipelineHooks
    private let stopRequest = Latch()
    private let startedAt = ContinuousClock.now

    /// How long a stop waits for the evaluator to publish what the stop's own drain has counted.
    private static let catchUpSeconds: TimeInterval = 4

    /// - Parameters:
    ///   - skips: records of our own topics to be passed over.
    ///   - onAlert: called on the evaluating thread for each transition that was acknowledged.
    ///   - onClosed: called there with the event time up to which windows are over, once their results are acknowledged.
    public init(
        settings: RunSettings, plan: PipelinePlan, roles: Set<PipelineRole> = Set(PipelineRole.allCases),
        metrics: MetricsRegistry, readiness: Readiness, skips: [TopicPlace] = [], logger: Logger,
        onAlert: @escaping @Sendable (AlertTransition) -> Void = { _ in },
        onClosed: @escaping @Sendable (Timestamp) -> Void = { _ in }
    ) {
        self.settings = settings
        self.plan = plan
        self.roles = roles
        self.metrics = metrics
        self.readiness = readiness
        self.skips = skips
        self.logger = logger
        brokers = BrokerLog(logger: logger)
        hooks = PipelineHooks(onAlert: onAlert, onClosed: onClosed)
    }

    /// Asks the pipeline to drain and stop; `run` returns when that is done.
    public func stop() {
        readiness.set(.stopping)
        stopRequest.reach()
    }

    /// Consumes until `stop`, or until it cannot go on. Blocks its thread.
    public func run() throws {
        if stopRequest.isReached { return }
        if settings.outputs.createsTopics { try createMissingTopics() }
        let context = try PipelineContext(
            settings: settings, plan: plan, roles: roles, metrics: metrics, readiness: readiness, brokers: brokers,
            skips: skips, logger: logger, stop: stopRequest, startedAt: startedAt)
        try OlderMemberSearch(
            kafka: context.kafka, topic: context.topics.registers, form: plan.form,
            flushInterval: .nanoseconds(settings.flushIntervalNanoseconds), skips: context.skips, logger: logger,
            stop: stopRequest
        ).run()
        let count = roles.contains(.count) ? try CountRole(context) { context.markReady(.count) } : nil
        let evaluate =
            roles.contains(.evaluate)
            ? try EvaluateRole(context, hooks: hooks) { context.markReady(.evaluate) } : nil
        logger.info(
            "consuming",
            metadata: [
                "group": "\(settings.kafka.groupID)",
                "roles": "\(roles.map(\.rawValue).sorted().joined(separator: ","))",
                "topics": "\(settings.inputs.map(\.topic).joined(separator: ","))",
                "shards": .number(context.shards.count),
            ])
        let isCounted = Latch()
        let evaluating = evaluate.map { role in
            WorkThread(named: "evaluate") {
                do { try role.run(until: isCounted) } catch { context.fail("\(error)") }
            }
        }
        var closing: (any Error)?
        do { try count?.run() } catch { closing = error }
        if count == nil { while !stopRequest.wait(timeout: 3600) {} }
        let drainStart = ContinuousClock.now
        if count != nil, evaluate != nil, context.failureReason == nil { awaitPublication(context) }
        isCounted.reach()
        evaluating?.join()
        _ = context.producer.close(timeout: .seconds(context.failureReason == nil ? 10 : 1))
        logger.info("stopped", metadata: ["drain_seconds": .seconds(drainStart.duration(to: .now))])
        if let reason = context.failureReason { throw Failure(description: reason) }
        if let closing { throw closing }
    }

    /// What the drain has counted is published before the process ends, where its shards are evaluated here.
    private func awaitPublication(_ context: PipelineContext) {
        var wanted: [Int32: Int64] = [:]
        for shard in 0..<Int32(context.shards.count) {
            let partition = TopicPartition(topic: context.topics.registers, partition: shard)
            if let last = context.producer.lastDelivered(partition) { wanted[shard] = last + 1 }
        }
        if !context.published.wait(for: wanted, timeout: ConsumerPipeline.catchUpSeconds) {
            logger.info("stopping before the last counts are evaluated; they are when a member starts")
        }
    }

    private func createMissingTopics() throws {
        let admin = try KafkaAdmin(settings: settings.kafka.clientSettings, observer: brokers.observer())
        let topics = OutputTopics(prefix: settings.outputs.prefix)
        let created = try admin.createMissing(
            topics.specifications(settings.outputs), timeout: PipelineContext.metadataTimeout)
        if !created.isEmpty { logger.info("created topics", metadata: ["topics": "\(created.joined(separator: ","))"]) }
    }
}

/// What a consumer does: count source partitions, or evaluate shards of objectives.
public enum PipelineRole: String, CaseIterable, Sendable {
    case count
    case evaluate
}
