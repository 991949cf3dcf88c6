import Accounting
import Counting
import Evaluation
import Foundation
import KafkaClient
import Logging
import Observability
import Records
import Runtime

/// Takes source partitions over from their former owners: asks the group, the brokers and the shards' logs for what the driver
/// of a takeover wants to know, and sends what it says.
///
/// Runs on the thread that serves the group and blocks it; the group waits meanwhile, so the logs are read from where the
/// former owner's hint says, some seconds of records.
final class SourceTakeover: Sendable {
    struct Context: Sendable {
        let kafka: KafkaClient.KafkaSettings
        let sink: ChangelogSink
        /// The topic of checkpoints.
        let checkpoints: String
        let metrics: MetricsRegistry
        let skips: SkippedRecords
        let logger: Logger
        let clock: TrustedClock
        let futureToleranceNanoseconds: Int64
        let stop: Latch
        let fail: @Sendable (String) -> Void
    }

    /// What the group has assigned, and what it says of it.
    private struct Assignment {
        let partitions: [TopicPartition]
        let generation: Int32
        let committed: [OffsetAndMetadata?]
    }

    private let context: Context
    private let logs: ShardLogs
    private var producer: KafkaProducer { context.sink.producer }
    private static let requestTimeout = Duration.seconds(15)
    /// How long leaders of source partitions that do not answer are waited for, all in all, and each at least.
    private static let leaderPatience = Duration.seconds(5)
    private static let leaderPatienceMin = Duration.seconds(2)
    /// How long to wait before another attempt when the cluster does not answer.
    private static let retrySeconds: TimeInterval = 1

    init(_ context: Context) {
        self.context = context
        logs = ShardLogs(
            kafka: context.kafka, topic: context.sink.topic, skips: context.skips, logger: context.logger,
            stop: context.stop)
    }

    /// Takes over `partitions`, trying again while the cluster does not answer; those that are missing from the result were
    /// not taken over, because their leaders are away, because the process stops, or because the group has given them to
    /// another member meanwhile.
    ///
    /// - Parameters:
    ///   - readBack: how many records before the position are read again for their identities, by topic.
    ///   - hints: whether what former owners have left in the group is true; else evaluators' checkpoints alone are gone by.
    func take(
        _ partitions: [TopicPartition], for consumer: KafkaConsumer, readBack: [String: Int64],
        trusting hints: Bool = true
    ) -> [TopicPartition: TakenPartition] {
        var trustsHints = hints
        while !context.stop.isReached {
            do {
                switch try attempt(partitions, consumer, readBack, trustsHints: trustsHints) {
                case .taken(let taken):
                    context.sink.sent.begin(taken.map(\.owner))
                    return Dictionary(uniqueKeysWithValues: taken.map { (TopicPartition($0.owner.source), $0) })
                case .unfitHints:
                    context.logger.warning(
                        "a hint of a former owner does not fit the registers, or what is to be told; going by checkpoints"
                    )
                    trustsHints = false
                case .followed:
                    context.logger.warning(
                        "partitions are not taken over",
                        metadata: ["reason": "the group has gone on to another generation"])
                    return [:]
                case .retry(let error): throw error
                case .exhausted(let error): throw error
                case .logLost(let beyond):
                    throw LostPosition(
                        TopicPartition(topic: context.sink.topic, partition: beyond.shard), end: beyond.end,
                        next: beyond.place)
                case .shardsChanged(let was):
                    throw PartitionCountChanged(
                        topic: context.sink.topic, was: was, now: context.sink.shards.count)
                case .stop(let error): throw error
                }
            } catch let error as UnreadableRecord {
                context.fail("\(error)")
            } catch let error as PartitionCountChanged {
                context.fail("\(error)")
            } catch let error as LostPosition {
                context.fail("\(error)")
            } catch let error as EpochsExhausted {
                context.fail("\(error)")
            } catch {
                context.logger.warning("partitions are not taken over yet", metadata: ["error": "\(error)"])
                _ = context.stop.wait(timeout: SourceTakeover.retrySeconds)
            }
        }
        return [:]
    }

    private func attempt(
        _ wanted: [TopicPartition], _ consumer: KafkaConsumer, _ readBack: [String: Int64], trustsHints: Bool
    ) throws -> TakeoverOutcome {
        guard let assignment = try assignment(wanted, consumer) else { return .followed }
        if assignment.partitions.isEmpty { return .taken([]) }
        let assigned = zip(assignment.partitions, assignment.committed).map { partition, entry in
            AssignedPartition(
                source: SourcePartition(partition), committed: entry?.position.offset ?? 0,
                hint: entry.flatMap { OwnerHint($0.metadata) })
        }
        var driver = TakeoverDriver(
            assigned, generation: assignment.generation, readBack: readBack, shardCount: context.sink.shards.count,
            trustsHints: trustsHints, needsState: context.sink.form.tellsSourceState)
        var effects = driver.begin()[...]
        var lastSent: UInt64 = 0
        let began = ContinuousClock.now
        var reader: KafkaRangeReader?
        var lookingUntil: ContinuousClock.Instant?
        while let effect = effects.popFirst() {
            switch effect {
            case .readCheckpoints: effects += driver.step(.checkpoints(try checkpoints()))
            case .askMembership: effects += driver.step(.isMember(try isMember(consumer, assignment)))
            case .claim(let claims):
                if context.stop.isReached { throw StopReached() }
                for claim in claims { lastSent = try context.sink.send(claim) }
                try deliver(through: lastSent)
                effects += driver.step(.acknowledged)
            case .readBack(let claims, let places):
                let found = try logs.readBack(claims, from: places, timeout: SourceTakeover.requestTimeout)
                effects += driver.step(.readBack(found))
            case .claimed(let entries):
                context.logger.info(
                    "read the registers back",
                    metadata: ["entries": .number(entries), "seconds": .seconds(began.duration(to: .now))])
            case .look(let source, let position, let tail):
                let deadline = lookingUntil ?? .now + SourceTakeover.leaderPatience
                lookingUntil = deadline
                let timeout = max(SourceTakeover.leaderPatienceMin, deadline - .now)
                let range = try reader ?? KafkaRangeReader(settings: context.kafka)
                reader = range
                let available = available(
                    TopicPartition(source), countedTo: position, tail, (consumer, range), timeout: timeout)
                effects += driver.step(.available(available))
            case .open(let openings, let owner):
                for opening in openings { lastSent = max(lastSent, try context.sink.send(opening, of: owner)) }
            case .awaitOpenings:
                try deliver(through: lastSent)
                effects += driver.step(.acknowledged)
            case .warn(let warning): say(warning)
            case .end(let outcome):
                // Once it is done: a takeover that fails is tried again, and finds the same gaps.
                if case .taken(let taken) = outcome { report(taken) }
                return outcome
            }
        }
        preconditionFailure("a takeover comes to an end")
    }

