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

    /// What a pipeline is to do.
    public struct Configuration: Sendable {
        let settings: RunSettings
        let plan: PipelinePlan
        let roles: Set<PipelineRole>
        /// Records of our own topics to be skipped.
        let skips: [TopicPlace]
        var chainCheckInterval = Duration.seconds(60)
        /// The clock that is believed, for a producer that writes the registers.
        var clock: @Sendable (KafkaProducer) -> TrustedClock = { TrustedClock($0) }

        public init(
            settings: RunSettings, plan: PipelinePlan, roles: Set<PipelineRole> = Set(PipelineRole.allCases),
            skips: [TopicPlace] = []
        ) {
            self.settings = settings
            self.plan = plan
            self.roles = roles
            self.skips = skips
        }
    }

    private let configuration: Configuration
    private let telemetry: PipelineTelemetry
    /// What this process's Kafka clients say of brokers, once for all of them.
    public let brokers: BrokerLog
    private let hooks: PipelineHooks
    private let stopRequest = Latch()
    private let startedAt = ContinuousClock.now

    /// How long a stop waits for the evaluator to publish what the stop's own drain has counted.
    private static let catchUpSeconds: TimeInterval = 4
    private static let watchSeconds: TimeInterval = 1

    public init(_ configuration: Configuration, telemetry: PipelineTelemetry, hooks: PipelineHooks = PipelineHooks()) {
        self.configuration = configuration
        self.telemetry = telemetry
        self.hooks = hooks
        brokers = BrokerLog(logger: telemetry.logger)
        telemetry.readiness.explainStart { [brokers] in brokers.trouble ?? brokers.silence }
    }

    /// Asks the pipeline to drain and stop; `run` returns when that is done.
    public func stop() {
        telemetry.readiness.set(.stopping)
        stopRequest.reach()
    }

    /// Consumes until `stop`, or until it cannot go on. Blocks its thread.
    public func run() throws {
        if stopRequest.isReached { return }
        let (settings, roles, logger) = (configuration.settings, configuration.roles, telemetry.logger)
        if settings.outputs.createsTopics { try createMissingTopics() }
        let context = try PipelineContext(
            configuration, telemetry: telemetry, brokers: brokers, stop: stopRequest, startedAt: startedAt)
        let count = roles.contains(.count) ? try CountRole(context) { context.markReady(.count) } : nil
        let evaluate =
            roles.contains(.evaluate)
            ? try EvaluateRole(context, hooks: hooks, isAlone: count == nil) { context.markReady(.evaluate) } : nil
        logger.info(
            "consuming",
            metadata: [
                "group": "\(settings.kafka.groupID)",
                "roles": "\(roles.map(\.rawValue).sorted().joined(separator: ","))",
                "topics": "\(settings.inputs.map(\.topic).joined(separator: ","))",
                "shards": .number(context.shards.count),
            ])
        let watch = TopicWatch(
            TopicWatch.Context(
                producer: context.producer, topics: context.topics, readiness: telemetry.readiness, logger: logger,
                stop: stopRequest, fail: context.fail), of: usedTopics(context.topics))
        let watching = WorkThread(named: "topics") { watch.run() }
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
        let lost = watch.lastLook(isFailing: context.failureReason != nil || closing != nil)
        _ = watching.join(timeout: ConsumerPipeline.watchSeconds)
        _ = context.producer.close(timeout: .seconds(context.failureReason == nil ? 10 : 1))
        logger.info("stopped", metadata: ["drain_seconds": .seconds(drainStart.duration(to: .now))])
        if let lost {
            // Whatever else went wrong followed from it.
            let reason = context.failureReason.flatMap { $0 == "\(lost)" ? nil : " (\($0))" } ?? ""
            throw Failure(description: "\(lost)\(reason)")
        }
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
            telemetry.logger.info("stopping before the last counts are evaluated; they are when a member starts")
        }
    }

    /// Those of our own without which the roles can't do their work.
    private func usedTopics(_ topics: OutputTopics) -> [String] {
        var used = [topics.registers, topics.checkpoints]
        if configuration.roles.contains(.count) { used += [topics.audit, topics.deadLetter] }
        if configuration.roles.contains(.evaluate) {
            used += [topics.windows, topics.alerts]
            if !configuration.settings.sinks.isEmpty { used += [topics.notifications, topics.deadLetter] }
        }
        return used
    }

    private func createMissingTopics() throws {
        let (kafka, outputs) = (configuration.settings.kafka, configuration.settings.outputs)
        let admin = try KafkaAdmin(settings: kafka.clientSettings, observer: brokers.observer())
        let created = try admin.createMissing(
            OutputTopics(prefix: outputs.prefix).specifications(outputs), timeout: PipelineContext.metadataTimeout)
        if created.isEmpty { return }
        telemetry.logger.info("created topics", metadata: ["topics": "\(created.joined(separator: ","))"])
    }
}

/// What a consumer does: count source partitions, or evaluate shards of objectives.
public enum PipelineRole: String, CaseIterable, Sendable {
    case count
    case evaluate
}
