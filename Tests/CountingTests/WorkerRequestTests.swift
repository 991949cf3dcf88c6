import Accounting
import Testing

@testable import Counting

/// In which order a worker serves who asks for partitions.
@Suite struct WorkerRequestTests {
    private let token = ReleaseToken(number: 7)

    private func effects(_ effects: [WorkerEffect]) -> [String] { effects.map { "\($0)" } }

    @Test func whatIsAssignedIsCounted() throws {
        let worker = try WorkerFixture()
        #expect(worker.driver.step(.beforeBatch([WorkerFixture.assign(3)])).isEmpty)
        worker.begin(3, 4)
        #expect(worker.count(of: 0, at: 0) == .counted)
        // Of a partition that is not here.
        #expect(worker.count(of: 1, at: 0) == .notOwned)
    }

    @Test func whatIsReleasedIsFlushedWithItsTokenAndTheRestOfTheBatchIsTheNextOwners() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3)]))
        worker.begin(3)
        worker.count(at: 0)
        let effects = worker.driver.step(.insideBatch([.release(WorkerFixture.source(3), token)]))
        #expect(effects.isEmpty)
        #expect(worker.count(at: 1) == .notOwned)
        let flushes = worker.taken()
        #expect(flushes.map(\.points) == [[0, 1]])
        #expect(flushes.map(\.released) == [token])
        #expect(worker.live(3) == nil)
    }

    @Test func whoReleasesWhatIsNotHereDoesNotWait() throws {
        let worker = try WorkerFixture()
        let effects = worker.driver.step(.beforeBatch([.release(WorkerFixture.source(3), token)]))
        guard case .reach(token)? = effects.first else { Issue.record("\(effects)"); return }
        #expect(worker.taken().isEmpty)
    }

    @Test func whatIsForgottenIsNotFlushed() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3)]))
        worker.begin(3)
        worker.count(at: 0)
        _ = worker.driver.step(.insideBatch([.forget(WorkerFixture.source(3))]))
        #expect(worker.count(at: 1) == .notOwned)
        worker.clock.now = .seconds(10)
        _ = worker.driver.step(.afterBatch)
        #expect(worker.taken().isEmpty)
        #expect(worker.live(3) == nil)
    }

    /// A batch may hold records of a partition's former assignment, which would be counted behind a gap.
    @Test func nothingIsAssignedInsideABatch() throws {
        let worker = try WorkerFixture()
        worker.begin(3)
        _ = worker.driver.step(.insideBatch([WorkerFixture.assign(3)]))
        #expect(worker.count(at: 9) == .notOwned)
        _ = worker.driver.step(.afterBatch)
        _ = worker.driver.step(.beforeBatch([]))
        worker.begin(3)
        #expect(worker.count(at: 0) == .counted)
    }

    @Test func whatWentAndCameBackSinceThePollIsTakenAfterTheBatch() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3)]))
        _ = worker.driver.step(
            .beforeBatch([.release(WorkerFixture.source(3), token), WorkerFixture.assign(3, epoch: 2)]))
        #expect(worker.taken().map(\.epoch) == [OwnerEpoch(generation: 1)])
        worker.begin(3)
        #expect(worker.count(at: 5) == .notOwned)
        _ = worker.driver.step(.afterBatch)
        _ = worker.driver.step(.beforeBatch([]))
        worker.begin(3)
        #expect(worker.count(at: 0) == .counted)
    }

    @Test func aLastFlushWaitsForRoomAndHoldsBackWhatWasAskedLaterOfItsPartition() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch((0..<257).map { WorkerFixture.assign($0) }))
        // The ring is full.
        worker.clock.now = .seconds(2)
        _ = worker.driver.step(.afterBatch)
        let requests: [WorkerRequest] = [
            .release(WorkerFixture.source(5), token), WorkerFixture.assign(5, epoch: 2),
        ]
        #expect(worker.driver.step(.beforeBatch(requests)).isEmpty)
        #expect(worker.taken().count == 256)
        _ = worker.driver.step(.beforeBatch([]))
        #expect(worker.taken().map(\.released) == [token])
        _ = worker.driver.step(.beforeBatch([]))
        worker.begin(5)
        #expect(worker.count(at: 0) == .counted)
    }

    // MARK: Inside a message

    /// A message that makes the thread look up at its first record, and what it looks like then.
    private func countLongMessage(_ worker: WorkerFixture, _ look: @escaping () -> Bool) -> MessageFate {
        worker.watch.look = look
        return worker.count(String(repeating: "x\n", count: 10_000), at: 0)
    }

    @Test func insideAMessageOthersAreServedAndItsOwnPartitionIsLeftAlone() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3), WorkerFixture.assign(4)]))
        worker.begin(3, 4)
        worker.count(of: 1, at: 0)
        var flushed: [Int32] = []
        let fate = countLongMessage(worker) {
            worker.clock.now += .seconds(2)
            let asked: [WorkerRequest] =
                flushed.isEmpty ? [.release(WorkerFixture.source(4), ReleaseToken(number: 1))] : []
            let goesOn = worker.driver.lookUp(asked).goesOn
            flushed += worker.taken().map(\.partition)
            return goesOn
        }
        #expect(fate == .counted)
        #expect(flushed == [4])
        #expect(worker.live(3)?.unflushedSince == .zero)
        // It has not missed the flush of all.
        _ = worker.driver.step(.afterBatch)
        #expect(worker.taken().map(\.partition) == [3])
    }

    @Test func aMessageIsGivenUpAtOnceWhenItsPartitionIsAnothers() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3)]))
        worker.begin(3)
        let fate = countLongMessage(worker) { worker.driver.lookUp([.forget(WorkerFixture.source(3))]).goesOn }
        #expect(fate == .givenUp)
        // What was counted since the last flush is the next owner's too.
        #expect(worker.count(at: 1) == .notOwned)
        _ = worker.driver.step(.afterBatch)
        #expect(worker.taken().isEmpty)
    }

    @Test(arguments: [true, false]) func whoAsksForThePartitionOrForAStopWaitsThreeSeconds(isStop: Bool) throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3)]))
        worker.begin(3)
        var asked: [WorkerRequest] = [isStop ? .stop : .release(WorkerFixture.source(3), token)]
        var answers: [Bool] = []
        for seconds in [0, 2, 3] {
            worker.clock.now = .seconds(seconds)
            if seconds > 0 { continue }
            _ = countLongMessage(worker) {
                let goesOn = worker.driver.lookUp(asked).goesOn
                asked = []
                answers.append(goesOn)
                worker.clock.now += .seconds(1)
                return goesOn
            }
        }
        // Asked at 0, and given up when three seconds have passed, if the message takes so long.
        #expect(answers.prefix(3).allSatisfy { $0 })
        #expect(answers.dropFirst(3).allSatisfy { !$0 })
    }

    // MARK: Gaps, stops and failures

    @Test func aGapIsGoneOverAfterAFlushOfWhatWasCounted() throws {
        let worker = try WorkerFixture()
        let source = WorkerFixture.source(3)
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3)]))
        worker.begin(3)
        worker.count(at: 0)
        #expect(worker.driver.step(.insideBatch([.jump(source, over: 1..<50)])).isEmpty)
        let effects = worker.driver.step(.afterBatch)
        guard case .jump(source, over: 1..<50, countedTo: 1, let tail)? = effects.first else {
            Issue.record("\(effects)")
            return
        }
        #expect(tail?.timestampMilliseconds == 0)
        #expect(worker.taken().map(\.points) == [[0, 1]])
        let answer = worker.driver.step(.available(source, over: 1..<50, .init(low: 40, high: 50)))
        guard case .jumped(source, position: 40, let gap)? = answer.first else { Issue.record("\(answer)"); return }
        #expect(gap == WorkerGap(cause: .expired, from: SourcePoint(offset: 1), to: SourcePoint(offset: 40)))
        let flushes = worker.taken()
        #expect(flushes.map(\.points) == [[1, 40]])
        #expect(flushes.map(\.gap) == [.expired])
        #expect(worker.live(3)?.position == 40)
    }

    @Test func withoutAGapReadingGoesOnWhereItWas() throws {
        let worker = try WorkerFixture()
        let source = WorkerFixture.source(3)
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3, chains: [10, 10])]))
        _ = worker.driver.step(.beforeBatch([.jump(source, over: 4..<50)]))
        _ = worker.driver.step(.afterBatch)
        let answer = worker.driver.step(.available(source, over: 4..<50, .init(low: 4, high: 50)))
        guard case .jumped(source, position: 10, gap: nil)? = answer.first else { Issue.record("\(answer)"); return }
    }

    @Test func whatIsNotHereHasNoGap() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch([.jump(WorkerFixture.source(3), over: 4..<50)]))
        let effects = worker.driver.step(.afterBatch)
        guard case .refuseJump(WorkerFixture.source(3))? = effects.first else { Issue.record("\(effects)"); return }
    }

    @Test func aStopServesWhatWasAskedBefore() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3), .stop]))
        #expect(worker.driver.isStopAsked)
        worker.begin(3)
        worker.count(at: 0)
        _ = worker.driver.step(.insideBatch([.release(WorkerFixture.source(3), token)]))
        let effects = worker.driver.step(.afterBatch)
        guard case .stopped? = effects.last else { Issue.record("\(effects)"); return }
        #expect(worker.driver.isStopped)
        #expect(worker.taken().map(\.released) == [token])
    }

    @Test func afterARecordThatCouldNotBeSentNothingIsFlushedAndNobodyWaits() throws {
        let worker = try WorkerFixture()
        _ = worker.driver.step(.beforeBatch([WorkerFixture.assign(3)]))
        worker.begin(3)
        worker.count(at: 0)
        #expect(worker.driver.step(.failed).isEmpty)
        #expect(worker.count(at: 1) == .notOwned)
        worker.clock.now = .seconds(10)
        #expect(worker.driver.step(.afterBatch).isEmpty)
        let effects = worker.driver.step(
            .beforeBatch([.release(WorkerFixture.source(3), token), .jump(WorkerFixture.source(3), over: 1..<2), .stop])
        )
        #expect(effects.count == 3)
        guard case .reach(token) = effects[0], case .refuseJump = effects[1], case .stopped = effects[2] else {
            Issue.record("\(effects)")
            return
        }
        #expect(worker.driver.isStopped)
        #expect(worker.taken().isEmpty)
    }
}
