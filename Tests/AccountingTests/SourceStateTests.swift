import Accounting
import Testing

/// What a chain knows of its source's state.
@Suite struct SourceStateTests {
    private let source = SourcePartition(topic: "cloudtrail", partition: 3)
    private let epoch = OwnerEpoch(generation: 1)

    private func records(_ count: Int64) throws -> SourceState {
        var state = SourceState()
        try state.set(
            "records", to: SourceState.Value(through: SourcePoint(offset: count), text: "\(count)"))
        return state
    }

    private func update(_ from: Int64?, _ to: Int64, _ state: SourceState?) -> ChangelogUpdate<Int> {
        ChangelogUpdate(
            source: source, epoch: epoch, from: from.map { SourcePoint(offset: $0) }, to: SourcePoint(offset: to),
            progress: SourceProgress(), amounts: 1
        ).telling(state)
    }

    @Test func whatAnUpdateDoesNotTellIsKeptAndARepeatedOneChangesNothing() throws {
        var chain = SourceChain<Int>()
        _ = chain.take(update(nil, 0, nil))
        #expect(chain.state.sourceState == SourceState())
        _ = chain.take(update(0, 20, try records(20)))
        _ = chain.take(update(20, 30, nil))
        #expect(chain.state.sourceState == (try records(20)))
        _ = chain.take(update(20, 30, try records(99)))
        #expect(chain.state.sourceState == (try records(20)))
    }

    @Test func behindAHintsPlaceTheStateIsNotKnownUntilAnUpdateTellsIt() throws {
        var chain = SourceChain<Int>(SourceChainState(epoch: epoch, through: SourcePoint(offset: 20)))
        _ = chain.take(update(20, 30, nil))
        #expect(chain.state.sourceState == nil)
        _ = chain.take(update(30, 40, try records(40)))
        #expect(chain.state.sourceState == (try records(40)))
    }

    @Test func ofTwoShardsWordsTheFurtherCountsThatIsNotBeyondThePoint() throws {
        var state = SourceState()
        state.take(from: try records(20), through: SourcePoint(offset: 25))
        state.take(from: try records(10), through: SourcePoint(offset: 25))
        state.take(from: try records(26), through: SourcePoint(offset: 25))
        #expect(state == (try records(20)))
        #expect(try records(26).goes(beyond: SourcePoint(offset: 25)))
        #expect(try !records(25).goes(beyond: SourcePoint(offset: 25)))
    }

    @Test func eachBoundIsNamedAndLeavesTheStateAsItWas() throws {
        let value = SourceState.Value(through: SourcePoint(offset: 0), text: "")
        var state = SourceState()
        for number in 0..<SourceState.namesMax { try state.set("name\(number)", to: value) }
        let full = state
        #expect(throws: SourceStateBound.names) { try state.set("more", to: value) }
        #expect(throws: SourceStateBound.nameBytes(0)) { try state.set("", to: value) }
        let long = SourceState.Value(through: SourcePoint(offset: 0), text: String(repeating: "a", count: 257))
        #expect(throws: SourceStateBound.valueBytes("name0", 257)) { try state.set("name0", to: long) }
        #expect(state == full)
        var other = SourceState()
        try other.set("more", to: value)
        state.take(from: other, through: SourcePoint(offset: 0))
        #expect(state == full, "what has no place is left out")
    }
}
