import Accounting
import Testing

@testable import Counting

/// When a worker flushes, when it has to wait, and what it shows meanwhile.
@Suite struct WorkerFlushTests {
    private func worker(
        _ partitions: Int32..., heldBytesMax: Int = .max, largeFlushBytes: Int = 4 << 20
    ) throws -> WorkerFixture {
        let worker = try WorkerFixture(heldBytesMax: heldBytesMax, largeFlushBytes: largeFlushBytes)
        _ = worker.driver.step(.beforeBatch(partitions.map { WorkerFixture.assign($0) }))
        worker.driver.beginBatch(of: partitions.map(WorkerFixture.source))
        return worker
    }

    @Test func allPartitionsAreFlushedEveryInterval() throws {
        let worker = try worker(4, 3)
        worker.count(of: 0, at: 0)
        worker.clock.now = .milliseconds(1999)
        _ = worker.driver.step(.afterBatch)
        #expect(worker.taken().isEmpty)
        worker.clock.now = .seconds(2)
        worker.clock.sentThrough = 12
        _ = worker.driver.step(.afterBatch)
        let flushes = worker.taken()
        #expect(flushes.map(\.partition) == [3, 4])
        #expect(flushes.map(\.events) == [0, 1])
        #expect(flushes.map(\.sentThrough) == [12, 12])
        _ = worker.driver.step(.afterBatch)
        #expect(worker.taken().isEmpty)
    }

    @Test func whileFlushesWaitCountingGoesOnAndTheNextSaysItInOne() throws {
        let worker = try worker(3)
        for second in 0..<10 {
            worker.clock.now = .seconds(second)
            worker.count(at: Int64(second))
            _ = worker.driver.step(.afterBatch)
            worker.begin(3)
        }
        #expect(worker.taken().map(\.points) == [[0, 3]])
        _ = worker.driver.step(.afterBatch)
        #expect(worker.taken().map(\.points) == [[3, 10]])
    }

