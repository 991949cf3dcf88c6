import Accounting
import Records
import Testing

@testable import Counting

/// Where a new owner goes on, whom it fences off, and when it leaves a partition alone.
@Suite struct TakeoverDriverTests {
    private static let source = SourcePartition(topic: "t", partition: 0)
    private static let other = SourcePartition(topic: "t", partition: 1)
    private static let former = OwnerEpoch(generation: 2)

    /// In generation 3.
    private func driver(
        _ partitions: [AssignedPartition], readBack: Int64 = 0, trustsHints: Bool = true, needsState: Bool = false
    ) -> TakeoverDriver {
        TakeoverDriver(
            partitions, generation: 3, readBack: ["t": readBack], shardCount: TakeoverWorld.shards,
            trustsHints: trustsHints, needsState: needsState)
    }

    private func assigned(
        _ source: SourcePartition = Self.source, committed: Int64 = 0, hint: OwnerHint? = nil
    ) -> AssignedPartition {
        AssignedPartition(source: source, committed: committed, hint: hint)
    }

    private func hint(
        offset: Int64, through: Int64, epoch: OwnerEpoch = Self.former, tellsState: Bool = true
    ) -> OwnerHint {
        let place = OwnerHint.Place(offset: offset, through: SourcePoint(offset: through))
        return OwnerHint(
            epoch: epoch, places: Array(repeating: place, count: TakeoverWorld.shards), tellsState: tellsState)
    }

    private func checkpoints(next: Int64, _ chain: SourceChainState) -> [ShardCheckpointRecord] {
        (0..<Int32(TakeoverWorld.shards)).map { shard in
            ShardCheckpointRecord(
                shard: shard, shards: TakeoverWorld.shards, epoch: OwnerEpoch(generation: 1),
                checkpoint: ShardCheckpoint(next: next, closedBefore: nil, chains: [Self.source: chain]))
        }
    }

