import Accounting
import Testing

/// Each rule of a chain on its own.
@Suite struct SourceChainTests {
    private let source = SourcePartition(topic: "cloudtrail", partition: 3)
    private let first = OwnerEpoch(generation: 1)
    private let second = OwnerEpoch(generation: 2)

    private func update(
        _ epoch: OwnerEpoch, _ from: Int64?, _ to: Int64, part: Int = 0, of parts: Int = 1, adds amount: Int = 1
    ) -> ChangelogUpdate<Int> {
        ChangelogUpdate(
            source: source, epoch: epoch, from: from.map { SourcePoint(offset: $0) }, to: SourcePoint(offset: to),
            progress: SourceProgress(), amounts: amount
        ).asPart(part, of: parts)
    }

    private func sum(_ chain: inout SourceChain<Int>, _ updates: [ChangelogUpdate<Int>]) -> Int {
        updates.reduce(0) { total, update in
            guard case .added(let amounts, _) = chain.take(update) else { return total }
            return total + amounts.reduce(0, +)
        }
    }

    @Test func aSupersededOwnerAddsNothing() {
        var chain = SourceChain<Int>()
        chain.take(Claim(source: source, epoch: first))
        #expect(sum(&chain, [update(first, nil, 10, adds: 0), update(first, 10, 20)]) == 1)
        chain.take(Claim(source: source, epoch: second))
        #expect(sum(&chain, [update(first, 20, 30), update(second, 20, 25), update(first, 25, 30)]) == 1)
        let isTaken = chain.take(Claim(source: source, epoch: first))
        #expect(!isTaken)
        #expect(chain.state.through == SourcePoint(offset: 25))
    }

    @Test func aRangeCountsOnce() {
        var chain = SourceChain<Int>()
        let updates = [update(first, nil, 0, adds: 0), update(first, 0, 5), update(first, 0, 5), update(first, 5, 9)]
        #expect(sum(&chain, updates) == 2)
    }

    @Test func anUpdateThatLeavesRecordsOutOrOverlapsIsRefused() {
        var chain = SourceChain<Int>()
        #expect(sum(&chain, [update(first, nil, 0, adds: 0), update(first, 3, 5), update(first, 0, 2)]) == 1)
        guard case .unconnected = chain.take(update(first, 1, 4)) else {
            Issue.record("an overlap was taken")
            return
        }
        #expect(chain.state.through == SourcePoint(offset: 2))
    }

    @Test func partsCountOnlyTogether() {
        var chain = SourceChain<Int>()
        _ = chain.take(update(first, nil, 0, adds: 0))
        #expect(sum(&chain, [update(first, 0, 5, part: 0, of: 2, adds: 10)]) == 0)
        #expect(chain.isInsideUpdate)
        // The owner dies between the parts; its successor sends the range again, cut elsewhere.
        chain.take(Claim(source: source, epoch: second))
        #expect(sum(&chain, [update(first, 0, 5, part: 1, of: 2, adds: 20)]) == 0)
        #expect(sum(&chain, [update(second, 0, 4, part: 0, of: 2), update(second, 0, 4, part: 1, of: 2)]) == 2)
        #expect(chain.state.through == SourcePoint(offset: 4))
    }

    @Test func anIdleSourceIsHeardOfWithoutAddingAnything() {
        var chain = SourceChain<Int>()
        #expect(sum(&chain, [update(first, nil, 7, adds: 0), update(first, 7, 7, adds: 99)]) == 0)
        #expect(chain.state.through == SourcePoint(offset: 7))
    }

    @Test func anEpochThatIsClaimedTwiceBelongsToNobodyWhoComesLater() {
        var chain = SourceChain<Int>()
        chain.take(Claim(source: source, epoch: first))
        #expect(chain.contender(of: first) == nil)
        // The group was deleted, and gives the same generation out again.
        chain.take(Claim(source: source, epoch: first))
        #expect(chain.contender(of: first) == first)
        chain.take(Claim(source: source, epoch: first.successor(generation: 1)))
        #expect(chain.contender(of: first.successor(generation: 1)) == nil)
        #expect(chain.contender(of: first) == OwnerEpoch(lineage: 1, generation: 1))
        #expect(sum(&chain, [update(first, nil, 5)]) == 0)
    }