    // MARK: Asking

    /// Those of the partitions that have a leader, and what the group has of them; `nil` when this process is no member.
    private func assignment(_ wanted: [TopicPartition], _ consumer: KafkaConsumer) throws -> Assignment? {
        guard let generation = try consumer.groupGeneration else { return nil }
        // Before they are claimed: a second claim in a generation needs the group's word, and a lineage of its own.
        let leaderless = try consumer.leaderless(of: wanted, timeout: SourceTakeover.requestTimeout)
        for partition in leaderless.sorted() {
            context.logger.warning(
                "a partition is not taken over before it has a leader", metadata: ["partition": "\(partition)"])
        }
        let partitions = wanted.filter { !leaderless.contains($0) }
        return Assignment(
            partitions: partitions, generation: generation,
            committed: partitions.isEmpty
                ? [] : try consumer.committedWithMetadata(partitions, timeout: SourceTakeover.requestTimeout))
    }

    /// Whether the group takes this member for the owner of the partition.
    func isOwner(of partition: TopicPartition, _ consumer: KafkaConsumer) throws -> Bool {
        guard let assignment = try assignment([partition], consumer) else { return false }
        return try !assignment.partitions.isEmpty && isMember(consumer, assignment)
    }

    /// Whether the group still takes this member for the owner: it is asked by committing anew what is committed.
    private func isMember(_ consumer: KafkaConsumer, _ assignment: Assignment) throws -> Bool {
        let same = zip(assignment.partitions, assignment.committed).map { partition, entry in
            entry ?? OffsetAndMetadata(PartitionOffset(partition, offset: 0), metadata: "")
        }
        do throws(KafkaError) {
            try consumer.commit(same, timeout: SourceTakeover.requestTimeout)
        } catch {
            // librdkafka takes these for the loss of the assignment, and joins anew.
            if [.illegalGeneration, .unknownMember].contains(error.code) { return false }
            throw error
        }
        return true
    }

    private func checkpoints() throws -> [ShardCheckpointRecord] {
        let timeout = SourceTakeover.requestTimeout
        let checkpoints = try Checkpoints(
            of: Set(0..<Int32(context.sink.shards.count)), in: context.checkpoints,
            partitions: try producer.partitionCount(of: context.checkpoints, timeout: timeout) ?? 0,
            onlyEvaluators: true,
            StateTopicReader(
                KafkaRangeReader(settings: context.kafka), timeout: timeout, stop: context.stop, skips: context.skips))
        return Array(checkpoints.evaluators.values)
    }

    /// `nil` where the leader does not answer.
    private func available(
        _ partition: TopicPartition, countedTo position: Int64, _ tail: RecordFingerprint?,
        _ clients: (consumer: KafkaConsumer, reader: KafkaRangeReader), timeout: Duration
    ) -> PartitionOwner.Available? {
        do throws(KafkaError) {
            let (low, high) = try clients.consumer.queryWatermarks(partition, timeout: timeout)
            return try clients.reader.available(
                partition, low..<max(low, high), countedTo: position, tail, timeout: timeout)
        } catch {
            context.logger.warning(
                "a partition is not taken over yet", metadata: ["partition": "\(partition)", "error": "\(error)"])
            return nil
        }
    }

    private func deliver(through sequence: UInt64) throws {
        while true {
            switch producer.waitForDelivery(through: sequence, timeout: .milliseconds(500)) {
            case .delivered: return
            case .failed(let failures): throw failures[0]
            case .pending: if context.stop.isReached { throw StopReached() }
            }
        }
    }

    // MARK: Saying

    private func say(_ warning: TakeoverWarning) {
        switch warning {
        case .unfitCheckpoint:
            context.logger.warning("a checkpoint does not fit the registers; reading all of them")
        case .beginsAtCommit(let source, let oldest, let begin):
            context.logger.warning(
                "no register knows of the partition; counting begins where the group has committed",
                metadata: ["partition": "\(source)", "oldest": "\(oldest)", "begin": "\(begin)"])
        }
    }

    private func report(_ taken: [TakenPartition]) {
        let limit = context.clock.now().advanced(by: context.futureToleranceNanoseconds)
        for partition in taken {
            if let time = partition.owner.progress.watermark, time > limit {
                context.logger.error(
                    "event time was ahead of the clock; it goes on at the clock's",
                    metadata: ["partition": "\(partition.owner.source)", "event_time": "\(time)", "latest": "\(limit)"])
            }
            for gap in SourceGapReport.reports(of: partition.openings, TopicPartition(partition.owner.source)) {
                gap.send(to: context.logger, context.metrics)
            }
        }
    }
}
