import Aggregation
import KafkaClient
import TelemetryModel
import Testing

@testable import Pipeline

/// Windows of a rollup, merged from what partitions tell of them.
@Suite struct RollupMergerTests {
    private static let minute = 60 * Timestamp.nanosecondsPerSecond
    private let first = TopicPartition(topic: "t", partition: 0)
    private let second = TopicPartition(topic: "t", partition: 1)

    private func merger() throws -> RollupMerger {
        var builder = ProjectionBuilder(kind: .cloudTrail)
        let definition = RollupDefinition(
            name: "calls", source: .cloudTrail, windowNanoseconds: RollupMergerTests.minute,
            groupBy: [FieldPath(keys: "eventName")],
            measures: [MeasureDefinition(name: "n", kind: .count)])
        return RollupMerger(plan: try RollupPlan(definition, projection: &builder))
    }

    private func at(minute: Int64) -> Timestamp {
        Timestamp(nanoseconds: 1_768_467_600_000_000_000 + minute * RollupMergerTests.minute)
    }

    private func cell(_ minute: Int64, _ name: String, _ count: UInt64) -> RollupChange {
        RollupChange(windowStart: at(minute: minute), group: [name], measures: [.count(count)])
    }

    /// What closing up to `end` hands over: a line for each cell, windows in their order.
    private func closed(_ merger: inout RollupMerger, before end: Timestamp) -> [String] {
        var lines: [String] = []
        merger.close(before: end) { window in
            for place in 0..<window.count {
                let minute = (window.start.nanoseconds - at(minute: 0).nanoseconds) / RollupMergerTests.minute
                lines.append("\(minute) \(window[place].group[0] ?? "-") \(window[place].values[0].integerValue ?? -1)")
            }
        }
        return lines
    }

    @Test func latestCellOfAPartitionReplacesAndPartitionsAdd() throws {
        var merger = try merger()
        merger.take(cell(0, "A", 3), from: first)
        merger.take(cell(0, "A", 5), from: first)
        merger.take(cell(0, "A", 5), from: first)
        merger.take(cell(0, "A", 2), from: second)
        #expect(closed(&merger, before: at(minute: 1)) == ["0 A 7"])
    }

    @Test func windowsCloseInTheOrderOfTimeAndOnlyOnce() throws {
        var merger = try merger()
        for minute: Int64 in [2, 0, 1] { merger.take(cell(minute, "A", 1), from: first) }
        #expect(closed(&merger, before: at(minute: 2)) == ["0 A 1", "1 A 1"])
        #expect(closed(&merger, before: at(minute: 2)) == [])
        #expect(closed(&merger, before: at(minute: 3)) == ["2 A 1"])
    }

    @Test func cellOfAWindowThatWasJudgedIsCountedAsLateAndDropped() throws {
        var merger = try merger()
        merger.take(cell(0, "A", 1), from: first)
        _ = closed(&merger, before: at(minute: 1))
        merger.take(cell(0, "A", 2), from: first)
        merger.take(cell(1, "A", 4), from: first)
        #expect(merger.lateCells == 1)
        #expect(closed(&merger, before: at(minute: 2)) == ["1 A 4"])
    }

    @Test func partitionThatComesBackCountsOnTopOfWhatItToldBefore() throws {
        var merger = try merger()
        merger.take(cell(0, "A", 50), from: first)
        merger.release(first)
        merger.take(cell(0, "A", 30), from: first)
        #expect(closed(&merger, before: at(minute: 1)) == ["0 A 80"])
    }
}