    /// A large flush that takes long is followed by fewer, so that counting has its time; no count waits longer than ten seconds
    /// for that.
    @Test(arguments: [(took: Duration.milliseconds(500), waits: 5), (.seconds(4), 10)])
    func flushesTakeTheirShareOfTheTime(took: Duration, waits: Int) throws {
        let worker = try worker(3, largeFlushBytes: 1)
        func flushes(at now: Duration) -> [[Int64]] {
            worker.clock.now = now
            _ = worker.driver.step(.afterBatch)
            worker.begin(3)
            return worker.taken().map(\.points)
        }
        worker.count(at: 0)
        #expect(flushes(at: .seconds(2)) == [[0, 1]])
        worker.count(at: 1)
        // What was taken is published when more is asked for.
        #expect(flushes(at: .seconds(2) + took - .milliseconds(1)).isEmpty)
        #expect(flushes(at: .seconds(2) + took).isEmpty)
        #expect(flushes(at: .seconds(2 + waits) - .milliseconds(1)).isEmpty)
        #expect(flushes(at: .seconds(2 + waits)) == [[1, 2]])
        // One that is published at once is followed by the next after the interval.
        for _ in 0..<2 { #expect(flushes(at: .seconds(2 + waits)).isEmpty) }
        worker.count(at: 2)
        #expect(flushes(at: .seconds(4 + waits)) == [[2, 3]])
    }

    /// Where it is the machine or the broker that takes long, what is judged by event time waits no longer for that.
    @Test func smallFlushesKeepTheirInterval() throws {
        let worker = try worker(3)
        for second in 1...4 {
            worker.count(at: Int64(second))
            worker.clock.now = .seconds(2 * second)
            _ = worker.driver.step(.afterBatch)
            worker.begin(3)
            // Taken, and published when the next is.
            #expect(worker.taken().count == 1)
        }
    }

    @Test func moreThanTheRingHoldsIsFlushedInTurns() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch((0..<300).map { WorkerFixture.assign($0) }))
        worker.clock.now = .seconds(2)
        _ = worker.driver.step(.afterBatch)
        let first = worker.taken()
        _ = worker.driver.step(.afterBatch)
        let second = worker.taken()
        #expect(first.count == 256)
        #expect((first + second).map(\.partition) == Array(0..<300))
    }

    @Test func rangesEndAtBoundaries() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3, chains: [5, 9])]))
        worker.begin(3)
        #expect(worker.count(at: 7) == .counted)
        #expect(worker.count(at: 12) == .counted)
        #expect(worker.taken().map(\.points) == [[5, 9]])
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(4, chains: [5, 9])]))
        // The offsets up to the end hold no record.
        #expect(worker.driver.reachEnd(of: WorkerFixture.source(4), at: 20))
        #expect(worker.taken().map(\.points) == [[5, 9]])
        worker.clock.now = .seconds(2)
        _ = worker.driver.step(.afterBatch)
        #expect(worker.taken().map(\.points) == [[9, 13], [9, 20]])
    }

    @Test func theEndsOfQuietPartitionsAreAskedFor() throws {
        let worker = try worker(3, 4, 5)
        worker.begin(3, 4, 5)
        for index in 0..<3 { worker.count(of: index, at: 0) }
        for partition in Int32(3)...4 {
            #expect(worker.driver.reachEnd(of: WorkerFixture.source(partition), at: 1))
        }
        func asked(at now: Int64) -> [[SourcePartition]] {
            worker.clock.now = .seconds(now)
            return worker.driver.step(.afterBatch).compactMap {
                if case .askForEnds(let sources) = $0 { sources } else { nil }
            }
        }
        #expect(asked(at: 29) == [])
        #expect(asked(at: 30) == [[3, 4].map(WorkerFixture.source)])
        #expect(asked(at: 31) == [], "half of the time-out is as often as it is needed")
        _ = worker.driver.step(.beforeBatch([.end(WorkerFixture.source(4), at: 1, asOf: .seconds(30))]))
        _ = worker.taken()
        #expect(asked(at: 60) == [[3, 4].map(WorkerFixture.source)])
        #expect(worker.taken().map { $0.progress.idleThrough != nil } == [false, true, false])
    }

    @Test func aFullPartitionIsNotKeptUntilTheInterval() throws {
        let worker = try worker(3, 4)
        worker.count(of: 0, at: 0)
        let lines = (0..<PartitionCounter.openWindowsMax).map { WorkerFixture.event(minute: $0) }
        worker.count(lines.joined(separator: "\n"), of: 1, at: 0)
        #expect(worker.taken().map(\.partition) == [4])
    }

    @Test func partitionsThatHoldTooMuchTogetherAreAllFlushed() throws {
        let worker = try worker(3, 4, 5, heldBytesMax: 1)
        worker.count(of: 0, at: 0)
        #expect(worker.taken().map(\.partition) == [3])
        let roomy = try self.worker(3, 4, 5, heldBytesMax: 20_000)
        for minute in 0..<60 {
            roomy.count(WorkerFixture.event(minute: minute), of: minute % 2, at: Int64(minute / 2))
        }
        // Neither alone has too much, and the third holds nothing.
        let flushed = Set(roomy.taken().map(\.partition))
        #expect(flushed == [3, 4])
    }

    /// The ring is the bound: what does not fit is not counted yet, so nothing is lost and nothing grows.
    @Test func withoutRoomNoMessageIsTakenAndNothingIsLost() throws {
        let worker = try worker(3, heldBytesMax: 1)
        var offset: Int64 = 0
        var fates: [MessageFate] = []
        while fates.last != .noRoom, offset < 1000 {
            fates.append(worker.count(at: offset))
            if fates.last == .counted { offset += 1 }
        }
        // One for the partition, eight more, and the one that has no room.
        #expect(offset == 10)
        #expect(!worker.driver.hasRoom)
        #expect(worker.count(at: offset) == .noRoom)
        let flushes = worker.taken()
        #expect(flushes.count == 9)
        #expect(worker.driver.hasRoom)
        #expect(worker.count(at: offset) == .counted)
        let rest = worker.taken()
        #expect((flushes + rest).reduce(0) { $0 + $1.events } == 11)
        #expect(rest.last?.range.to.offset == 11)
    }

    @Test func readingWaitsWhenTooMuchIsUnpublishedAndThatIsSaidAfterASecond() throws {
        let worker = try worker(3, heldBytesMax: 1)
        for offset in 0..<8 { worker.count(at: Int64(offset)) }
        #expect(worker.driver.step(.insideBatch([])).isEmpty)
        worker.count(at: 8)
        guard case .pause(true)? = worker.driver.step(.insideBatch([])).first else {
            Issue.record("reading does not wait")
            return
        }
        #expect(worker.driver.isHeldUp)
        worker.clock.now += .milliseconds(999)
        #expect(worker.driver.step(.insideBatch([])).isEmpty)
        worker.clock.now += .milliseconds(1)
        guard case .warnOfPause? = worker.driver.step(.insideBatch([])).first else {
            Issue.record("it is not said")
            return
        }
        #expect(worker.driver.step(.insideBatch([])).isEmpty)
        _ = worker.taken()
        guard case .pause(false)? = worker.driver.step(.insideBatch([])).first else {
            Issue.record("reading goes on waiting")
            return
        }
        #expect(!worker.driver.isHeldUp)
    }

    @Test func readingWaitsWhenAFlushWaitsForLong() throws {
        let worker = try worker(3)
        worker.clock.now = .seconds(2)
        _ = worker.driver.step(.afterBatch)
        worker.clock.now = .milliseconds(13_999)
        #expect(worker.driver.step(.afterBatch).isEmpty)
        worker.clock.now = .seconds(14)
        guard case .pause(true)? = worker.driver.step(.afterBatch).first else {
            Issue.record("reading does not wait")
            return
        }
    }

    // MARK: What is shown

    @Test func liveCountsSayHowFarEachPartitionIs() throws {
        let worker = try worker(3, 4)
        #expect(worker.output.live.partitions.map(\.position) == [0, 0])
        worker.clock.now = .seconds(1)
        worker.count(of: 0, at: 0)
        worker.count(WorkerFixture.event(minute: 1), of: 0, at: 1)
        _ = worker.driver.step(.afterBatch)
        let live = try #require(worker.live(3))
        #expect(live.position == 2)
        #expect(live.eventTime?.seconds == 1_768_467_660)
        #expect(live.unflushedSince == .seconds(1))
        #expect(live.heldBytes > 0)
        #expect([live.events, live.eventsFlushed] == [2, 0])
        #expect(worker.live(4)?.unflushedSince == nil)
        worker.clock.now = .seconds(2)
        _ = worker.driver.step(.afterBatch)
        let after = try #require(worker.live(3))
        #expect(after.unflushedSince == nil)
        #expect([after.events, after.eventsFlushed] == [2, 2])
        // The key of the one group.
        #expect(after.heldBytes == 36)
    }

    @Test func totalsAreOfWhatWasHandedOver() throws {
        let worker = try worker(3)
        let totals = worker.output.totals
        func decoded() -> UInt64 { totals.decoded.reduce(0) { $0 + $1.count.value } }
        worker.count("no record", at: 0)
        worker.count(at: 1)
        #expect(decoded() == 0)
        worker.clock.now = .seconds(2)
        _ = worker.driver.step(.afterBatch)
        #expect(decoded() == 1)
        #expect(totals.deadLettered.reduce(0) { $0 + $1.count.value } == 1)
        #expect(totals.topics.map(\.topic) == ["others", "events"])
        #expect(totals.topics.map(\.messages.value) == [0, 2])
        #expect(totals.topics[1].bytes.value == UInt64(9 + WorkerFixture.event().utf8.count))
    }
}
