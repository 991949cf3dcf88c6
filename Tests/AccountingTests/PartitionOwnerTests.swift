import Accounting
import Testing

/// Where a new owner goes on.
@Suite struct PartitionOwnerTests {
    private let source = SourcePartition(topic: "cloudtrail", partition: 0)
    private let epoch = OwnerEpoch(generation: 5)

    private func chain(_ offset: Int64?, incarnation: Int32 = 0) -> SourceChainState {
        SourceChainState(
            epoch: OwnerEpoch(generation: 4), through: offset.map { SourcePoint(incarnation: incarnation, offset: $0) })
    }

    private func resume(
        _ chains: [SourceChainState], _ available: PartitionOwner.Available, start: Int64 = 0
    ) -> PartitionOwner.Resumption {
        PartitionOwner.resume(source: source, epoch: epoch, chains: chains, available: available, start: start)
    }

    @Test func theFirstOwnerOpensEveryShardWhereReadingStarts() {
        let resumption = resume([chain(nil), chain(nil)], .init(low: 40, high: 90), start: 0)
        #expect(resumption.openings.map(\.to) == [SourcePoint(offset: 40), SourcePoint(offset: 40)])
        #expect(resumption.openings.allSatisfy { $0.from == nil && $0.gap == nil })
        #expect(resumption.owner.position == SourcePoint(offset: 40))
        #expect(resumption.owner.boundary == nil)
    }

    @Test func aShardThatMissedTheOpeningIsOpenedWhereTheOthersAre() {
        let resumption = resume([chain(12), chain(nil)], .init(low: 0, high: 90))
        #expect(resumption.openings.map(\.shard) == [1])
        #expect(resumption.openings.map(\.to) == [SourcePoint(offset: 12)])
    }

    @Test func rangesAreCutWhereShardsChainsEnd() {
        var owner = resume([chain(70), chain(50), chain(60)], .init(low: 0, high: 90)).owner
        #expect(owner.position == SourcePoint(offset: 50))
        #expect(owner.boundary == SourcePoint(offset: 60))
        #expect(owner.seal(next: 55).to == SourcePoint(offset: 55))
        let second = owner.seal(next: 60)
        #expect(second.from == SourcePoint(offset: 55))
        #expect(second.to == SourcePoint(offset: 60))
        #expect(owner.boundary == SourcePoint(offset: 70))
        #expect(owner.seal(next: 70).from == SourcePoint(offset: 60))
        #expect(owner.boundary == nil)
    }

    @Test func recordsThatRetentionTookAreAGapInTheShardsThatMissThem() {
        let resumption = resume([chain(50), chain(80)], .init(low: 60, high: 90))
        #expect(resumption.openings.count == 1)
        #expect(resumption.openings[0].gap == .expired)
        #expect(resumption.openings[0].to == SourcePoint(offset: 60))
        #expect(resumption.owner.position == SourcePoint(offset: 60))
        #expect(resumption.owner.boundary == SourcePoint(offset: 80))
    }

    @Test func aTopicMadeAnewIsAnotherIncarnation() {
        let shorter = resume([chain(500), chain(500)], .init(low: 0, high: 20))
        #expect(shorter.openings.map(\.gap) == [.recreated, .recreated])
        #expect(shorter.owner.position == SourcePoint(incarnation: 1, offset: 0))
        let longer = resume([chain(500), chain(500)], .init(low: 0, high: 900, isForeign: true))
        #expect(longer.owner.position == SourcePoint(incarnation: 1, offset: 0))
        // The owner died while it told the shards.
        let half = resume([chain(500), chain(0, incarnation: 1)], .init(low: 0, high: 20))
        #expect(half.openings.map(\.shard) == [0])
        #expect(half.openings[0].to == SourcePoint(incarnation: 1, offset: 0))
    }

    @Test func epochsGrowWhenTheGroupStartsAnew() {
        let old = OwnerEpoch(lineage: 0, generation: 900)
        #expect(old.successor(generation: 901) == OwnerEpoch(lineage: 0, generation: 901))
        #expect(old.successor(generation: 2) == OwnerEpoch(lineage: 1, generation: 2))
        #expect(OwnerEpoch(lineage: 1, generation: 2) > old)
    }

    @Test func hintsReadBackAsWritten() {
        let hint = OwnerHint(
            epoch: OwnerEpoch(lineage: 1, generation: 7),
            places: [
                .init(offset: 0, through: nil), .init(offset: 99, through: SourcePoint(incarnation: 2, offset: 5)),
            ])
        #expect(OwnerHint(hint.text) == hint)
        for text in ["", "1;2", "2;3;4", "1;x;0", "1;1;", "1;1;5@", "1;1;5@1:2:3", "metadata of another tool"] {
            #expect(OwnerHint(text) == nil, "\(text)")
        }
    }
}
