import Accounting
import Counting
import Foundation
import KafkaClient
import Logging
import Observability
import Records
import Runtime
import TelemetryModel

/// Takes source partitions over from their former owners: claims them in every shard, learns from the shards' logs what is
/// counted already, and says where to go on.
///
/// Runs on the thread that serves the group and blocks it; the group waits meanwhile, so the logs are read from where the
/// former owner's hint says, some seconds of records. Where there is none (a partition or a topic that is new, a group of
/// another name, offsets that another tool has set) they are read from the evaluators' checkpoints on, and from their
/// beginning only where these are missing or do not fit.
final class SourceTakeover: Sendable {
    struct Context: Sendable {
        let kafka: KafkaClient.KafkaSettings
        let outlet: RegisterOutlet
        /// The topic of checkpoints.
        let checkpoints: String
        let metrics: MetricsRegistry
        let skips: SkippedRecords
        let logger: Logger
        let stop: Latch
        let fail: @Sendable (String) -> Void
    }

    /// A partition in the hands of a new owner.
    struct Taken: Sendable {
        let owner: PartitionOwner
        /// Where reading begins: before the owner's position, where identities have to be read back.
        let readFrom: Int64
    }

    private let context: Context
    private let logs: ShardLogs
    private var producer: KafkaProducer { context.outlet.producer }
    private static let requestTimeout = Duration.seconds(15)
    /// How long leaders of source partitions that do not answer are waited for, all in all, and each at least.
    private static let leaderPatience = Duration.seconds(5)
    private static let leaderPatienceMin = Duration.seconds(2)
    /// How long to wait before another attempt when the cluster does not answer.
    private static let retrySeconds: TimeInterval = 1

    init(_ context: Context) {
        self.context = context
        logs = ShardLogs(
            kafka: context.kafka, topic: context.outlet.topic, count: context.outlet.shards.count,
            skips: context.skips, logger: context.logger, stop: context.stop)
    }

    /// Takes over `partitions`, trying again while the cluster does not answer; those that are missing from the result were
    /// not taken over, because their leaders are away, because the process stops, or because the group has given them to
    /// another member meanwhile.
    ///
    /// - Parameter readBack: how many records before the position are read again for their identities, by topic.
    func take(
        _ partitions: [TopicPartition], for consumer: KafkaConsumer, readBack: [String: Int64]
    ) -> [TopicPartition: Taken] {
        var trustsHints = true
        while !context.stop.isReached {
            do {
                return try attempt(partitions, consumer, readBack, trustsHints: trustsHints)
            } catch is UnfitHints {
                // A hint led past a claim, or past where an incarnation began, or it is of another topic.
                context.logger.warning("a hint of a former owner does not fit the registers; going by checkpoints")
                trustsHints = false
            } catch let error as UnreadableRecord {
                context.fail("\(error)")
            } catch let error as Followed {
                context.logger.warning("partitions are not taken over", metadata: ["reason": "\(error)"])
                return [:]
            } catch {
                context.logger.warning("partitions are not taken over yet", metadata: ["error": "\(error)"])
                _ = context.stop.wait(timeout: SourceTakeover.retrySeconds)
            }
        }
        return [:]
    }

