import Accounting
import Foundation
import KafkaClient
import Logging
import Settings
import TelemetryModel

/// Takes source partitions over from their former owners: claims them in every shard, learns from the shards' logs what is
/// counted already, and says where to go on.
///
/// Runs on the thread of the rebalance and blocks it; the group waits meanwhile, so the logs are read from where the
/// former owner's hint says, some seconds of records.
final class SourceTakeover: Sendable {
    struct Context: Sendable {
        let kafka: KafkaClient.KafkaSettings
        let outlet: RegisterOutlet
        let metrics: MetricsRegistry
        let logger: Logger
        let stop: Milestone
    }

    /// A partition in the hands of a new owner.
    struct Taken: Sendable {
        let owner: PartitionOwner
        /// Where reading begins: before the owner's position, where identities have to be read back.
        let readFrom: Int64
    }

    private let context: Context
    private var producer: KafkaProducer { context.outlet.producer }
    private static let requestTimeout = Duration.seconds(15)
    /// How long to wait before another attempt when the cluster does not answer.
    private static let retrySeconds: TimeInterval = 1

    init(_ context: Context) {
        self.context = context
    }

    /// Takes over `partitions`, trying again while the cluster does not answer; those that are missing from the result were
    /// not taken over because the process stops, or because the group has given them to another member meanwhile.
    ///
    /// - Parameter readBack: how many records before the position are read again for their identities, by topic.
    func take(
        _ partitions: [TopicPartition], for consumer: KafkaConsumer, readBack: [String: Int64]
    ) -> [TopicPartition: Taken] {
        while !context.stop.isReached {
            do {
                return try attempt(partitions, consumer, readBack)
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
        _ partitions: [TopicPartition], _ consumer: KafkaConsumer, _ readBack: [String: Int64]
    ) throws -> [TopicPartition: Taken] {
        let generation = try consumer.groupGeneration ?? 0
        let committed = try consumer.committedWithMetadata(partitions, timeout: SourceTakeover.requestTimeout)
        var hints: [SourcePartition: OwnerHint] = [:]
        var starts: [TopicPartition: Int64] = [:]
        for (partition, entry) in zip(partitions, committed) {
            starts[partition] = entry?.position.offset ?? 0
            // A hint for another number of shards says nothing of these.
            if let hint = entry.flatMap({ OwnerHint($0.metadata) }), hint.places.count == context.outlet.shards.count {
                hints[SourcePartition(partition)] = hint
            }
        }
        let sources = Set(partitions.map { SourcePartition($0) })
        let (epochs, shards) = try claim(sources, generation: generation, hints) {
            try self.isMember(consumer, of: partitions, committed)
        }
        let reader = try KafkaRangeReader(settings: context.kafka)
        var taken: [TopicPartition: Taken] = [:]
        var last: UInt64 = 0
        for partition in partitions {
            let source = SourcePartition(partition)
            guard let epoch = epochs[source] else { continue }
            let chains = shards.map { $0.state(of: source) }
            let available = try available(partition, chains, consumer, reader)
            let resumption = PartitionOwner.resume(
                source: source, epoch: epoch, chains: chains, available: available, start: starts[partition] ?? 0)
            for opening in resumption.openings {
                last = max(last, try context.outlet.send(opening, of: resumption.owner))
                report(opening, of: partition)
            }
            let position = resumption.owner.position.offset
            taken[partition] = Taken(
                owner: resumption.owner, readFrom: max(available.low, position - (readBack[partition.topic] ?? 0)))
        }
        try deliver(through: last)
        return taken
    }

    /// Claims the sources and reads the logs back to the claims; claims again where an owner has an epoch that is not lower,
    /// and has not followed this one: the group counts its generations anew.
    private func claim(
        _ sources: Set<SourcePartition>, generation: Int32, _ hints: [SourcePartition: OwnerHint],
        _ isMember: () throws -> Bool
    ) throws -> (epochs: [SourcePartition: OwnerEpoch], shards: [ShardReader<RegisterAmounts>]) {
        var hints = hints
        var claims: [SourcePartition: Claim] = [:]
        for source in sources {
            let epoch = hints[source]?.epoch.successor(generation: generation) ?? OwnerEpoch(generation: generation)
            claims[source] = Claim(source: source, epoch: epoch)
        }
        var unclaimed = claims
        while true {
            if context.stop.isReached { throw Stopped() }
            var last: UInt64 = 0
            for (_, claim) in unclaimed.sorted(by: { $0.key < $1.key }) { last = try context.outlet.send(claim) }
            try deliver(through: last)
            var (shards, isBeyond) = try readBack(sources, hints)
            if !hints.isEmpty, isBeyond || sources.contains(where: { SourceTakeover.isSuspect($0, shards) }) {
                // A hint led past a claim, or past where an incarnation began, or it is of another topic. The whole logs
                // tell the truth.
                context.logger.warning("a hint of a former owner does not fit the registers; reading all of them")
                hints = [:]
                (shards, isBeyond) = try readBack(sources, hints)
            }
            unclaimed = [:]
            for (source, claim) in claims {
                guard let rival = shards.compactMap({ $0.rival(of: claim.epoch, for: source) }).max() else { continue }
                // What was read before the group is asked: what comes later is a follower's, and stays above.
                unclaimed[source] = Claim(
                    source: source, epoch: max(rival, claim.epoch).successor(generation: generation),
                    over: shards.compactMap { $0.state(of: source).epoch }.max())
            }
            if unclaimed.isEmpty { return (claims.mapValues(\.epoch), shards) }
            if try !isMember() { throw Followed() }
            claims.merge(unclaimed) { $1 }
        }
    }

    /// Whether more of the logs has to be read than the hints say: updates did not connect, or shards are on both sides of an
    /// incarnation's beginning.
    private static func isSuspect(_ source: SourcePartition, _ shards: [ShardReader<RegisterAmounts>]) -> Bool {
        let lives = Set(shards.map { $0.state(of: source).through?.incarnation })
        return lives.count > 1 || shards.contains { $0.skipped[.unconnected] != nil }
    }

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

    struct Followed: Error, CustomStringConvertible {
        var description: String { "the group has gone on to another generation" }
    }

    /// Reads every shard's log to its end of now, which lies behind the own claims.
    ///
    /// - Returns: also whether a hint leads beyond the end of a log.
    private func readBack(
        _ sources: Set<SourcePartition>, _ hints: [SourcePartition: OwnerHint]
    ) throws -> (shards: [ShardReader<RegisterAmounts>], isBeyond: Bool) {
        let count = context.outlet.shards.count
        var shards: [ShardReader<RegisterAmounts>] = []
        var ranges: [PartitionRange] = []
        var begins: [Int: [SourcePartition: Int64]] = [:]
        for shard in 0..<count {
            var states: [SourcePartition: SourceChainState] = [:]
            var first: Int64? = .max
            for source in sources {
                guard let hint = hints[source] else {
                    first = nil
                    continue
                }
                let place = hint.places[shard]
                states[source] = SourceChainState(epoch: hint.epoch, through: place.through)
                begins[shard, default: [:]][source] = place.offset
                first = first.map { min($0, place.offset) }
            }
            shards.append(ShardReader(states))
            ranges.append(
                PartitionRange(
                    TopicPartition(topic: context.outlet.topic, partition: Int32(shard)),
                    from: first.map { .offset($0) } ?? .beginning))
        }
        let keys = Dictionary(uniqueKeysWithValues: sources.map { (RegisterOutlet.key(of: $0), $0) })
        let reader = try KafkaRangeReader(settings: context.kafka)
        try reader.start(ranges, timeout: SourceTakeover.requestTimeout)
        var malformed = 0
        var isBeyond = false
        repeat {
            let events = try reader.poll(timeout: .milliseconds(100)) { partition, message in
                let shard = Int(partition.partition)
                guard let source = keys[Array(copying: message.key)],
                    message.offset >= begins[shard]?[source] ?? 0
                else { return }
                do throws(JSONCursorError) {
                    _ = shards[shard].read(try ShardEntry<RegisterAmounts>(json: Array(copying: message.value)))
                } catch {
                    malformed += 1
                }
            }
            for case .outOfRange(let partition, let wanted, let low, let high) in events {
                if wanted > high { isBeyond = true }
                context.logger.warning(
                    "registers before the oldest that is kept were asked for",
                    metadata: ["partition": "\(partition)", "offset": "\(wanted)", "oldest": "\(low)"])
            }
            if context.stop.isReached { throw Stopped() }
        } while !reader.isDone
        if malformed > 0 {
            context.logger.error("entries of registers are unreadable", metadata: ["count": "\(malformed)"])
        }
        return (shards, isBeyond)
    }

    struct Stopped: Error, CustomStringConvertible {
        var description: String { "stopped" }
    }

    /// What the broker has, and whether the record before the position is the one that the chains remember.
    private func available(
        _ partition: TopicPartition, _ chains: [SourceChainState], _ consumer: KafkaConsumer, _ reader: KafkaRangeReader
    ) throws -> PartitionOwner.Available {
        let (low, high) = try consumer.queryWatermarks(partition, timeout: SourceTakeover.requestTimeout)
        var available = PartitionOwner.Available(low: low, high: high)
        let newest = chains.filter { $0.through != nil }.max { $0.through ?? .zero < $1.through ?? .zero }
        if let newest, let through = newest.through, let tail = newest.progress.tail {
            available.isForeign = try reader.isForeign(
                partition, low..<high, before: through.offset, tail, timeout: SourceTakeover.requestTimeout)
        }
        return available
    }

    private func report(_ opening: PartitionOwner.Opening, of partition: TopicPartition) {
        guard let gap = opening.gap, opening.shard == 0 || opening.from != nil else { return }
        SourceGapReport(partition: partition, cause: gap, from: opening.from, to: opening.to)
            .send(to: context.logger, context.metrics)
    }

    private func deliver(through sequence: UInt64) throws {
        while true {
            switch producer.waitForDelivery(through: sequence, timeout: .milliseconds(500)) {
            case .delivered: return
            case .failed(let failures): throw failures[0]
            case .pending: if context.stop.isReached { throw Stopped() }
            }
        }
    }
}

/// Says that records were lost before they could be read.
struct SourceGapReport {
    let partition: TopicPartition
    let cause: SourceGapCause
    let from: SourcePoint?
    let to: SourcePoint

    func send(to logger: Logger, _ metrics: MetricsRegistry) {
        let labels = [("topic", partition.topic), ("cause", cause.rawValue)]
        metrics.add(.sourceGaps, labels)
        if cause == .expired, let from {
            metrics.add(.sourceGapRecords, [("topic", partition.topic)], by: Double(to.offset - from.offset))
        }
        logger.error(
            cause == .expired
                ? "records were removed before they were read; counting goes on after them"
                : "the topic was made anew; counting goes on from its first record",
            metadata: [
                "partition": "\(partition)", "position": "\(from.map(\.description) ?? "none")", "goes_on_at": "\(to)",
            ])
    }
}

extension KafkaRangeReader {
    /// Whether the record before an offset is another one than was counted there: the topic was made anew.
    func isForeign(
        _ partition: TopicPartition, _ offsets: Range<Int64>, before offset: Int64, _ tail: RecordFingerprint,
        timeout: Duration
    ) throws(KafkaError) -> Bool {
        guard offset > offsets.lowerBound, offset <= offsets.upperBound else { return false }
        var isForeign = false
        try start([PartitionRange(partition, from: .offset(offset - 1), upTo: offset)], timeout: timeout)
        while !isDone {
            _ = try poll(timeout: .milliseconds(100)) { _, message in
                isForeign = message.fingerprint.map { $0 != tail } ?? false
            }
        }
        return isForeign
    }
}

extension SourcePoint {
    static let zero = SourcePoint(offset: 0)
}

extension Message {
    /// `nil` when the record has no time.
    var fingerprint: RecordFingerprint? {
        timestamp.map { RecordFingerprint(timestampMilliseconds: $0.milliseconds, byteCount: value.byteCount) }
    }
}
