import Accounting
import Testing

@testable import Counting
@testable import Records

/// Where an owner begins to read the shards' logs.
@Suite struct ReadBackPlacesTests {
    private let hinted = SourcePartition(topic: "t", partition: 0)
    private let checkpointed = SourcePartition(topic: "t", partition: 1)
    private let new = SourcePartition(topic: "t", partition: 2)

    private func hint(shards: Int) -> OwnerHint {
        OwnerHint(
            epoch: OwnerEpoch(generation: 4),
            places: (0..<shards).map { .init(offset: Int64(50 + $0), through: SourcePoint(offset: 9)) })
    }

    private func checkpoint(shard: Int32, shards: Int, next: Int64) -> ShardCheckpointRecord {
        let chain = SourceChainState(
            epoch: OwnerEpoch(generation: 7), began: SourcePoint(offset: 0), through: SourcePoint(offset: 30))
        return ShardCheckpointRecord(
            shard: shard, shards: shards, epoch: OwnerEpoch(generation: 1),
            checkpoint: ShardCheckpoint(next: next, closedBefore: nil, chains: [checkpointed: chain]))
    }

    @Test func eachSourceHasItsPlaceAndTheFirstOfThemDecides() {
        var places = ReadBackPlaces(shards: 2)
        #expect(places.isEmpty)
        let isTaken = places.add(hint(shards: 2), of: hinted)
        #expect(isTaken)
        for shard in 0..<2 {
            places.add(checkpoint(shard: Int32(shard), shards: 2, next: 40), of: [checkpointed, new])
        }
        #expect(places.start(of: [hinted], in: 1) == 51)
        #expect(places.start(of: [hinted, checkpointed, new], in: 1) == 40)
        #expect(places.offset(of: hinted, in: 1) == 51)
        #expect(places.chains(in: 0)[hinted]?.through == SourcePoint(offset: 9))
        #expect(places.chains(in: 0)[checkpointed]?.through == SourcePoint(offset: 30))
        // The checkpoint says that it has not heard of it.
        #expect(places.chains(in: 0)[new] == SourceChainState())
        #expect(places.epoch(of: checkpointed) == OwnerEpoch(generation: 7))
        #expect(places.epoch(of: new) == nil)
    }

    @Test func aSourceWithoutAPlaceInAShardHasItsWholeLogRead() {
        var places = ReadBackPlaces(shards: 2)
        places.add(checkpoint(shard: 0, shards: 2, next: 40), of: [checkpointed])
        #expect(places.start(of: [checkpointed], in: 0) == 40)
        #expect(places.start(of: [checkpointed], in: 1) == nil)
        #expect(places.offset(of: checkpointed, in: 1) == 0)
    }

    @Test func placesInAnotherNumberOfShardsAreNone() {
        var places = ReadBackPlaces(shards: 2)
        let isTaken = places.add(hint(shards: 3), of: hinted)
        #expect(!isTaken)
        #expect(places.isEmpty)
    }

    @Test func chainsOnBothSidesOfABeginningThatIsNotKnownAreUnfit() {
        func readBack(_ chains: [SourceChainState]) -> Bool {
            var places = ReadBackPlaces(shards: chains.count)
            for (shard, chain) in chains.enumerated() {
                places.add(
                    ShardCheckpointRecord(
                        shard: Int32(shard), shards: chains.count, epoch: OwnerEpoch(generation: 1),
                        checkpoint: ShardCheckpoint(next: 0, closedBefore: nil, chains: [hinted: chain])),
                    of: [hinted])
            }
            let claim = Claim(source: hinted, epoch: OwnerEpoch(generation: 9))
            return ReadBack([hinted: claim], from: places).isUnfit
        }
        let old = SourceChainState(through: SourcePoint(offset: 90))
        let oldWithBeginning = SourceChainState(began: SourcePoint(offset: 0), through: SourcePoint(offset: 90))
        let anew = SourceChainState(
            began: SourcePoint(incarnation: 1, offset: 3), through: SourcePoint(incarnation: 1, offset: 5))
        #expect(!readBack([old, old]))
        #expect(readBack([old, anew]))
        #expect(!readBack([oldWithBeginning, anew]))
        #expect(!readBack([SourceChainState(), anew]))
    }
}
