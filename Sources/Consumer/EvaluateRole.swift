import Foundation
import KafkaClient
import Logging
import Records
import Runtime

/// The role that evaluates: one thread that serves the group of the registers, one that reads shards and publishes.
final class EvaluateRole: Sendable {
    private let shared: PipelineContext
    private let consumer: KafkaConsumer
    private let requests = Mailbox<Evaluator.Request>()
    private let thread: WorkThread

    init(
        _ shared: PipelineContext, hooks: PipelineHooks, onReady: @escaping @Sendable () -> Void
    ) throws {
        self.shared = shared
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
                        latenessNanoseconds: settings.aggregation.allowedLatenessNanoseconds,
                        partitions: partitions, skips: shared.skips, producer: shared.producer, logger: shared.logger,
                        stop: shared.stop, fail: shared.fail)),
                metrics: shared.metrics, brokers: shared.brokers, logger: shared.logger, onReady: onReady,
                onLost: { shared.markLost(.evaluate, generation: $0) }))
        consumer = try KafkaConsumer(
            settings: shared.kafka, options: .init(group: settings.kafka.groupID + "-evaluators", workers: 1),
            delegate: delegate, observer: shared.observer(isMember: false))
        delegate.consumer.attach(consumer)
        let context = Evaluator.Context(
            producer: shared.producer, consumer: consumer, topics: shared.topics, shards: shared.shards,
            form: shared.plan.form, partitions: partitions, skips: shared.skips,
            alertMaxAgeNanoseconds: settings.alerts.maxAgeNanoseconds, requests: requests,
            published: shared.published, metrics: shared.metrics, readings: shared.readings, logger: shared.logger,
            hooks: hooks,
            stop: shared.stop, note: shared.note, fail: shared.fail)
        let worker = consumer.worker(0)
        thread = WorkThread(named: "evaluator") { Evaluator(worker, context: context).run() }
    }

    /// Serves the group until the stop, then leaves it: results are published before shards are given back.
    func run(until stop: Latch) throws {
        do { try consumer.subscribe(to: [shared.topics.registers]) } catch {
            shared.fail("the topic of registers could not be subscribed to: \(error)")
        }
        while !stop.isReached {
            for event in consumer.poll(timeout: .milliseconds(100)) { handle(event) }
            shared.noteMember(of: consumer, .evaluate)
        }
        let isClosed = shared.close(consumer)
        requests.put(.stop)
        thread.join()
        if !isClosed { throw ConsumerPipeline.Failure(description: PipelineContext.unansweredClose) }
    }

    private func handle(_ event: KafkaEvent) {
        switch event {
        case .failure(let error): shared.note(error)
        case .positionLost, .partitionEnd: break  // The worker hears of them.
        }
    }
}
