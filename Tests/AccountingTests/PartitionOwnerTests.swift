import Accounting
import TelemetryModel
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

    /// Who counts again up to where another has come judges by the clock that the other had.
    @Test func rangesThatWereCountedHaveTheClockOfTheirUpdates() {
        func clock(_ second: Int64) -> Timestamp { Timestamp(nanoseconds: second * 1_000_000_000) }
        func chain(_ offset: Int64, _ second: Int64) -> SourceChainState {
            var progress = SourceProgress()
            progress.clock = clock(second)
            return SourceChainState(
                epoch: OwnerEpoch(generation: 4), through: SourcePoint(offset: offset), progress: progress)
        }
        var owner = PartitionOwner.resume(
            source: source, epoch: epoch, chains: [chain(70, 7), chain(50, 5)], available: .init(low: 0, high: 90),
            start: 0,
            // The update to 70 was the second behind 50.
            readings: [SourcePoint(offset: 40): clock(4), SourcePoint(offset: 60): clock(6)]
        ).owner
        #expect(owner.boundary == SourcePoint(offset: 60))
        #expect(owner.reading == clock(6))
        _ = owner.seal(next: 55)
        #expect(owner.reading == clock(6))
        _ = owner.seal(next: 60)
        #expect(owner.boundary == SourcePoint(offset: 70))
        #expect(owner.reading == clock(7))
        _ = owner.seal(next: 70)
        #expect(owner.boundary == nil)
        #expect(owner.reading == nil)
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

    @Test func aJumpIsCutWhereShardsChainsEnd() {
        var expired = resume([chain(10), chain(11)], .init(low: 0, high: 40)).owner
        let over = expired.jump(to: .init(low: 13, high: 40))
        #expect(over.map(\.range.from.offset) == [10, 11])
        #expect(over.map(\.range.to.offset) == [11, 13])
        #expect(over.map(\.gap) == [.expired, .expired])
        #expect(expired.boundary == nil)

        var recreated = resume([chain(10), chain(11)], .init(low: 0, high: 40)).owner
        let into = recreated.jump(to: .init(low: 0, high: 5))
        #expect(into.map(\.range.to) == [SourcePoint(offset: 11), SourcePoint(incarnation: 1, offset: 0)])
        #expect(into.map(\.gap) == [.recreated, .recreated])
        #expect(recreated.position == SourcePoint(incarnation: 1, offset: 0))

        var short = resume([chain(10), chain(30)], .init(low: 0, high: 40)).owner
        let before = short.jump(to: .init(low: 13, high: 40))
        #expect(before.map(\.range.to.offset) == [13])
        #expect(short.boundary == SourcePoint(offset: 30))
    }

    @Test func aPositionThatTheBrokerHasIsNotJumpedOver() {
        var owner = resume([chain(10), chain(11)], .init(low: 0, high: 40)).owner
        _ = owner.jump(to: .init(low: 13, high: 40))
        _ = owner.seal(next: 20)
        // The loss is told of a second time, when counting has gone on.
        let second = owner.jump(to: .init(low: 13, high: 40))
        #expect(second.isEmpty)
        #expect(owner.position == SourcePoint(offset: 20))
    }

    /// An owner that was followed in one shard alone has begun another incarnation in the other, and counted on there.
    @Test func aShardThatWasLeftBehindIsOpenedWhereTheOthersBegan() {
        let source = source
        func update(_ from: SourcePoint?, _ to: SourcePoint, _ gap: SourceGapCause? = nil) -> ShardEntry<Int> {
            let progress = SourceProgress()
            return .update(
                ChangelogUpdate(
                    source: source, epoch: epoch, from: from, to: to, progress: progress, gap: gap, amounts: 0))
        }
        let (old, new) = (SourcePoint(offset: 10), SourcePoint(incarnation: 1, offset: 2))
        var behind = ShardReader<Int>()
        var ahead = ShardReader<Int>()
        for entry in [update(nil, old)] { _ = behind.read(entry) }
        for entry in [
            update(nil, old), update(old, new, .recreated), update(new, SourcePoint(incarnation: 1, offset: 9)),
        ] {
            _ = ahead.read(entry)
        }
        let chains = [behind.state(of: source), ahead.state(of: source)]
        let recreated = resume(chains, .init(low: 0, high: 30))
        #expect(recreated.openings.map(\.shard) == [0])
        #expect(recreated.openings.first?.to == new)
        #expect(recreated.owner.position == new)
        #expect(recreated.owner.boundary == SourcePoint(incarnation: 1, offset: 9))

        // The same where a shard was never opened.
        let opened = resume([SourceChainState(), chains[0]], .init(low: 0, high: 30))
        #expect(opened.openings.map(\.to) == [old])
        var further = behind
        _ = further.read(update(old, SourcePoint(offset: 15)))
        let late = resume([SourceChainState(), further.state(of: source)], .init(low: 0, high: 30))
        #expect(late.openings.map(\.to) == [old])
    }

    @Test func aChainKnownWithoutItsProgressDoesNotHideTheWatermark() {
        let told = SourceChainState(
            epoch: OwnerEpoch(generation: 4), through: SourcePoint(offset: 60),
            progress: SourceProgress(watermark: Timestamp(nanoseconds: 7)))
        for chains in [[chain(60), told], [told, chain(60)]] {
            let owner = resume(chains, .init(low: 0, high: 90)).owner
            #expect(owner.progress.watermark == Timestamp(nanoseconds: 7))
        }
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
        let telling = OwnerHint(epoch: hint.epoch, places: hint.places, tellsState: true)
        #expect(OwnerHint(telling.text) == telling)
        // Brokers refuse a text above 4,096 bytes, and the offset with it.
        let large = OwnerHint(
            epoch: OwnerEpoch(generation: 1),
            places: Array(repeating: .init(offset: .max, through: SourcePoint(offset: .max)), count: 120))
        #expect(large.text.isEmpty)
        for text in ["", "1;2", "3;3;4", "1;x;0", "1;1;", "1;1;5@", "1;1;5@1:2:3", "metadata of another tool"] {
            #expect(OwnerHint(text) == nil, "\(text)")
        }
    }
}