    private func taken(_ outcome: TakeoverOutcome?) throws -> [TakenPartition] {
        guard case .taken(let taken) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return []
        }
        return taken
    }

    // MARK: Which place to read from

    @Test func aPartitionThatNobodyKnowsBeginsWhereTheGroupHasCommitted() throws {
        var world = TakeoverWorld()
        world.available[Self.source] = .init(low: 2, high: 50)
        let taken = try taken(world.run(driver([assigned(committed: 5)], readBack: 100)))
        #expect(
            world.said == [
                "checkpoints", "claim 0 as 0.3", "read all all", "claimed 2", "look 0@5", "0 begins at 5, not 2",
                "open 0 in 0: nil-5", "open 0 in 1: nil-5", "openings",
            ])
        #expect(taken.map(\.owner.position) == [SourcePoint(offset: 5)])
        #expect(taken.map(\.owner.epoch) == [OwnerEpoch(generation: 3)])
        #expect(taken.map(\.readFrom) == [2], "not before what the broker has")
        #expect(taken.map(\.openings.count) == [2])
    }

    @Test func aHintIsReadFromAndNoCheckpoint() throws {
        var world = TakeoverWorld()
        world.count(Self.source, Self.former, from: 0, to: 10)
        world.available[Self.source] = .init(low: 0, high: 50)
        let assigned = assigned(committed: 10, hint: hint(offset: 2, through: 0))
        let taken = try taken(world.run(driver([assigned], readBack: 3)))
        #expect(world.said == ["claim 0 as 0.3", "read 2 2", "claimed 4", "look 0@10 tail", "openings"])
        #expect(taken.map(\.owner.position) == [SourcePoint(offset: 10)])
        #expect(taken.map(\.readFrom) == [7])
    }

    @Test func whatHasNoHintIsReadFromItsCheckpoint() throws {
        var world = TakeoverWorld()
        world.count(Self.source, Self.former, from: 0, to: 10)
        world.checkpoints = checkpoints(
            next: 2, SourceChainState(epoch: Self.former, began: .init(offset: 0), through: .init(offset: 0)))
        world.available[Self.source] = .init(low: 0, high: 50)
        let taken = try taken(world.run(driver([assigned()])))
        #expect(world.said == ["checkpoints", "claim 0 as 0.3", "read 2 2", "claimed 4", "look 0@10 tail", "openings"])
        #expect(taken.map(\.owner.position) == [SourcePoint(offset: 10)])
    }

    /// So that a roll from version 1 to 2 makes no second claim in a generation, and no lineage.
    @Test func aHintOfAnOwnerThatToldNoStatesIsNoneWhereTheyAreNeeded() throws {
        var world = TakeoverWorld()
        world.count(Self.source, Self.former, from: 0, to: 10)
        world.available[Self.source] = .init(low: 0, high: 50)
        let assigned = assigned(committed: 10, hint: hint(offset: 2, through: 0, tellsState: false))
        let taken = try taken(world.run(driver([assigned], needsState: true)))
        #expect(
            world.said == [
                "checkpoints", "claim 0 as 0.3", "read all all", "claimed 8", "look 0@10 tail", "openings",
            ])
        #expect(taken.map(\.owner.sourceStates) == [[]])
    }

    /// Behind the hint's place nothing tells the state: that is not to be taken for none.
    @Test func aHintThatDoesNotTellTheSourcesStateIsGivenUpWhereItIsNeeded() throws {
        var state = SourceState()
        try state.set("later", to: .init(through: SourcePoint(offset: 10), text: "x"))
        var world = TakeoverWorld()
        world.form = .definitions
        world.claim(Self.source, Self.former)
        world.update(Self.source, Self.former, nil, 0)
        world.update(Self.source, Self.former, 0, 10, state: state)
        world.update(Self.source, Self.former, 10, 20)
        world.available[Self.source] = .init(low: 0, high: 50)
        let unfit = assigned(committed: 20, hint: hint(offset: 3, through: 10))
        var other = world
        guard case .unfitHints = other.run(driver([unfit], needsState: true)) else {
            Issue.record("\(other.said)")
            return
        }
        let read = try taken(other.run(driver([unfit], trustsHints: false, needsState: true)))
        #expect(read.map(\.owner.sourceStates) == [[state, state]])
        other = world
        #expect(try taken(other.run(driver([unfit]))).map(\.owner.sourceStates) == [[]])
        let fit = assigned(committed: 20, hint: hint(offset: 2, through: 0))
        #expect(try taken(world.run(driver([fit], needsState: true))).map(\.owner.sourceStates) == [[state, state]])
    }

    /// Where not even the log knows it, because its beginning is gone, there is none from then on.
    @Test func aStateThatNobodyTellsIsNone() throws {
        var world = TakeoverWorld()
        world.claim(Self.source, Self.former)
        world.update(Self.source, Self.former, 10, 20)
        world.checkpoints = checkpoints(
            next: 1, SourceChainState(epoch: Self.former, through: .init(offset: 10)))
        world.available[Self.source] = .init(low: 0, high: 50)
        let taken = try taken(world.run(driver([assigned()], needsState: true)))
        #expect(
            world.said == [
                "checkpoints", "claim 0 as 0.3", "read 1 1", "unfit checkpoint", "read all all", "claimed 6",
                "look 0@20 tail", "openings",
            ])
        #expect(taken.map(\.owner.sourceStates) == [[]])
    }

    /// The hint's owner was followed by one who counted on: what is read from its place does not connect.
    @Test func aHintThatDoesNotFitIsGivenUpForCheckpoints() throws {
        var world = TakeoverWorld()
        world.count(Self.source, Self.former, from: 0, to: 10)
        world.update(Self.source, Self.former, 10, 20)
        world.available[Self.source] = .init(low: 0, high: 50)
        let assigned = assigned(committed: 10, hint: hint(offset: 3, through: 7))
        guard case .unfitHints = world.run(driver([assigned])) else {
            Issue.record("\(world.said)")
            return
        }
        #expect(world.said == ["claim 0 as 0.3", "read 3 3"])
        // The claim of the attempt before stands in the log, in the same epoch.
        let taken = try taken(world.run(driver([assigned], trustsHints: false)))
        #expect(
            world.said == [
                "checkpoints", "claim 0 as 0.3", "read all all", "ask", "claim 0 as 1.3 over 0.3", "read all all",
                "claimed 14", "look 0@20 tail", "openings",
            ])
        #expect(taken.map(\.owner.position) == [SourcePoint(offset: 20)])
    }

    /// Nothing that is counted on in such a log would be evaluated, whoever goes on with it.
    @Test func aLogThatEndsBeforeAnEvaluatorsCheckpointIsNotCountedOnIn() throws {
        var world = TakeoverWorld()
        world.count(Self.source, Self.former, from: 0, to: 10)
        // Of the topic before this one, which was longer.
        world.checkpoints = checkpoints(next: 900, SourceChainState(through: .init(offset: 4000)))
        world.available[Self.source] = .init(low: 0, high: 50)
        guard case .logLost(let beyond) = world.run(driver([assigned()])) else {
            Issue.record("\(world.said)")
            return
        }
        #expect(world.said == ["checkpoints", "claim 0 as 0.3", "read 900 900"])
        #expect(beyond.place == 900 && beyond.end == Int64(world.logs[Int(beyond.shard)].count))
    }

    @Test func checkpointsOfAnotherNumberOfShardsStopBeforeAnythingIsClaimed() throws {
        var world = TakeoverWorld()
        world.count(Self.source, Self.former, from: 0, to: 10)
        world.checkpoints = [
            ShardCheckpointRecord(
                shard: 0, shards: TakeoverWorld.shards + 1, epoch: OwnerEpoch(generation: 1),
                checkpoint: ShardCheckpoint(next: 3, closedBefore: nil, chains: [:]))
        ]
        world.available[Self.source] = .init(low: 0, high: 50)
        let entries = world.logs.map(\.count)
        // A hint of the former owner is of as many shards as there were, too.
        let place = OwnerHint.Place(offset: 3, through: SourcePoint(offset: 10))
        let hint = OwnerHint(
            epoch: Self.former, places: Array(repeating: place, count: TakeoverWorld.shards + 1))
        guard case .shardsChanged(was: TakeoverWorld.shards + 1) = world.run(driver([assigned(hint: hint)])) else {
            Issue.record("\(world.said)")
            return
        }
        #expect(world.said == ["checkpoints"])
        #expect(world.logs.map(\.count) == entries)
    }

    // MARK: Rivals

    @Test func anEpochAboveTheGenerationsOwnIsSupersededOnlyByAMember() throws {
        var world = TakeoverWorld()
        let known = OwnerEpoch(generation: 7)
        world.count(Self.source, known, from: 0, to: 10)
        world.checkpoints = checkpoints(
            next: 3, SourceChainState(epoch: known, began: .init(offset: 0), through: .init(offset: 10)))
        world.available[Self.source] = .init(low: 0, high: 50)
        world.isMember = false
        guard case .followed = world.run(driver([assigned()])) else {
            Issue.record("\(world.said)")
            return
        }
        #expect(world.said == ["checkpoints", "ask"])
        #expect(world.logs.allSatisfy { $0.count == 3 }, "nothing was claimed")

        world.isMember = true
        let taken = try taken(world.run(driver([assigned()])))
        #expect(world.said.prefix(4) == ["checkpoints", "ask", "claim 0 as 1.3 over 0.7", "read 3 3"])
        #expect(taken.map(\.owner.epoch) == [OwnerEpoch(lineage: 1, generation: 3)])
    }

    /// The group was deleted and counts its generations anew: the claim is void, and the log shows it.
    @Test func aRivalThatIsFoundIsSupersededUnlessTheGroupHasGoneOn() throws {
        var world = TakeoverWorld()
        world.count(Self.source, OwnerEpoch(generation: 9), from: 0, to: 10)
        world.available[Self.source] = .init(low: 0, high: 50)
        var refused = world
        refused.isMember = false
        let taken = try taken(world.run(driver([assigned()])))
        #expect(
            world.said == [
                "checkpoints", "claim 0 as 0.3", "read all all", "ask", "claim 0 as 1.3 over 0.9", "read all all",
                "claimed 10", "look 0@10 tail", "openings",
            ])
        #expect(taken.map(\.owner.epoch) == [OwnerEpoch(lineage: 1, generation: 3)])
        guard case .followed = refused.run(driver([assigned()])) else {
            Issue.record("\(refused.said)")
            return
        }
        #expect(refused.said.last == "ask")
    }

    /// A claim that no reader takes would stop all of them; in a later generation there is one.
    @Test func anEpochThatNoneCanFollowIsSaidAndNotClaimed() throws {
        var world = TakeoverWorld()
        let highest = OwnerEpoch(lineage: Int32.max / 2 - 1, generation: 3)
        world.count(Self.source, OwnerEpoch(generation: 2), from: 0, to: 10)
        world.claim(Self.source, highest)
        world.available[Self.source] = .init(low: 0, high: 50)
        guard case .exhausted(let error) = world.run(driver([assigned()])) else {
            Issue.record("\(world.said)")
            return
        }
        #expect(error.source == Self.source && !error.epoch.isValid)
        #expect(world.said.last == "ask")

        world.logs = [[], []]
        world.count(Self.source, OwnerEpoch(generation: 2), from: 0, to: 10)
        world.claim(Self.source, OwnerEpoch(lineage: highest.lineage, generation: 2))
        let taken = try taken(world.run(driver([assigned()])))
        #expect(taken.map(\.owner.epoch) == [highest])
    }

    @Test func ofTwoSourcesOnlyTheOneWithARivalIsClaimedAgain() throws {
        var world = TakeoverWorld()
        world.claim(Self.other, OwnerEpoch(generation: 9), in: 1..<2)
        world.available = [Self.source: .init(low: 0, high: 5), Self.other: .init(low: 0, high: 5)]
        let taken = try taken(world.run(driver([assigned(), assigned(Self.other)])))
        #expect(
            world.said.prefix(6) == [
                "checkpoints", "claim 0 as 0.3, 1 as 0.3", "read all all", "ask", "claim 1 as 1.3 over 0.9",
                "read all all",
            ])
        #expect(taken.map(\.owner.epoch) == [OwnerEpoch(generation: 3), OwnerEpoch(lineage: 1, generation: 3)])
    }

    // MARK: What stops it

    @Test func aLogThatEndsBeforeTheClaimIsReadAnew() {
        var world = TakeoverWorld()
        world.keptBack = 1
        guard case .retry(let missing) = world.run(driver([assigned()])) else {
            Issue.record("\(world.said)")
            return
        }
        #expect(missing == ClaimNotRead(source: Self.source, shard: 1))
    }

    @Test func anUpdateThatFollowsNothingStops() {
        var world = TakeoverWorld()
        world.count(Self.source, Self.former, from: 0, to: 10)
        world.update(Self.source, Self.former, 15, 20, in: 1..<2)
        guard case .stop(let record) = world.run(driver([assigned()])) else {
            Issue.record("\(world.said)")
            return
        }
        #expect(record.place == TopicPlace(topic: "registers", partition: 1, offset: 3))
    }

    @Test func anEntryThatCanNotBeReadStops() {
        var world = TakeoverWorld()
        world.logs[0].append(.init(source: Self.source, json: Array(#"{"kind":"claim"}"#.utf8)))
        // Of a source that is not taken over it is nobody's business here.
        world.logs[1].append(.init(source: Self.other, json: Array("x".utf8)))
        guard case .stop(let record) = world.run(driver([assigned()])) else {
            Issue.record("\(world.said)")
            return
        }
        #expect(record.place == TopicPlace(topic: "registers", partition: 0, offset: 0))
    }

    @Test func aPartitionWhoseLeaderIsAwayHoldsBackNoOther() throws {
        var world = TakeoverWorld()
        world.available[Self.other] = .init(low: 0, high: 5)
        let taken = try taken(world.run(driver([assigned(), assigned(Self.other)])))
        #expect(taken.map(\.owner.source) == [Self.other])
        #expect(
            world.said.suffix(5) == [
                "look 0@0", "look 1@0", "open 1 in 0: nil-0", "open 1 in 1: nil-0", "openings",
            ])
    }

    @Test func anEntryThatIsPassedOverLeavesAGapThatTheNextUpdateEnds() {
        let claim = Claim(source: Self.source, epoch: Self.former)
        var found = ReadBack([Self.source: claim], from: ReadBackPlaces(shards: 1))
        func place(_ offset: Int64) -> TopicPlace { TopicPlace(topic: "registers", partition: 0, offset: offset) }
        func update(_ from: Int64?, _ to: Int64) -> [UInt8] {
            ShardEntry.update(
                ChangelogUpdate(
                    source: Self.source, epoch: Self.former, from: from.map { SourcePoint(offset: $0) },
                    to: SourcePoint(offset: to), progress: SourceProgress(), amounts: ChangelogAmounts())
            ).json
        }
        found.read(update(nil, 0), of: Self.source, at: place(0))
        found.passOver(entryOf: Self.source, at: place(1))
        found.read(update(10, 20), of: Self.source, at: place(2))
        #expect(found.unconnected == nil)
        #expect(found.shards[0].state(of: Self.source).through == SourcePoint(offset: 20))
    }
}