    private func attempt(
        _ wanted: [TopicPartition], _ consumer: KafkaConsumer, _ readBack: [String: Int64], trustsHints: Bool
    ) throws -> [TopicPartition: Taken] {
        guard let generation = try consumer.groupGeneration else { throw Followed() }
        // Before they are claimed: a second claim in a generation needs the group's word, and a lineage of its own.
        let leaderless = try consumer.leaderless(of: wanted, timeout: SourceTakeover.requestTimeout)
        for partition in leaderless.sorted() {
            context.logger.warning(
                "a partition is not taken over before it has a leader", metadata: ["partition": "\(partition)"])
        }
        let partitions = wanted.filter { !leaderless.contains($0) }
        if partitions.isEmpty { return [:] }
        let committed = try consumer.committedWithMetadata(partitions, timeout: SourceTakeover.requestTimeout)
        let sources = Set(partitions.map { SourcePartition($0) })
        var starts: [TopicPartition: Int64] = [:]
        var places = ReadBackPlaces(shards: context.outlet.shards.count)
        var unhinted = sources
        for (partition, entry) in zip(partitions, committed) {
            starts[partition] = entry?.position.offset ?? 0
            let source = SourcePartition(partition)
            if trustsHints, let hint = entry.flatMap({ OwnerHint($0.metadata) }), places.add(hint, of: source) {
                unhinted.remove(source)
            }
        }
        if !unhinted.isEmpty {
            for record in try checkpoints() { places.add(record, of: unhinted) }
        }
        let (epochs, shards) = try claim(
            sources, generation: generation, places, isHinted: unhinted.count < sources.count
        ) {
            try self.isMember(consumer, of: partitions, committed)
        }
        return try resume(partitions, epochs, shards, starts, readBack, consumer)
    }

    /// Claims the sources and reads the logs back to the claims. Claims again where an owner has an epoch that is not lower,
    /// and has not followed this one: the group counts its generations anew.
    private func claim(
        _ sources: Set<SourcePartition>, generation: Int32, _ places: ReadBackPlaces, isHinted: Bool,
        _ isMember: () throws -> Bool
    ) throws -> (epochs: [SourcePartition: OwnerEpoch], shards: [ShardReader<RegisterAmounts>]) {
        let began = ContinuousClock.now
        var places = places
        var claims: [SourcePartition: Claim] = [:]
        var isOverKnown = false
        for source in sources {
            let epoch = OwnerEpoch(generation: generation)
            if let known = places.epoch(of: source), known >= epoch {
                // A claim in the generation's own epoch would be void.
                claims[source] = Claim(
                    source: source, epoch: known.successor(generation: generation), superseded: known)
                isOverKnown = true
            } else {
                claims[source] = Claim(source: source, epoch: epoch)
            }
        }
        if isOverKnown, try !isMember() { throw Followed() }
        var unclaimed = claims
        while true {
            if context.stop.isReached { throw StopReached() }
            var last: UInt64 = 0
            for (_, claim) in unclaimed.sorted(by: { $0.key < $1.key }) { last = try context.outlet.send(claim) }
            try deliver(through: last)
            var found = try logs.readBack(claims, from: places, timeout: SourceTakeover.requestTimeout)
            if !places.isEmpty, found.isUnfit(for: sources) {
                if isHinted { throw UnfitHints() }
                context.logger.warning("a checkpoint does not fit the registers; reading all of them")
                places = ReadBackPlaces(shards: logs.count)
                found = try logs.readBack(claims, from: places, timeout: SourceTakeover.requestTimeout)
            }
            if let missing = found.missing(of: claims) { throw missing }
            // Read from the log's beginning, nothing is missing that was ever there.
            if let unconnected = found.unconnected { throw unconnected }
            unclaimed = [:]
            for (source, claim) in claims {
                guard let rival = found.shards.compactMap({ $0.rival(of: claim.epoch, for: source) }).max() else {
                    continue
                }
                // What was read before the group is asked: what comes later is a follower's, and stays above.
                unclaimed[source] = Claim(
                    source: source, epoch: max(rival, claim.epoch).successor(generation: generation),
                    superseded: found.shards.compactMap { $0.state(of: source).epoch }.max())
            }
            if unclaimed.isEmpty {
                context.logger.info(
                    "read the registers back",
                    metadata: ["entries": .number(found.entries), "seconds": .seconds(began.duration(to: .now))])
                return (claims.mapValues(\.epoch), found.shards)
            }
            if try !isMember() { throw Followed() }
            claims.merge(unclaimed) { $1 }
        }
    }

    private struct UnfitHints: Error {}

