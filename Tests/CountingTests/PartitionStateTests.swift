import Accounting
import Aggregation
import Decoding
import Objectives
import Records
import TelemetryModel
import TestObjectives
import Testing

@testable import Counting
@testable import Planning

extension PartitionFlush {
    fileprivate var total: Int64 { slices.reduce(0) { $0 + $1.total } }
    fileprivate var late: Int64 { slices.reduce(0) { $0 + $1.late } }
    fileprivate var slices: [SliceDelta] { amounts.flatMap(\.objectives).flatMap(\.slices) }
}

/// What a partition hands over of what it has counted, and what it says of itself.
@Suite struct PartitionStateTests {
    private func event(_ time: String, name: String = "A", failed: Bool = false, id: Int? = nil) -> String {
        let code = failed ? #","errorCode":"X""# : ""
        let id = id.map { #","eventID":"b6a3c1f2-0000-4000-8000-00000000000\#($0)""# } ?? ""
        return #"{"eventTime":"2026-01-15T\#(time)Z","eventName":"\#(name)"\#(code)\#(id)}"#
    }

    private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: "2026-01-15T\(text)Z")) }

    // MARK: The source's state

    @Test func eachUpdateOfTheSecondVersionTellsTheSourcesState() throws {
        var found = SourceState()
        try found.set("later", to: .init(through: SourcePoint(offset: 2), text: "x"))
        let partition = try CountedPartition(chains: [3], state: found, readFrom: 1, tellsRecords: true)
        // Identities of before.
        for offset in 1..<3 { partition.count(event("09:00:10"), at: Int64(offset)) }
        partition.count(event("09:00:10"), event("09:00:11"), at: 3)
        partition.count(event("09:00:12"), at: 5)
        let flush = partition.flush()
        try found.set("records", to: .init(through: SourcePoint(offset: 6), text: "2@0:3"))
        for (form, told) in [(RecordForm.first, SourceState?.none), (.definitions, found)] {
            let json = try #require(flush.entries(shard: 0, in: form).first)
            guard case .update(let update) = try ShardEntry<ChangelogAmounts>(json: json) else {
                Issue.record("no update")
                return
            }
            #expect(update.state == told)
        }
        // The topic is deleted and made anew: what was counted of it does not go on.
        let jump = partition.state.jump(to: .init(low: 0, high: 2), sentThrough: 0)
        #expect(jump.map(\.state) == [found])
        partition.count(event("09:00:13"), at: 0)
        try found.set("records", to: .init(through: SourcePoint(incarnation: 1, offset: 1), text: "1@1:0"))
        #expect(partition.flush().state == found)
    }

    // MARK: Ranges

    @Test func rangesJoinAndEachHasWhatCameSinceTheLast() throws {
        let partition = try CountedPartition()
        let last = event("09:00:20", failed: true)
        partition.count(event("09:00:10"), event("09:00:11"), at: 0)
        partition.count(last, at: 1)
        let first = partition.state.flush(now: .zero, clock: CountedPartition.clock, sentThrough: 5)
        #expect(first.source == CountedPartition.source)
        #expect(first.epoch == OwnerEpoch(generation: 7))
        #expect(first.points == [0, 2])
        #expect(first.slices.map { [$0.good, $0.total] } == [[2, 3]])
        #expect(first.statistics.messages == 2)
        #expect(first.statistics.decodedTotal == 3)
        #expect(first.progress.watermark == (try time("09:00:20")))
        #expect(first.progress.tail == CountedPartition.fingerprint(1, last.utf8.count))
        #expect(first.sentThrough == 5)
        #expect(first.gap == nil)

        // Offsets between were compacted away.
        partition.count(event("09:00:30"), at: 4)
        let second = partition.flush()
        #expect(second.points == [2, 5])
        #expect(second.slices.map { [$0.good, $0.total] } == [[1, 1]])
        #expect(second.statistics.messages == 1)

        let empty = partition.flush()
        #expect(empty.points == [5, 5])
        #expect(empty.amounts == [ChangelogAmounts()])
        #expect(empty.statistics.messages == 0)
        #expect(empty.progress == second.progress)
    }

    @Test func amountsGoToTheShardsOfTheirObjectivesAndSeries() throws {
        let partition = try CountedPartition(chains: [0, 0, 0, 0])
        for number in 0..<20 { partition.count(event("09:00:10", name: "N\(number)"), at: Int64(number)) }
        let flush = partition.flush()
        var series = 0
        for (shard, amounts) in flush.amounts.enumerated() {
            for cell in amounts.rollups.flatMap(\.cells) {
                #expect(partition.shards.shard(ofRollup: "names", group: cell.group) == shard)
                series += 1
            }
            let hasObjective = partition.shards.shard(ofObjective: "calls") == shard
            #expect(amounts.objectives.map(\.objective) == (hasObjective ? ["calls"] : []))
            #expect(amounts.traces.isEmpty == !hasObjective)
        }
        #expect(series == 20)
        #expect(flush.amounts.filter { !$0.rollups.isEmpty }.count > 1)
        #expect(flush.total == 20)
    }

    /// Where the former owner died between two acknowledgements, shards stand apart: a range is wholly in one or not at all.
    @Test func aRangeEndsWhereAShardHasCountedUpTo() throws {
        let partition = try CountedPartition(chains: [10, 20])
        #expect(partition.state.boundary(before: 19) == nil)
        #expect(partition.state.boundary(before: 20) == 20)
        #expect(partition.state.boundary(before: 25) == 20)
        partition.count(event("09:00:10"), at: 10)
        // No record need be at the boundary itself.
        let first = partition.flush(upTo: 20)
        #expect(first.points == [10, 20])
        #expect(first.chainEnds.map(\.offset) == [10, 20])
        #expect(partition.state.boundary(before: 25) == nil)
        partition.count(event("09:00:10"), at: 25)
        let second = partition.flush()
        #expect(second.points == [20, 26])
        #expect(second.chainEnds.map(\.offset) == [20, 20])
    }

    @Test func theEndOfAPartitionEndsNoRangeBehindABoundary() throws {
        let partition = try CountedPartition(chains: [10, 20])
        partition.state.reachEnd(at: 30)
        #expect(partition.flush().points == [10, 20])
        partition.state.reachEnd(at: 30)
        #expect(partition.flush().points == [20, 30])
        // An end that is said again, or late, takes nothing back.
        partition.state.reachEnd(at: 25)
        #expect(partition.flush().points == [30, 30])
    }

    @Test func aTraceSaysWhichOffsetsHadEventsOfAnHour() throws {
        let partition = try CountedPartition()
        partition.count(event("09:30:10"), at: 0)
        partition.count(event("10:05:00"), at: 1)
        partition.count(event("09:12:40"), event("09:31:00"), at: 2)
        let traces = partition.flush().amounts[0].traces
        #expect(traces.map(\.hour) == [try time("09:12:00"), try time("10:05:00")])
        #expect(traces.map { [$0.firstOffset, $0.lastOffset] } == [[0, 2], [1, 1]])
        partition.count(event("10:06:00"), at: 3)
        #expect(partition.flush().amounts[0].traces.map { [$0.firstOffset, $0.lastOffset] } == [[3, 3]])
    }

    @Test func theLastFlushSaysWhoWaitsForIt() throws {
        let partition = try CountedPartition()
        #expect(partition.flush().released == nil)
        let token = ReleaseToken(number: 4)
        let last = partition.state.flush(
            now: .zero, clock: CountedPartition.clock, sentThrough: 0, released: token)
        #expect(last.released == token)
    }

    // MARK: Waiting

    @Test func aPartitionIsIdleOnceNothingCameForTheTimeout() throws {
        let partition = try CountedPartition()
        partition.count(event("09:00:10"), at: 0)
        #expect(partition.flush(now: .seconds(300)).progress.idleThrough == nil, "its end was not reached")
        partition.state.reachEnd(at: 1)
        partition.state.seeEnd(at: 1, asOf: .seconds(59))
        #expect(partition.flush(now: .seconds(59)).progress.idleThrough == nil)
        let minute = 60 * Timestamp.nanosecondsPerSecond
        let idle = partition.flush(now: .seconds(60))
        #expect(idle.progress.idleThrough == CountedPartition.clock.advanced(by: -minute))
        #expect(idle.points == [1, 1])

        partition.count(event("09:00:20"), at: 1, now: .seconds(61))
        #expect(partition.flush(now: .seconds(300)).progress.idleThrough == nil)
        partition.state.reachEnd(at: 2)
        partition.state.seeEnd(at: 2, asOf: .seconds(110))
        #expect(partition.flush(now: .seconds(120)).progress.idleThrough == nil)
        #expect(partition.flush(now: .seconds(121)).progress.idleThrough != nil)
    }

    @Test func aPartitionIsIdleAsFarAsTheBrokerSaysThatThereIsNoMore() throws {
        let partition = try CountedPartition()
        partition.count(event("09:00:10"), at: 0)
        #expect(!partition.state.asksForEnd(at: .seconds(300)), "there may be more to read")
        partition.state.reachEnd(at: 1)
        #expect(!partition.state.asksForEnd(at: .seconds(29)))
        #expect(partition.state.asksForEnd(at: .seconds(30)))
        // Nobody answers: that nothing comes does not say that nothing is there.
        #expect(partition.flush(now: .seconds(300)).progress.idleThrough == nil)
        // What it has is not read yet, or the question is older than the last record.
        partition.state.seeEnd(at: 2, asOf: .seconds(300))
        partition.state.seeEnd(at: 1, asOf: .seconds(-1))
        #expect(partition.flush(now: .seconds(300)).progress.idleThrough == nil)
        partition.state.seeEnd(at: 1, asOf: .seconds(300))
        func idle(at now: Int64) -> Int64? {
            partition.flush(now: .seconds(now)).progress.idleThrough.map {
                ($0.nanoseconds - CountedPartition.clock.nanoseconds) / Timestamp.nanosecondsPerSecond
            }
        }
        #expect(idle(at: 300) == -60)
        #expect(idle(at: 360) == -60)
        // The clock goes on here without the fixture's: the mark stays at the answer.
        #expect(idle(at: 400) == -100)
        partition.state.seeEnd(at: 1, asOf: .seconds(390))
        #expect(idle(at: 400) == -60)
        // An answer that comes late takes nothing back.
        partition.state.seeEnd(at: 1, asOf: .seconds(350))
        #expect(idle(at: 400) == -60)
        partition.count(event("09:00:20"), at: 1, now: .seconds(401))
        partition.state.reachEnd(at: 2)
        #expect(idle(at: 500) == nil)
    }

    @Test func whatIsNotFlushedWaitsSinceItsFirstMessage() throws {
        let partition = try CountedPartition()
        #expect(partition.state.unflushedSince == nil)
        partition.count(event("09:00:10"), at: 0, now: .seconds(5))
        partition.count(event("09:00:10"), at: 1, now: .seconds(7))
        #expect(partition.state.unflushedSince == .seconds(5))
        #expect(partition.state.heldBytes > 0)
        _ = partition.flush(now: .seconds(8))
        #expect(partition.state.unflushedSince == nil)
        // The key of the one group is kept for the next events, until there is too much.
        #expect(partition.state.heldBytes == 36)
        _ = partition.state.flush(
            now: .seconds(9), clock: CountedPartition.clock, sentThrough: 0, forgettingGroups: true)
        #expect(partition.state.heldBytes == 0)
    }

    // MARK: Gaps

    @Test func recordsThatWereRemovedAreGoneOverInAFlushOfTheirOwn() throws {
        let partition = try CountedPartition()
        partition.count(event("09:00:10"), at: 0)
        _ = partition.flush()
        let flushes = partition.state.jump(to: .init(low: 50, high: 100), sentThrough: 9)
        #expect(flushes.map(\.points) == [[1, 50]])
        let gap = try #require(flushes.first)
        #expect(gap.gap == .expired)
        #expect(gap.amounts == [ChangelogAmounts()])
        #expect(gap.progress == SourceProgress(watermark: try time("09:00:10")))
        #expect(gap.sentThrough == 9)
        #expect(partition.state.standing.next == 50)
        #expect(partition.state.standing.tail == nil)
        // Event time goes on from where it was.
        partition.count(event("07:00:00"), at: 50)
        #expect(partition.flush().late == 1)
    }

    @Test func aGapEndsAtBoundariesToo() throws {
        let partition = try CountedPartition(chains: [10, 20])
        let flushes = partition.state.jump(to: .init(low: 50, high: 100), sentThrough: 0)
        #expect(flushes.map(\.points) == [[10, 20], [20, 50]])
        #expect(flushes.map { $0.chainEnds.map(\.offset) } == [[10, 20], [20, 20]])
        #expect(flushes.allSatisfy { $0.amounts.count == 2 })
    }

    @Test func aTopicMadeAnewBeginsAnotherIncarnationAndItsOwnTime() throws {
        let partition = try CountedPartition()
        for offset: Int64 in 0..<8 { partition.count(event("09:00:10"), at: offset) }
        _ = partition.flush()
        let gap = try #require(partition.state.jump(to: .init(low: 0, high: 3), sentThrough: 0).first)
        #expect(gap.gap == .recreated)
        #expect(gap.range.from == SourcePoint(offset: 8))
        #expect(gap.range.to == SourcePoint(incarnation: 1, offset: 0))
        #expect(gap.progress == SourceProgress())
        partition.count(event("07:00:00"), at: 0)
        let flush = partition.flush()
        #expect(flush.range.from == SourcePoint(incarnation: 1, offset: 0))
        #expect(flush.total == 1)
        #expect(flush.late == 0)
    }

    /// That a position was lost may be said twice.
    @Test func whatTheBrokerHasIsNoGap() throws {
        let partition = try CountedPartition()
        partition.count(event("09:00:10"), at: 0)
        _ = partition.flush()
        #expect(partition.state.jump(to: .init(low: 0, high: 100), sentThrough: 0).isEmpty)
        #expect(partition.state.standing.next == 1)
        #expect(partition.state.standing.tail != nil)
    }

    // MARK: What counts

    @Test func aWatermarkOutlivesTheFlush() throws {
        let partition = try CountedPartition()
        partition.count(event("12:00:00"), at: 0)
        _ = partition.flush()
        partition.count(event("10:59:59"), event("11:00:00"), at: 1)
        let flush = partition.flush()
        #expect(flush.late == 1)
        #expect(flush.total == 1)
        #expect(flush.statistics.late == [.cloudTrail: 1])
    }

    @Test func whatIsReadBackIsNotCountedAndItsEventsAreKnown() throws {
        let window = EventIdentityWindow(offsetsMax: 100, identitiesMax: 100)
        let partition = try CountedPartition(chains: [10], readFrom: 8, identities: DeliveredEvents(latest: window))
        #expect(partition.state.readNext == 8)
        partition.count(event("09:00:00", id: 1), at: 8)
        partition.count(event("09:00:00", id: 2), at: 9)
        #expect(partition.state.readNext == 10)
        #expect(partition.state.unflushedSince == nil)
        #expect(partition.flush().points == [10, 10])
        partition.count(event("09:00:00", id: 1), event("09:00:00", id: 3), at: 10)
        let flush = partition.flush()
        #expect(flush.points == [10, 11])
        #expect(flush.total == 1)
        #expect(flush.statistics.duplicates == 1)
        #expect(flush.statistics.messages == 1)
    }

    @Test(arguments: [true, false]) func aMessageIsGivenUpWhenTheWatchSaysSo(goesOn: Bool) throws {
        let watch = MessageWatch(interval: .zero)
        watch.look = { goesOn }
        let partition = try CountedPartition(watch: watch)
        #expect(partition.count(String(repeating: "x\n", count: 10_000), at: 0) == goesOn)
    }
}
