import Accounting
import Testing

@testable import Counting

/// What an owner tells of its source's state.
@Suite struct OwnedStateTests {
    private func state(_ values: [String: (Int64, String)]) throws -> SourceState {
        var state = SourceState()
        for (name, value) in values {
            try state.set(name, to: .init(through: SourcePoint(offset: value.0), text: value.1))
        }
        return state
    }

    private func owner(_ chains: [(through: Int64, state: SourceState?)]) -> PartitionOwner {
        PartitionOwner.resume(
            source: SourcePartition(topic: "t", partition: 0), epoch: OwnerEpoch(generation: 2),
            chains: chains.map { SourceChainState(through: SourcePoint(offset: $0.through), sourceState: $0.state) },
            available: .init(low: 0, high: 1000), start: 0
        ).owner
    }

    @Test func whatItDoesNotKnowItTellsAgainAsItWas() throws {
        let found = try state(["later": (10, "x"), "other": (3, "y"), "records": (10, "10@0:0")])
        var owned = OwnedState(owner([(10, found), (10, found)]), tellsRecords: false)
        #expect(owned.told == found)
        owned.count(records: 5, to: SourcePoint(offset: 15))
        #expect(owned.told == found)
    }

    /// A former owner told it to one shard and died. To the others it would say too much before they are there, and to the one it must
    /// not go back.
    @Test func aValueThatIsFurtherWaitsUntilItsPointIsCounted() throws {
        let (near, far, new) = (
            try state(["later": (10, "near")]), try state(["later": (20, "far")]), try state(["new": (30, "z")])
        )
        var owned = OwnedState(owner([(10, near), (20, far), (30, new)]), tellsRecords: false)
        #expect(owned.told == near)
        owned.count(records: 9, to: SourcePoint(offset: 19))
        #expect(owned.told == near)
        owned.count(records: 1, to: SourcePoint(offset: 20))
        #expect(owned.told == far)
        owned.pass(SourcePoint(offset: 30))
        #expect(owned.told == (try state(["later": (20, "far"), "new": (30, "z")])))
    }

    @Test func recordsAreCountedOnFromAValueThatEndsWhereCountingGoesOn() throws {
        let found = try state(["records": (10, "7@0:2")])
        var owned = OwnedState(owner([(10, found), (14, try state(["records": (14, "11@0:2")]))]), tellsRecords: true)
        owned.count(records: 3, to: SourcePoint(offset: 14))
        #expect(owned.told == (try state(["records": (14, "10@0:2")])), "what it has counted itself")
        owned.count(records: 0, to: SourcePoint(offset: 14))
        #expect(owned.told == (try state(["records": (14, "10@0:2")])))
        // Records before 40 are lost.
        owned.pass(SourcePoint(offset: 40))
        owned.goOn(at: SourcePoint(offset: 40))
        #expect(owned.told == (try state(["records": (14, "10@0:2")])))
        owned.count(records: 1, to: SourcePoint(offset: 41))
        #expect(owned.told == (try state(["records": (41, "1@0:40")])))
    }

    @Test(arguments: [(9, "7@0:2"), (10, "7"), (10, "x@0:2"), (10, "7@2"), (10, "-7@0:2")] as [(Int64, String)])
    func recordsBeginAnewBehindWhatDoesNotJoin(through: Int64, text: String) throws {
        var owned = OwnedState(owner([(10, try state(["records": (through, text)]))]), tellsRecords: true)
        owned.count(records: 2, to: SourcePoint(offset: 13))
        #expect(owned.told == (try state(["records": (13, "2@0:10")])))
    }

    @Test func recordsAreNotToldBesideSixteenOthers() throws {
        let full = try state(
            Dictionary(uniqueKeysWithValues: (0..<SourceState.namesMax).map { ("name\($0)", (Int64(10), "")) }))
        var owned = OwnedState(owner([(10, full)]), tellsRecords: true)
        owned.count(records: 2, to: SourcePoint(offset: 13))
        #expect(owned.told == full)
    }
}
