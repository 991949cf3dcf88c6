import TelemetryModel
import Testing

@testable import Counting

/// What is flushed before the interval is over, because something is judged there.
@Suite struct PromptFlushTests {
    private let worker: WorkerFixture

    /// The trusted clock is this much behind the first event.
    private static func worker(minutesBehind minutes: Int64) throws -> WorkerFixture {
        let worker = try WorkerFixture(trusted: WorkerFixture.start.advanced(by: minutes * 60_000_000_000))
        _ = worker.driver.step(.beforeBatch([3, 4].map { WorkerFixture.assign($0) }))
        return worker
    }

    init() throws { worker = try Self.worker(minutesBehind: 30) }

    /// A batch of one event, and what it has flushed.
    private func flushed(_ worker: WorkerFixture, minute: Int, at offset: Int64) -> [[Int64]] {
        worker.begin(3)
        worker.count(WorkerFixture.event(minute: minute), at: offset)
        _ = worker.driver.step(.afterBatch)
        return worker.taken().map(\.points)
    }

    @Test func aPartitionThatPassesASlicesEndIsFlushedAtOnceAndOnce() {
        #expect(flushed(worker, minute: 0, at: 0).isEmpty)
        #expect(flushed(worker, minute: 0, at: 1).isEmpty)
        #expect(flushed(worker, minute: 1, at: 2) == [[0, 3]])
        #expect(flushed(worker, minute: 1, at: 3).isEmpty)
        // What comes late passes nothing.
        #expect(flushed(worker, minute: 0, at: 4).isEmpty)
        #expect(flushed(worker, minute: 2, at: 5) == [[3, 6]])
        #expect(worker.output.totals.promptFlushes.value == 2)
    }

    @Test func theFlushOfAllComesWhenItWouldHaveCome() {
        _ = flushed(worker, minute: 0, at: 0)
        worker.clock.now = .milliseconds(1_900)
        #expect(flushed(worker, minute: 1, at: 1) == [[0, 2]])
        worker.clock.now = .seconds(2)
        #expect(flushed(worker, minute: 1, at: 2) == [[2, 3], [0, 0]])
    }

    @Test func aBacklogIsFlushedAtOnceAFewTimesInAnInterval() {
        let prompt = (0..<30).map { flushed(worker, minute: $0, at: Int64($0)) }.filter { !$0.isEmpty }
        #expect(prompt.count == WorkerDriver.promptFlushesMax)
        worker.clock.now = .seconds(2)
        let all = flushed(worker, minute: 30, at: 30)
        #expect(all.first == [5, 31])
        #expect(flushed(worker, minute: 31, at: 31) == [[31, 32]])
    }

    @Test func whatIsPastWaitsForTheInterval() throws {
        let worker = try Self.worker(minutesBehind: 70)
        for minute in 0..<10 { #expect(flushed(worker, minute: minute, at: Int64(minute)).isEmpty) }
        #expect(flushed(worker, minute: 10, at: 10) == [[0, 11]])
    }
}
