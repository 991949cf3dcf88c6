import Accounting
import Counting
import KafkaClient
import Logging
import Records
import Runtime
import TelemetryModel

/// The shards' logs, as the owner of some sources reads them.
struct ShardLogs: Sendable {
    let kafka: KafkaClient.KafkaSettings
    let topic: String
    let skips: SkippedRecords
    let logger: Logger
    let stop: Latch

    /// Reads every log from these places to its end of now, for the sources of these claims.
    func readBack(
        _ claims: [SourcePartition: Claim], from places: ReadBackPlaces, timeout: Duration
    ) throws -> ReadBack {
        let sources = Set(claims.keys)
        var result = ReadBack(claims, from: places)
        let ranges = (0..<places.shardCount).map { shard in
            let start = places.start(of: sources, in: shard)
            return PartitionRange(
                TopicPartition(topic: topic, partition: Int32(shard)), from: start.map { .offset($0) } ?? .beginning)
        }
        let keys = Dictionary(uniqueKeysWithValues: sources.map { (ChangelogSink.key(of: $0), $0) })
        let reader = try KafkaRangeReader(settings: kafka)
        try reader.start(ranges, timeout: timeout)
        repeat {
            let events = try reader.poll(timeout: .milliseconds(100)) { partition, message in
                result.entries += 1
                guard let source = keys[Array(copying: message.key)] else { return }
                let place = TopicPlace(partition, offset: message.offset)
                if !result.isWanted(source, at: place) { return }
                switch skips.cause(of: message, in: partition) {
                case nil: result.read(Array(copying: message.value), of: source, at: place)
                case .onRequest: result.passOver(entryOf: source, at: place)
                case .notAuthentic: break
                }
            }
            if result.unreadable != nil { break }
            for case .outOfRange(let partition, let wanted, let low, let high) in events {
                if wanted > high {
                    result.beyond = BeyondEnd(shard: partition.partition, place: wanted, end: high)
                    continue
                }
                logger.warning(
                    "registers before the oldest that is kept were asked for",
                    metadata: ["partition": "\(partition)", "offset": "\(wanted)", "oldest": "\(low)"])
            }
            if stop.isReached { throw StopReached() }
        } while !reader.isDone
        return result
    }
}
