import Accounting
import Records
import Testing

@testable import Counting

/// Brokers, a group and the logs of two shards around the driver of a takeover.
private struct TakeoverWorld {
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

    mutating func append(_ entry: ShardEntry<RegisterAmounts>, of source: SourcePartition, to shard: Int) {
        logs[shard].append(Entry(source: source, json: entry.json))
    }

    mutating func claim(_ source: SourcePartition, _ epoch: OwnerEpoch, in shards: Range<Int> = 0..<Self.shards) {
        for shard in shards { append(.claim(Claim(source: source, epoch: epoch)), of: source, to: shard) }
    }

    mutating func update(
        _ source: SourcePartition, _ epoch: OwnerEpoch, _ from: Int64?, _ to: Int64,
        in shards: Range<Int> = 0..<Self.shards
    ) {
        for shard in shards {
            let update = RegisterUpdate(
                source: source, epoch: epoch, from: from.map { SourcePoint(offset: $0) }, to: SourcePoint(offset: to),
                progress: SourceProgress(tail: .init(timestampMilliseconds: to, byteCount: 1)),
                amounts: RegisterAmounts())
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
            if let start, start > log.count { found.isBeyond = true }
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

/// Where a new owner goes on, whom it fences off, and when it leaves a partition alone.
@Suite struct TakeoverDriverTests {
    private static let source = SourcePartition(topic: "t", partition: 0)
    private static let other = SourcePartition(topic: "t", partition: 1)
    private static let former = OwnerEpoch(generation: 2)

    /// In generation 3.
    private func driver(
        _ partitions: [AssignedPartition], readBack: Int64 = 0, trustsHints: Bool = true
    ) -> TakeoverDriver {
        TakeoverDriver(
            partitions, generation: 3, readBack: ["t": readBack], shardCount: TakeoverWorld.shards,
            trustsHints: trustsHints)
    }

    private func assigned(
        _ source: SourcePartition = Self.source, committed: Int64 = 0, hint: OwnerHint? = nil
    ) -> AssignedPartition {
        AssignedPartition(source: source, committed: committed, hint: hint)
    }

    private func hint(offset: Int64, through: Int64, epoch: OwnerEpoch = Self.former) -> OwnerHint {
        let place = OwnerHint.Place(offset: offset, through: SourcePoint(offset: through))
        return OwnerHint(epoch: epoch, places: Array(repeating: place, count: TakeoverWorld.shards))
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

    @Test func aCheckpointThatDoesNotFitHasAllOfTheLogsRead() throws {
        var world = TakeoverWorld()
        world.count(Self.source, Self.former, from: 0, to: 10)
        // Of the topic before this one, which was longer.
        world.checkpoints = checkpoints(next: 900, SourceChainState(through: .init(offset: 4000)))
        world.available[Self.source] = .init(low: 0, high: 50)
        let taken = try taken(world.run(driver([assigned()])))
        #expect(
            world.said == [
                "checkpoints", "claim 0 as 0.3", "read 900 900", "unfit checkpoint", "read all all", "claimed 8",
                "look 0@10 tail", "openings",
            ])
        #expect(taken.map(\.owner.position) == [SourcePoint(offset: 10)])
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
                RegisterUpdate(
                    source: Self.source, epoch: Self.former, from: from.map { SourcePoint(offset: $0) },
                    to: SourcePoint(offset: to), progress: SourceProgress(), amounts: RegisterAmounts())
            ).json
        }
        found.read(update(nil, 0), of: Self.source, at: place(0))
        found.passOver(entryOf: Self.source, at: place(1))
        found.read(update(10, 20), of: Self.source, at: place(2))
        #expect(found.unconnected == nil)
        #expect(found.shards[0].state(of: Self.source).through == SourcePoint(offset: 20))
    }
}
