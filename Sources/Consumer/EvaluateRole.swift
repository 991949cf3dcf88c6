import Foundation
import KafkaClient
import Logging
import Records
import Runtime

/// The role that evaluates: one thread that serves the group of the registers, one that reads shards and publishes.
final class EvaluateRole: Sendable {
    private let shared: PipelineContext
    private let consumer: KafkaConsumer
    private let requests = Mailbox<EvaluatorThread.Request>()
    private let thread: WorkThread
    private let committer: ShardOffsetCommitter
    /// Nobody else in the process hears the broker's time.
    private let isAlone: Bool
    private let committerThread: WorkThread

    /// - Parameter isAlone: the process has no role that counts.
    init(
        _ shared: PipelineContext, hooks: PipelineHooks, isAlone: Bool, onReady: @escaping @Sendable () -> Void
    ) throws {
        self.shared = shared
        self.isAlone = isAlone
        let settings = shared.settings
        let partitions = StatePartitions(
            checkpoints: try shared.partitions(of: shared.topics.checkpoints),
            windows: try shared.partitions(of: shared.topics.windows),
            alerts: try shared.partitions(of: shared.topics.alerts))
        let delegate = ShardDelegate(
            ShardDelegate.Context(
                requests: requests,
                restorer: ShardRestorer(
                    ShardRestorer.Context(
                        kafka: shared.kafka, plan: shared.plan, topics: shared.topics, shards: shared.shards,
                        inputs: settings.inputs.map(\.topic),
                        inputTerms: settings.inputTerms,
                        partitions: partitions, skips: shared.skips, producer: shared.producer, logger: shared.logger,
                        stop: shared.stop, fail: shared.fail)),
                metrics: shared.metrics, brokers: shared.brokers, logger: shared.logger, onReady: onReady,
                onLost: { shared.markLost(.evaluate) }))
        var kafka = shared.kafka
        // An update may have a megabyte, and none of them is behind by a second's work for long.
        kafka.options["queued.max.messages.kbytes"] = kafka.options["queued.max.messages.kbytes"] ?? "32768"
        consumer = try KafkaConsumer(
            settings: kafka, options: .init(group: settings.kafka.groupID + "-evaluators", workers: 1),
            delegate: delegate, observer: shared.observer(isMember: false))
        delegate.consumer.attach(consumer)
        let committer = ShardOffsetCommitter(consumer: consumer, logger: shared.logger)
        self.committer = committer
        committerThread = WorkThread(named: "shard-commits") { committer.run() }
        let context = EvaluatorThread.Context(
            writer: shared.writer, committer: committer, topics: shared.topics, shards: shared.shards,
            form: shared.plan.form, partitions: partitions, skips: shared.skips,
            alertMaxAgeNanoseconds: settings.alerts.maxAgeNanoseconds,
            alertRemovalDelayNanoseconds: settings.alerts.removedAfterNanoseconds, requests: requests,
            published: shared.published, clock: shared.clock, metrics: shared.metrics, readings: shared.readings,
            logger: shared.logger,
            hooks: hooks,
            stop: shared.stop, note: shared.note, fail: shared.fail)
        let worker = consumer.worker(0)
        thread = WorkThread(named: "evaluator") { EvaluatorThread(worker, context: context).run() }
    }

    /// Serves the group until the stop, then leaves it: results are published before shards are given back.
    func run(until stop: Latch) throws {
        let clock = isAlone ? EvaluatorClock(shared) : nil
        do {
            try clock?.follow()
            try consumer.subscribe(to: [shared.topics.registers])
        } catch {
            shared.fail("the topic of registers could not be subscribed to: \(error)")
        }
        while !stop.isReached {
            do { try clock?.follow() } catch { shared.note(error) }
            for event in consumer.poll(timeout: .milliseconds(100)) { handle(event) }
            shared.noteMember(of: consumer, .evaluate)
        }
        let isClosed = shared.close(consumer)
        requests.put(.stop)
        thread.join()
        committer.close()
        _ = committerThread.join(timeout: EvaluateRole.commitPatience)
        if !isClosed { throw ConsumerPipeline.Failure(description: PipelineContext.unansweredClose) }
    }

    /// Nothing depends on the last commit.
    private static let commitPatience: TimeInterval = 1

    private func handle(_ event: KafkaEvent) {
        switch event {
        case .failure(let error): shared.note(error)
        case .positionLost, .partitionEnd: break  // The worker hears of them.
        }
    }
}
