import Accounting
import Counting
import Foundation
import KafkaClient
import LockFree
import Logging
import Runtime
import Settings
import TelemetryModel

/// The role that counts: one thread that serves the group of the input topics, one for each worker, one that publishes
/// registers, one that commits offsets, one that reads its chains back, and one that asks for the ends of quiet partitions.
final class CountRole {
    private let shared: PipelineContext
    private let consumer: KafkaConsumer
    private let delegate: RebalanceDelegate
    private let sink: ChangelogSink
    private let requests: [Mailbox<PartitionWorker.Request>]
    /// Rung when there are flushes to publish.
    private let bell = Doorbell()
    /// Reached when there will be no more.
    private let lastFlush = Latch()
    private var workerThreads: [WorkThread] = []
    private var publisherThread: WorkThread?
    private let committer: OffsetCommitter
    private let committerThread: WorkThread
    private let disputes: DisputedChains
    private let checkThread: WorkThread
    private let endsThread: WorkThread
    private let outputs: [WorkerOutput]
    /// The threads' clock.
    private let now: @Sendable () -> Duration
    private var eventTimes: EventTimeWatch

    init(_ shared: PipelineContext, onReady: @escaping @Sendable () -> Void) throws {
        self.shared = shared
        let settings = shared.settings
        let workerCount = settings.workers.count ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
        let requests = (0..<workerCount).map { _ in Mailbox<PartitionWorker.Request>() }
        let sink = ChangelogSink(
            writer: shared.writer, topic: shared.topics.registers, shards: shared.shards,
            form: shared.plan.form)
        self.sink = sink
        let gate = CommitGate()
        let releases = ReleaseLatches()
        let delegate = RebalanceDelegate(
            RebalanceDelegate.Context(
                requests: requests,
                takeover: SourceTakeover(
                    SourceTakeover.Context(
                        kafka: shared.kafka, sink: sink, checkpoints: shared.topics.checkpoints,
                        metrics: shared.metrics, skips: shared.skips, logger: shared.logger, clock: shared.clock,
                        futureToleranceNanoseconds: settings.decoding.futureToleranceNanoseconds, stop: shared.stop,
                        fail: shared.fail)),
                gate: gate, releases: releases, readBack: CountRole.readBack(settings), metrics: shared.metrics,
                brokers: shared.brokers, logger: shared.logger, onReady: onReady,
                onLost: { shared.markLost(.count) }))
        let consumer = try KafkaConsumer(
            settings: shared.kafka, options: .init(group: settings.kafka.groupID, workers: workerCount),
            delegate: delegate, observer: shared.observer(isMember: true))
        delegate.consumer.attach(consumer)
        shared.readiness.awaitCommits { !(delegate.consumer.value?.assignment.isEmpty ?? true) }
        self.consumer = consumer
        self.delegate = delegate
        self.requests = requests
        let committer = OffsetCommitter(
            OffsetCommitter.Context(
                consumer: consumer, gate: gate, releases: releases, metrics: shared.metrics,
                readiness: shared.readiness, logger: shared.logger))
        self.committer = committer
        committerThread = WorkThread(named: "commits") { committer.run() }

        let disputes = DisputedChains(shared, consumer, delegate)
        self.disputes = disputes
        let check = ChainCheck(
            ChainCheck.Context(
                kafka: shared.kafka, sink: sink, checkpoints: shared.topics.checkpoints, gate: gate,
                skips: shared.skips, interval: shared.chainCheckInterval, logger: shared.logger, stop: shared.stop,
                found: disputes.take))
        checkThread = WorkThread(named: "chains") { check.run() }
        let quiet = Mailbox<[SourcePartition]>()
        let lost: @Sendable (TopicPartition) -> Void = { [lostPositions] in lostPositions.put($0) }
        let began = ContinuousClock.now
        let now: @Sendable () -> Duration = { began.duration(to: .now) }
        self.now = now
        eventTimes = EventTimeWatch(behindMax: .nanoseconds(settings.alerts.maxAgeNanoseconds))
        let workerContext = PartitionWorker.Context(
            plan: shared.plan, settings: settings, kafka: shared.kafka, producer: shared.producer,
            topics: shared.topics, shards: shared.shards, releases: releases, quiet: quiet,
            metrics: shared.metrics, logger: shared.logger, now: now, clock: shared.clock.now, positionLost: lost,
            note: shared.note,
            fail: shared.fail)
        let outputs = (0..<workerCount).map { [bell] _ in
            WorkerOutput(topics: settings.inputs.map(\.topic), shardCount: shared.shards.count, bell: bell)
        }
        self.outputs = outputs
        let readings = CountingReadings(outputs, now: now, clock: shared.clock.now)
        shared.metrics.collect { readings.samples }
        let ends = LogEnds(
            producer: shared.producer, quiet: quiet, requests: requests, now: now,
            doubt: { [doubts] in doubts.put($0) }, stop: shared.stop, logger: shared.logger)
        endsThread = WorkThread(named: "ends") { ends.run() }
        workerThreads = consumer.workers.enumerated().map { index, worker in
            WorkThread(named: "worker-\(index)") {
                PartitionWorker(worker, requests: requests[index], output: outputs[index], context: workerContext).run()
            }
        }
        let publisherContext = ChangelogPublisher.Context(
            sink: sink, committer: committer, outputs: outputs, bell: bell, closed: lastFlush, now: now,
            releases: releases, metrics: shared.metrics, logger: shared.logger, stop: shared.stop, fail: shared.fail)
        publisherThread = WorkThread(named: "registers") { ChangelogPublisher(publisherContext).run() }
    }

