import Accounting
import Records

/// Where the shards' logs are read from, to learn how far sources are counted: for each shard and source an offset of the
/// log, and the source's chain as it stands there. A source without a place is read from the log's beginning.
package struct ReadBackPlaces: Sendable {
    private struct Place {
        let offset: Int64
        let chain: SourceChainState
    }

    /// By shard.
    private var places: [[SourcePartition: Place]]

    package init(shards: Int) {
        places = Array(repeating: [:], count: shards)
    }

    package var shardCount: Int { places.count }
    package var isEmpty: Bool { places.allSatisfy(\.isEmpty) }

    /// What the source's former owner left in the group, if it is of as many shards.
    ///
    /// - Returns: whether it is.
    package mutating func add(_ hint: OwnerHint, of source: SourcePartition) -> Bool {
        guard hint.places.count == places.count else { return false }
        for (shard, place) in hint.places.enumerated() {
            let chain = SourceChainState(epoch: hint.epoch, through: place.through)
            places[shard][source] = Place(offset: place.offset, chain: chain)
        }
        return true
    }

    /// What an evaluator has read of the sources. It may lie behind a claim of an owner's, and hide that the epoch was claimed
    /// twice: who goes by it claims a higher one than it knows.
    package mutating func add(_ record: ShardCheckpointRecord, of sources: Set<SourcePartition>) {
        guard places.indices.contains(Int(record.shard)) else { return }
        for source in sources {
            places[Int(record.shard)][source] = Place(
                offset: record.checkpoint.next, chain: record.checkpoint.chains[source] ?? SourceChainState())
        }
    }

    /// Where a shard's log has to be read from for all of the sources; `nil` is its beginning.
    package func start(of sources: Set<SourcePartition>, in shard: Int) -> Int64? {
        var first = Int64.max
        for source in sources {
            guard let place = places[shard][source] else { return nil }
            first = min(first, place.offset)
        }
        return first
    }

    /// Entries before it are in the source's chain already.
    package func offset(of source: SourcePartition, in shard: Int) -> Int64 { places[shard][source]?.offset ?? 0 }

    /// The highest in which a chain of the source is there.
    package func epoch(of source: SourcePartition) -> OwnerEpoch? {
        places.compactMap { $0[source]?.chain.epoch }.max()
    }

    package func chains(in shard: Int) -> [SourcePartition: SourceChainState] { places[shard].mapValues(\.chain) }
}
