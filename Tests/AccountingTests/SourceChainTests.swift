import Accounting
import Testing

/// Each rule of a chain on its own.
@Suite struct SourceChainTests {
    private let source = SourcePartition(topic: "cloudtrail", partition: 3)
    private let first = OwnerEpoch(generation: 1)
    private let second = OwnerEpoch(generation: 2)

    private func update(
        _ epoch: OwnerEpoch, _ from: Int64?, _ to: Int64, part: Int = 0, of parts: Int = 1, adds amount: Int = 1
    ) -> RegisterUpdate<Int> {
        RegisterUpdate(
            source: source, epoch: epoch, from: from.map { SourcePoint(offset: $0) }, to: SourcePoint(offset: to),
            progress: SourceProgress(), part: part, parts: parts, amounts: amount)
    }

    private func sum(_ chain: inout SourceChain<Int>, _ updates: [RegisterUpdate<Int>]) -> Int {
        updates.reduce(0) { total, update in
            guard case .added(let amounts) = chain.take(update) else { return total }
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
        guard case .skipped(.unconnected) = chain.take(update(first, 1, 4)) else {
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
        #expect(chain.rival(of: first) == nil)
        // The group was deleted, and gives the same generation out again.
        chain.take(Claim(source: source, epoch: first))
        #expect(chain.rival(of: first) == first)
        chain.take(Claim(source: source, epoch: first.successor(generation: 1)))
        #expect(chain.rival(of: first.successor(generation: 1)) == nil)
        #expect(chain.rival(of: first) == OwnerEpoch(lineage: 1, generation: 1))
        #expect(sum(&chain, [update(first, nil, 5)]) == 0)
    }

    @Test func aNewLineageTakesOverOnlyWhatItsOwnerHadSeen() {
        let (seen, unseen) = (OwnerEpoch(generation: 19), OwnerEpoch(generation: 21))
        let lineage = seen.successor(generation: 19)
        for (current, isVoid) in [(seen, false), (unseen, true)] {
            var chain = SourceChain<Int>()
            chain.take(Claim(source: source, epoch: current))
            let isTaken = chain.take(Claim(source: source, epoch: lineage, over: seen))
            #expect(isTaken == !isVoid)
            #expect(chain.rival(of: lineage) == (isVoid ? unseen : nil))
            #expect(sum(&chain, [update(current, nil, 0)]) == (isVoid ? 1 : 0))
        }
    }

    @Test func anEpochWhoseClaimWasNotReadIsNotAnothersToClaim() {
        var chain = SourceChain<Int>()
        _ = chain.take(update(first, nil, 0, adds: 0))
        chain.take(Claim(source: source, epoch: first))
        #expect(chain.rival(of: first) == first)
    }

    @Test func whereAnIncarnationBeganIsRemembered() {
        var chain = SourceChain<Int>()
        #expect(sum(&chain, [update(first, nil, 7, adds: 0), update(first, 7, 9)]) == 1)
        #expect(chain.state.began == SourcePoint(offset: 7))
        let begin = SourcePoint(incarnation: 1, offset: 2)
        for (from, to) in [(SourcePoint(offset: 9), begin), (begin, SourcePoint(incarnation: 1, offset: 5))] {
            _ = chain.take(
                RegisterUpdate(
                    source: source, epoch: first, from: from, to: to, progress: SourceProgress(),
                    gap: from.incarnation == 0 ? .recreated : nil, amounts: 0))
        }
        #expect(chain.state.began == begin)
        #expect(chain.state.through == SourcePoint(incarnation: 1, offset: 5))
    }
}