    private static let retryInterval = Duration.seconds(1)
    /// How long a stop waits for workers once partitions were given back.
    private static let workersPatience: TimeInterval = 2
    private static let commitPatience: TimeInterval = 2
    private static let leaderPatience = Duration.seconds(2)
    /// What workers say.
    private let lostPositions = Mailbox<TopicPartition>()
    /// What is heard of partitions whose logs may be others than before.
    private let doubts = Mailbox<TopicPartition>()
    /// Partitions whose position is lost, and when each is looked after.
    private var losses: [TopicPartition: ContinuousClock.Instant] = [:]

    /// Serves the group until the stop, then leaves it: each partition's last flush is committed before it is given back.
    func run() throws {
        let subscription = ClockedSubscription(shared, consumer, sink)
        while !shared.stop.isReached {
            do throws(KafkaError) { try subscription.follow() } catch {
                // The threads are running and must be stopped in their order, as after any other failure.
                shared.fail("the input topics could not be subscribed to: \(error)")
                break
            }
            for event in consumer.poll(timeout: .milliseconds(100)) { handle(event) }
            disputes.serve()
            goOnAfterLosses()
            lookAtEventTimes()
            shared.noteMember(of: consumer, .count)
        }
        let isClosed = shared.close(consumer)
        for mailbox in requests { mailbox.put(.driver(.stop)) }
        // One that is inside a message looks up in time, unless the message makes it search megabytes without a record: then
        // the process ends without it, and what it was counting is the next owner's.
        let deadline = ContinuousClock.now + .seconds(CountRole.workersPatience)
        let isEnded = workerThreads.allSatisfy { $0.join(until: deadline) }
        if !isEnded { shared.logger.warning("stopping inside a message; it is read again") }
        lastFlush.reach()
        bell.ring()
        publisherThread?.join()
        _ = checkThread.join(timeout: CountRole.commitPatience)
        _ = endsThread.join(timeout: CountRole.commitPatience)
        committer.close()
        // After the publisher it has little to do; a commit without an answer is given up with the group.
        _ = committerThread.join(timeout: CountRole.commitPatience)
        if !isClosed { throw ConsumerPipeline.Failure(description: PipelineContext.unansweredClose) }
    }