    /// Whether the group still takes this member for the owner: it is asked by committing anew what is committed.
    private func isMember(
        _ consumer: KafkaConsumer, of partitions: [TopicPartition], _ committed: [OffsetAndMetadata?]
    ) throws -> Bool {
        let same = zip(partitions, committed).map { partition, entry in
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

    private struct Followed: Error, CustomStringConvertible {
        var description: String { "the group has gone on to another generation" }
    }

    /// The evaluators' checkpoints, read before the claim that they lead to: one from behind a claim could hide that its epoch
    /// was claimed twice, and so makes a successor be claimed.
    private func checkpoints() throws -> some Collection<ShardCheckpointRecord> {
        let timeout = SourceTakeover.requestTimeout
        return try Checkpoints(
            of: Set(0..<Int32(logs.count)), in: context.checkpoints,
            partitions: try producer.partitionCount(of: context.checkpoints, timeout: timeout) ?? 0,
            onlyEvaluators: true, KafkaRangeReader(settings: context.kafka), timeout: timeout, stop: context.stop,
            skips: context.skips
        ).evaluators.values
    }

    /// Says where each of the claimed partitions goes on, and opens the shards there. A partition whose leader is away is
    /// left out: it must not hold back the others.
    private func resume(
        _ partitions: [TopicPartition], _ epochs: [SourcePartition: OwnerEpoch],
        _ shards: [ShardReader<RegisterAmounts>], _ starts: [TopicPartition: Int64], _ readBack: [String: Int64],
        _ consumer: KafkaConsumer
    ) throws -> [TopicPartition: Taken] {
        let reader = try KafkaRangeReader(settings: context.kafka)
        var taken: [TopicPartition: Taken] = [:]
        var gaps: [SourceGapReport] = []
        var last: UInt64 = 0
        let deadline = ContinuousClock.now + SourceTakeover.leaderPatience
        for partition in partitions {
            let source = SourcePartition(partition)
            guard let epoch = epochs[source] else { continue }
            let chains = shards.map { $0.state(of: source) }
            let available: PartitionOwner.Available
            do throws(KafkaError) {
                let timeout = max(SourceTakeover.leaderPatienceMin, deadline - .now)
                available = try self.available(
                    partition, chains, start: starts[partition] ?? 0, consumer, reader, timeout: timeout)
            } catch {
                context.logger.warning(
                    "a partition is not taken over yet",
                    metadata: ["partition": "\(partition)", "error": "\(error)"])
                continue
            }
            if chains.allSatisfy({ $0.through == nil }), let start = starts[partition], start > available.low {
                context.logger.warning(
                    "no register knows of the partition; counting begins where the group has committed",
                    metadata: ["partition": "\(partition)", "oldest": "\(available.low)", "begin": "\(start)"])
            }
            let resumption = PartitionOwner.resume(
                source: source, epoch: epoch, chains: chains, available: available, start: starts[partition] ?? 0)
            for opening in resumption.openings {
                last = max(last, try context.outlet.send(opening, of: resumption.owner))
            }
            gaps += SourceGapReport.reports(of: resumption.openings, partition)
            let position = resumption.owner.position.offset
            taken[partition] = Taken(
                owner: resumption.owner, readFrom: max(available.low, position - (readBack[partition.topic] ?? 0)))
        }
        try deliver(through: last)
        // Once it is done: a takeover that fails is tried again, and finds the same gaps.
        for gap in gaps { gap.send(to: context.logger, context.metrics) }
        return taken
    }

    /// What the broker has, and whether the record before the position is the one that the chains remember.
    private func available(
        _ partition: TopicPartition, _ chains: [SourceChainState], start: Int64, _ consumer: KafkaConsumer,
        _ reader: KafkaRangeReader, timeout: Duration
    ) throws(KafkaError) -> PartitionOwner.Available {
        let (low, high) = try consumer.queryWatermarks(partition, timeout: timeout)
        let newest = chains.filter { $0.through != nil }.max { $0.through ?? .zero < $1.through ?? .zero }
        return try reader.available(
            partition, low..<max(low, high), countedTo: newest?.through?.offset ?? start, newest?.progress.tail,
            timeout: timeout)
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
}

extension SourcePoint {
    fileprivate static let zero = SourcePoint(offset: 0)
}