    @Test func aNewLineageTakesOverOnlyWhatItsOwnerHadSeen() {
        let (seen, unseen) = (OwnerEpoch(generation: 19), OwnerEpoch(generation: 21))
        let lineage = seen.successor(generation: 19)
        for (current, isVoid) in [(seen, false), (unseen, true)] {
            var chain = SourceChain<Int>()
            chain.take(Claim(source: source, epoch: current))
            let isTaken = chain.take(Claim(source: source, epoch: lineage, superseded: seen))
            #expect(isTaken == !isVoid)
            #expect(chain.contender(of: lineage) == (isVoid ? unseen : nil))
            #expect(sum(&chain, [update(current, nil, 0)]) == (isVoid ? 1 : 0))
        }
    }

    @Test func anEpochWhoseClaimWasNotReadIsNotAnothersToClaim() {
        var chain = SourceChain<Int>()
        _ = chain.take(update(first, nil, 0, adds: 0))
        chain.take(Claim(source: source, epoch: first))
        #expect(chain.contender(of: first) == first)
    }

    @Test func afterAnEntryThatWasPassedOverTheNextOneSaysWhatIsMissing() {
        var chain = SourceChain<Int>(SourceChainState(epoch: first, through: SourcePoint(offset: 10)))
        chain.passOver()
        #expect(chain.state.isBroken)
        guard case .added([1], let gapFrom) = chain.take(update(first, 20, 30)) else {
            Issue.record("the next update is not taken")
            return
        }
        #expect(gapFrom == SourcePoint(offset: 10))
        #expect(!chain.state.isBroken)
        guard case .unconnected = chain.take(update(first, 40, 50)) else {
            Issue.record("one entry passed over excuses another")
            return
        }
    }

    @Test func theRestOfAnUpdateWhoseFirstPartWasPassedOverCountsNothing() {
        var chain = SourceChain<Int>(SourceChainState(epoch: first, through: SourcePoint(offset: 10)))
        chain.passOver()
        guard case .skipped(.beheaded) = chain.take(update(first, 10, 20, part: 1, of: 2)) else {
            Issue.record("half an update is taken")
            return
        }
        #expect(sum(&chain, [update(first, 20, 30)]) == 1)
    }

    @Test func anOwnerThatGoesOnWhereThePassedOverEntryBeganLeavesNoGap() {
        var chain = SourceChain<Int>(SourceChainState(epoch: first, through: SourcePoint(offset: 10)))
        chain.passOver()
        chain.take(Claim(source: source, epoch: second))
        guard case .added([1], nil) = chain.take(update(second, 10, 30)) else {
            Issue.record("the range is not counted again")
            return
        }
    }

    @Test func anUnconnectedUpdateOfAHigherEpochThatIsPassedOverFencesNobodyOff() {
        var chain = SourceChain<Int>(SourceChainState(epoch: first, through: SourcePoint(offset: 10)))
        guard case .unconnected = chain.take(update(second, 40, 50)) else {
            Issue.record("an update that leaves records out is taken")
            return
        }
        #expect(chain.state.epoch == first)
        chain.passOver()
        #expect(sum(&chain, [update(first, 10, 20)]) == 1)
    }

    @Test func theLogMayBeginInsideOfAnUpdate() {
        var chain = SourceChain<Int>()
        guard case .skipped(.beheaded) = chain.take(update(first, 0, 5, part: 1, of: 2)) else {
            Issue.record("half an update is taken")
            return
        }
        #expect(sum(&chain, [update(first, 5, 9)]) == 1)
    }

    @Test func aPartThatComesTwiceCountsOnce() {
        var chain = SourceChain<Int>(SourceChainState(epoch: first, through: SourcePoint(offset: 0)))
        let parts = [0, 1, 1, 2].map { update(first, 0, 5, part: $0, of: 3) }
        #expect(sum(&chain, parts) == 3)
    }

    @Test func whereAnIncarnationBeganIsRemembered() {
        var chain = SourceChain<Int>()
        #expect(sum(&chain, [update(first, nil, 7, adds: 0), update(first, 7, 9)]) == 1)
        #expect(chain.state.began == SourcePoint(offset: 7))
        let begin = SourcePoint(incarnation: 1, offset: 2)
        for (from, to) in [(SourcePoint(offset: 9), begin), (begin, SourcePoint(incarnation: 1, offset: 5))] {
            _ = chain.take(
                ChangelogUpdate(
                    source: source, epoch: first, from: from, to: to, progress: SourceProgress(),
                    gap: from.incarnation == 0 ? .recreated : nil, amounts: 0))
        }
        #expect(chain.state.began == begin)
        #expect(chain.state.through == SourcePoint(incarnation: 1, offset: 5))
    }
}