    private func lookAtEventTimes() {
        guard eventTimes.looks(at: now()) else { return }
        let partitions = outputs.flatMap(\.live.partitions)
        for line in eventTimes.look(at: partitions, clock: shared.clock.now(), now: now()) {
            line.log(to: shared.logger)
        }
    }

    private func handle(_ event: KafkaEvent) {
        switch event {
        case .failure(let error): shared.note(error)
        case .positionLost, .partitionEnd: break  // Workers hear of them.
        }
    }

    /// Looks after one partition whose position was lost: one, because each may keep the group waiting for some seconds.
    private func goOnAfterLosses() {
        for partition in lostPositions.takeAll(timeout: 0) ?? [] { losses[partition] = .now }
        stopReadingDoubtful()
        guard let (partition, due) = losses.min(by: { $0.value < $1.value }), due <= .now else { return }
        losses[partition] = nil
        if !goOn(after: partition) { losses[partition] = .now + CountRole.retryInterval }
    }

    /// What is read of a log that was made anew before that is found out would be counted as the former one's, and what it has before
    /// the position be missed. So all are stopped at once, and then looked after one by one.
    private func stopReadingDoubtful() {
        let partitions = Set(doubts.takeAll(timeout: 0) ?? []).intersection(consumer.assignment)
            .filter { !delegate.isWaiting($0) }.sorted()
        if partitions.isEmpty { return }
        do throws(KafkaError) {
            try consumer.restart(
                partitions.map { PartitionOffset($0, offset: RebalanceDelegate.nowhere) },
                timeout: CountRole.leaderPatience)
        } catch {
            // Workers take nothing of them all the same, until they are read anew.
            shared.note(error)
        }
        for partition in partitions { losses[partition] = .now }
    }

    /// The broker has nothing at the partition's position: the worker flushes what it has counted and goes over the gap,
    /// and only then reading starts anew, or it would count what comes before it knows of the gap.
    ///
    /// - Returns: false where that has to be tried again.
    private func goOn(after partition: TopicPartition) -> Bool {
        guard consumer.assignment.contains(partition) else { return true }
        do {
            let (low, high) = try consumer.queryWatermarks(partition, timeout: CountRole.leaderPatience)
            if delegate.isWaiting(partition) { return try takeOver(partition) }
            let worker = RebalanceDelegate.worker(of: partition, among: requests.count)
            let reply = Mailbox<Int64>()
            requests[worker].put(.jump(partition, over: low..<max(low, high), reply))
            var position: Int64?
            while position == nil, !shared.stop.isReached, let replies = reply.takeAll(timeout: 0.2) {
                position = replies.last
            }
            // Without a position the partition is another member's, or the process stops.
            guard let position else { return true }
            try consumer.restart([PartitionOffset(partition, offset: position)], timeout: .seconds(10))
        } catch {
            shared.logger.warning(
                "reading is not started anew yet", metadata: ["partition": "\(partition)", "error": "\(error)"])
            return false
        }
        return true
    }

    /// The leader of a partition answers that was away when the group gave it to this member.
    private func takeOver(_ partition: TopicPartition) throws -> Bool {
        guard let position = delegate.takeWaiting(partition) else { return false }
        try consumer.restart([PartitionOffset(partition, offset: position)], timeout: .seconds(10))
        shared.logger.info("taken over", metadata: ["partition": "\(partition)", "position": .number(position)])
        return true
    }

    /// How many records before its position a topic's partitions are read again, for the identities of CloudTrail events.
    private static func readBack(_ settings: RunSettings) -> [String: Int64] {
        var readBack: [String: Int64] = [:]
        for input in settings.inputs where input.format == .auto || input.format == .cloudTrail {
            readBack[input.topic] = settings.aggregation.deduplicationRecords
        }
        return readBack
    }
}
