import Accounting
import Records
import TelemetryModel

@testable import Counting

/// Brokers, a group and the logs of two shards around the driver of a takeover.
struct TakeoverWorld {
    struct Entry {
        let source: SourcePartition
        let json: [UInt8]
    }

    static let shards = 2

    var logs: [[Entry]] = [[], []]
    var checkpoints: [ShardCheckpointRecord] = []
    var isMember = true
    var available: [SourcePartition: PartitionOwner.Available] = [:]
    /// How many records the broker keeps back at the end of the second log.
    var keptBack = 0
    /// What was asked and done, in short.
    private(set) var said: [String] = []

    var form = RecordForm.first

    mutating func append(_ entry: ShardEntry<ChangelogAmounts>, of source: SourcePartition, to shard: Int) {
        logs[shard].append(Entry(source: source, json: entry.json(in: form)))
    }

    mutating func claim(_ source: SourcePartition, _ epoch: OwnerEpoch, in shards: Range<Int> = 0..<Self.shards) {
        for shard in shards { append(.claim(Claim(source: source, epoch: epoch)), of: source, to: shard) }
    }

    mutating func update(
        _ source: SourcePartition, _ epoch: OwnerEpoch, _ from: Int64?, _ to: Int64, state: SourceState? = nil,
        in shards: Range<Int> = 0..<Self.shards
    ) {
        for shard in shards {
            let update = ChangelogUpdate(
                source: source, epoch: epoch, from: from.map { SourcePoint(offset: $0) }, to: SourcePoint(offset: to),
                progress: SourceProgress(tail: .init(timestampMilliseconds: to, byteCount: 1)),
                amounts: ChangelogAmounts()
            ).telling(state)
            append(.update(update), of: source, to: shard)
        }
    }

    /// A former owner has claimed the source, begun at `begin` and counted up to `end`: three entries in each shard.
    mutating func count(_ source: SourcePartition, _ epoch: OwnerEpoch, from begin: Int64, to end: Int64) {
        claim(source, epoch)
        update(source, epoch, nil, begin)
        update(source, epoch, begin, end)
    }

    mutating func run(_ first: TakeoverDriver) -> TakeoverOutcome? {
        var driver = first
        var effects = driver.begin()[...]
        said = []
        while let effect = effects.popFirst() {
            switch effect {
            case .readCheckpoints:
                said.append("checkpoints")
                effects += driver.step(.checkpoints(checkpoints))
            case .askMembership:
                said.append("ask")
                effects += driver.step(.isMember(isMember))
            case .claim(let claims):
                said.append("claim " + claims.map(Self.text).joined(separator: ", "))
                for claim in claims {
                    for shard in logs.indices { append(.claim(claim), of: claim.source, to: shard) }
                }
                effects += driver.step(.acknowledged)
            case .readBack(let claims, let places): effects += driver.step(.readBack(read(claims, places)))
            case .claimed(let entries): said.append("claimed \(entries)")
            case .look(let source, let position, let tail):
                said.append("look \(source.partition)@\(position)" + (tail == nil ? "" : " tail"))
                effects += driver.step(.available(available[source]))
            case .open(let openings, let owner):
                for opening in openings {
                    said.append(
                        "open \(owner.source.partition) in \(opening.shard): "
                            + "\(opening.from.map(\.description) ?? "nil")-\(opening.to)")
                }
            case .awaitOpenings:
                said.append("openings")
                effects += driver.step(.acknowledged)
            case .warn(.unfitCheckpoint): said.append("unfit checkpoint")
            case .warn(.beginsAtCommit(let source, let oldest, let begin)):
                said.append("\(source.partition) begins at \(begin), not \(oldest)")
            case .end(let outcome): return outcome
            }
        }
        return nil
    }

    private mutating func read(_ claims: [SourcePartition: Claim], _ places: ReadBackPlaces) -> ReadBack {
        let starts = logs.indices.map { places.start(of: Set(claims.keys), in: $0) }
        said.append("read " + starts.map { $0.map { "\($0)" } ?? "all" }.joined(separator: " "))
        var found = ReadBack(claims, from: places)
        for (shard, start) in starts.enumerated() {
            let log = shard == 1 ? logs[shard].dropLast(keptBack) : logs[shard][...]
            if let start, start > log.count {
                found.beyond = BeyondEnd(shard: Int32(shard), place: start, end: Int64(log.count))
            }
            for offset in min(Int(start ?? 0), log.count)..<log.count {
                found.entries += 1
                found.read(
                    log[offset].json, of: log[offset].source,
                    at: TopicPlace(topic: "registers", partition: Int32(shard), offset: Int64(offset)))
            }
        }
        return found
    }

    private static func text(_ claim: Claim) -> String {
        "\(claim.source.partition) as \(claim.epoch)" + (claim.superseded.map { " over \($0)" } ?? "")
    }
}
