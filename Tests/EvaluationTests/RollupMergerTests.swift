import Aggregation
import TelemetryModel
import Testing

@testable import Evaluation

/// Open windows of a rollup, to which the updates of a shard's log add.
@Suite struct RollupMergerTests {
    private static let minute = 60 * Timestamp.nanosecondsPerSecond

    private func merger() throws -> RollupMerger {
        var builder = ProjectionBuilder(kind: .cloudTrail)
        let definition = RollupDefinition(
            name: "calls", source: .cloudTrail, windowNanoseconds: RollupMergerTests.minute,
            groupBy: [FieldPath(keys: "eventName")],
            measures: [MeasureDefinition(name: "n", kind: .count)])
        return RollupMerger(plan: try CompiledRollup(definition, projection: &builder), closedBefore: nil)
    }

    private func at(minute: Int64) -> Timestamp {
        Timestamp(nanoseconds: 1_768_467_600_000_000_000 + minute * RollupMergerTests.minute)
    }

    private func cell(_ minute: Int64, _ name: String, _ count: UInt64) -> RollupChange {
        RollupChange(windowStart: at(minute: minute), group: [name], measures: [.count(count)])
    }

    /// What closing up to `end` hands over: a line for each cell, windows in their order.
    private func closed(_ merger: RollupMerger, before end: Timestamp) -> [String] {
        var lines: [String] = []
        merger.close(before: end) { window in
            for place in 0..<window.count {
                let minute = (window.start.nanoseconds - at(minute: 0).nanoseconds) / RollupMergerTests.minute
                lines.append("\(minute) \(window[place].group[0] ?? "-") \(window[place].values[0].integerValue ?? -1)")
            }
        }
        return lines
    }

    @Test func cellsOfAllUpdatesAddUp() throws {
        let merger = try merger()
        merger.add(cell(0, "A", 3), at: 0)
        merger.add(cell(0, "A", 2), at: 1)
        #expect(closed(merger, before: at(minute: 1)) == ["0 A 5"])
    }

    @Test func windowsCloseInTheOrderOfTimeAndOnlyOnce() throws {
        let merger = try merger()
        for minute: Int64 in [2, 0, 1] { merger.add(cell(minute, "A", 1), at: minute) }
        #expect(closed(merger, before: at(minute: 2)) == ["0 A 1", "1 A 1"])
        #expect(closed(merger, before: at(minute: 2)) == [])
        #expect(closed(merger, before: at(minute: 3)) == ["2 A 1"])
    }

    @Test func cellOfAWindowThatWasJudgedIsCountedAsLateAndDropped() throws {
        let merger = try merger()
        merger.add(cell(0, "A", 1), at: 0)
        _ = closed(merger, before: at(minute: 1))
        merger.add(cell(0, "A", 2), at: 1)
        merger.add(cell(1, "A", 4), at: 1)
        #expect(merger.lateCells == 1)
        #expect(closed(merger, before: at(minute: 2)) == ["1 A 4"])
    }

    @Test func theLogIsReadAgainFromTheFirstCellOfAnOpenWindow() throws {
        let merger = try merger()
        #expect(merger.unpublishedSince == nil)
        merger.add(cell(1, "A", 1), at: 5)
        merger.add(cell(0, "A", 1), at: 6)
        merger.add(cell(1, "A", 1), at: 7)
        #expect(merger.unpublishedSince == 5)
        _ = closed(merger, before: at(minute: 1))
        #expect(merger.unpublishedSince == 5)
        _ = closed(merger, before: at(minute: 2))
        #expect(merger.unpublishedSince == nil)
    }
}
