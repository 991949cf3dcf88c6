import Accounting
import Records
import TelemetryModel
import TestObjectives
import Testing

@testable import Counting

/// What is dated ahead of the clock, and by which reading that is decided.
@Suite struct JudgedByClockTests {
    private static func time(_ text: String) -> Timestamp {
        Timestamp(rfc3339: "2026-01-15T\(text)Z") ?? Timestamp(nanoseconds: 0)
    }

    private func event(_ time: String) -> String { #"{"eventTime":"\#(Self.time(time))","eventName":"A"}"# }

    private func total(_ flush: PartitionFlush) -> Int64 {
        flush.amounts.flatMap(\.objectives).flatMap(\.slices).reduce(0) { $0 + $1.total }
    }

    @Test func theClockIsReadOnceForARangeAndStandsInItsUpdate() throws {
        let partition = try CountedPartition()
        partition.clock = Self.time("09:00:00")
        partition.count(event("08:59:00"), at: 0)
        // An hour later by the clock, and still judged by the first reading.
        partition.clock = Self.time("10:00:00")
        partition.count(event("09:05:01"), at: 1)
        partition.count(event("09:05:00"), at: 2)
        let flush = partition.flush()
        #expect(flush.progress.clock == Self.time("09:00:00"))
        #expect(total(flush) == 2)
        #expect(flush.statistics.deadLettered[.fromTheFuture] == 1)
        partition.count(event("09:05:01"), at: 3)
        let next = partition.flush()
        #expect(next.progress.clock == Self.time("10:00:00"))
        #expect(total(next) == 1)
    }

    @Test func whoCountsARangeAgainJudgesByTheClockThatStandsInItsUpdate() throws {
        var progress = SourceProgress()
        progress.clock = Self.time("09:00:00")
        let far = SourceChainState(
            epoch: OwnerEpoch(generation: 6), through: SourcePoint(offset: 2), progress: progress)
        let near = SourceChainState(epoch: OwnerEpoch(generation: 6), through: SourcePoint(offset: 0))
        let partition = try CountedPartition(states: [far, near])
        partition.clock = Self.time("12:00:00")
        partition.count(event("09:10:00"), at: 0)
        partition.count(event("09:04:00"), at: 1)
        let again = partition.flush(upTo: 2)
        #expect(again.progress.clock == Self.time("09:00:00"))
        #expect(again.statistics.deadLettered[.fromTheFuture] == 1)
        // What nobody has counted is judged by the clock of now.
        partition.count(event("09:10:00"), at: 2)
        let first = partition.flush()
        #expect(first.progress.clock == Self.time("12:00:00"))
        #expect(total(first) == 1)
    }

    @Test func anIdleMarkFollowsTheClockThatIsBelieved() throws {
        let partition = try CountedPartition()
        partition.clock = Self.time("09:00:00")
        partition.count(event("08:59:00"), at: 0)
        partition.state.reachEnd(at: 1)
        partition.state.seeEnd(at: 1, asOf: .seconds(60))
        #expect(partition.flush(now: .seconds(60)).progress.idleThrough == Self.time("08:59:00"))
    }

    @Test func eventTimeThatWasBroughtAheadComesBack() throws {
        let chain = SourceChainState(
            epoch: OwnerEpoch(generation: 6), through: SourcePoint(offset: 0),
            progress: SourceProgress(watermark: Timestamp(rfc3339: "2099-01-01T00:00:00Z")))
        let partition = try CountedPartition(states: [chain])
        partition.state.bringBackEventTime(to: Self.time("09:00:00"))
        partition.clock = Self.time("09:00:00")
        partition.count(event("08:59:00"), at: 0)
        let flush = partition.flush()
        #expect(total(flush) == 1)
        #expect(flush.progress.watermark == Self.time("09:00:00"))
    }
}
