import Accounting
import Counting
import JSON
import KafkaClient
import Logging
import Records
import Runtime
import TelemetryModel

/// The shards' logs, as the owner of some sources reads them.
struct ShardLogs: Sendable {
    let kafka: KafkaClient.KafkaSettings
    let topic: String
    let count: Int
    let skips: SkippedRecords
    let logger: Logger
    let stop: Latch

    /// What they say of some sources.
    struct ReadBack {
        /// In the shards' order.
        var shards: [ShardReader<RegisterAmounts>]
        var entries = 0
        /// The sources whose claims were read, by shard.
        fileprivate(set) var claimed: [Set<SourcePartition>] = []
        /// Reading began at a place beyond a log's end: the topic was made anew.
        fileprivate(set) var isBeyond = false
        /// The first update that did not follow what was read before it.
        fileprivate(set) var unconnected: UnreadableRecord?

        /// A log whose end, by the broker's word, is before a claim that the broker has acknowledged; who goes on from there
        /// counts again what stands behind it.
        func missing(of claims: [SourcePartition: Claim]) -> ClaimNotRead? {
            for (shard, found) in claimed.enumerated() {
                if let source = claims.keys.filter({ !found.contains($0) }).min() {
                    return ClaimNotRead(source: source, shard: shard)
                }
            }
            return nil
        }

        /// Whether more of the logs has to be read than from these places on: updates did not connect, or shards are on both
        /// sides of an incarnation's beginning, of which a chain does not know.
        func isUnfit(for sources: Set<SourcePartition>) -> Bool {
            if isBeyond || unconnected != nil { return true }
            return sources.contains { source in
                let chains = shards.map { $0.state(of: source) }
                let lives = Set(chains.map { $0.through?.incarnation })
                return lives.count > 1 && chains.contains { $0.through != nil && $0.began == nil }
            }
        }
    }

    /// Reads every log from these places to its end of now, for the sources of these claims.
    func readBack(
        _ claims: [SourcePartition: Claim], from places: ReadBackPlaces, timeout: Duration
    ) throws -> ReadBack {
        let sources = Set(claims.keys)
        var result = ReadBack(
            shards: (0..<count).map { ShardReader(places.chains(in: $0)) },
            claimed: Array(repeating: [], count: count))
        let ranges = (0..<count).map { shard in
            let start = places.start(of: sources, in: shard)
            return PartitionRange(
                TopicPartition(topic: topic, partition: Int32(shard)), from: start.map { .offset($0) } ?? .beginning)
        }
        let keys = Dictionary(uniqueKeysWithValues: sources.map { (RegisterOutlet.key(of: $0), $0) })
        let reader = try KafkaRangeReader(settings: kafka)
        try reader.start(ranges, timeout: timeout)
        var unreadable: UnreadableRecord?
        repeat {
            let events = try reader.poll(timeout: .milliseconds(100)) { partition, message in
                let shard = Int(partition.partition)
                result.entries += 1
                guard let source = keys[Array(copying: message.key)],
                    message.offset >= places.offset(of: source, in: shard)
                else { return }
                if skips.contains(partition, offset: message.offset) {
                    return result.shards[shard].passOver(entryOf: source)
                }
                do throws(JSONCursorError) {
                    let entry = try ShardEntry<RegisterAmounts>(json: Array(copying: message.value))
                    if case .claim(let claim) = entry, claim.epoch == claims[source]?.epoch {
                        result.claimed[shard].insert(source)
                    }
                    guard case .unconnected = result.shards[shard].read(entry), case .update(let update) = entry,
                        result.unconnected == nil
                    else { return }
                    let reason = UnconnectedUpdate(update, through: result.shards[shard].state(of: source).through)
                    result.unconnected = UnreadableRecord(partition, offset: message.offset, "\(reason)")
                } catch {
                    unreadable = unreadable ?? UnreadableRecord(partition, offset: message.offset, "\(error)")
                }
            }
            if let unreadable { throw unreadable }
            for case .outOfRange(let partition, let wanted, let low, let high) in events {
                if wanted > high { result.isBeyond = true }
                logger.warning(
                    "registers before the oldest that is kept were asked for",
                    metadata: ["partition": "\(partition)", "offset": "\(wanted)", "oldest": "\(low)"])
            }
            if stop.isReached { throw StopReached() }
        } while !reader.isDone
        return result
    }
}

/// A shard's log was read to an end before what the broker has acknowledged.
struct ClaimNotRead: Error, CustomStringConvertible {
    let source: SourcePartition
    let shard: Int

    var description: String {
        "the broker gave an end of the registers' partition \(shard) before the claim of \(source) that it had acknowledged"
    }
}
