import Accounting
import Aggregation
import Objectives
import TelemetryModel
import Testing

@testable import Counting
@testable import Records

/// An update that is too large for one record comes in several.
@Suite struct ChangelogAmountsTests {
    private static let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    /// One objective with most of the slices, a few with one each, and traces.
    private static func amounts(slices: Int) -> ChangelogAmounts {
        func deltas(_ count: Int) -> [SliceDelta] {
            (0..<count).map { SliceDelta(start: start.advanced(by: Int64($0) * 60_000_000_000), good: 1, total: 2) }
        }
        return ChangelogAmounts(
            objectives: [.init(objective: "large", slices: deltas(slices))]
                + (0..<7).map { .init(objective: "small-\($0)", slices: deltas(1)) },
            rollups: ["first", "second"].map { name in
                .init(
                    rollup: name,
                    cells: (0..<60).map { RollupChange(windowStart: start, group: ["\($0)"], measures: [.count(1)]) })
            },
            traces: (0..<5).map {
                .init(
                    kind: .cloudTrail, hour: start.advanced(by: Int64($0) * 3_600_000_000_000), firstOffset: 1,
                    lastOffset: 9)
            })
    }

    private static func flush(_ amounts: ChangelogAmounts) -> PartitionFlush {
        var owner = PartitionOwner.resume(
            source: SourcePartition(topic: "t", partition: 0), epoch: OwnerEpoch(generation: 1),
            chains: [SourceChainState(through: SourcePoint(offset: 1))], available: .init(low: 0, high: 10), start: 0
        ).owner
        let range = owner.seal(next: 10)
        return PartitionFlush(
            source: SourcePartition(topic: "t", partition: 0), epoch: OwnerEpoch(generation: 1), range: range,
            progress: SourceProgress(), chainEnds: [range.from], amounts: [amounts], statistics: PipelineStatistics(),
            sentThrough: 0, released: nil)
    }

    @Test(arguments: [1, 2, 3, 100, 10_000]) func piecesJoinedAreTheWhole(itemsMax: Int) {
        let whole = Self.amounts(slices: 500)
        let pieces = whole.split(itemsMax: itemsMax)
        #expect(pieces.allSatisfy { $0.itemCount > 0 && $0.itemCount <= itemsMax })
        #expect(ChangelogAmounts(joining: pieces) == whole)
    }

    @Test(arguments: [1, 10, 40_000]) func everyRecordOfAnUpdateIsSmallEnough(slices: Int) throws {
        let whole = Self.amounts(slices: slices)
        let entries = Self.flush(whole).entries(shard: 0, bytesMax: 50_000)
        #expect(entries.allSatisfy { $0.count <= 50_000 })
        #expect((entries.count == 1) == (slices <= 10))
        var chain = SourceChain<ChangelogAmounts>(SourceChainState(through: SourcePoint(offset: 1)))
        for (index, json) in entries.enumerated() {
            guard case .update(let update) = try ShardEntry<ChangelogAmounts>(json: json) else {
                return #expect(Bool(false))
            }
            switch chain.take(update) {
            case .waits: #expect(index < entries.count - 1)
            case .added(let parts, _):
                #expect(index == entries.count - 1)
                #expect(ChangelogAmounts(joining: parts) == whole)
            case .skipped(let reason): Issue.record("\(reason)")
            case .unconnected: Issue.record("it does not follow")
            }
        }
    }

    @Test func aCellThatIsTooLargeByItselfComesInSeveralRecords() throws {
        let values = (0..<50_000).map { Array("https://example.com/\($0)".utf8) }
            .sorted { $0.lexicographicallyPrecedes($1) }
        let cell = RollupChange(
            windowStart: Self.start, group: ["g"], measures: [.count(7), .distinct(.exact(values))])
        let whole = ChangelogAmounts(rollups: [.init(rollup: "r", cells: [cell])])
        let entries = Self.flush(whole).entries(shard: 0)
        #expect(entries.count > 1)
        #expect(entries.allSatisfy { $0.count <= OutputTopics.valueBytesMax })
        var found: [[UInt8]] = []
        var count: UInt64 = 0
        for json in entries {
            guard case .update(let update) = try ShardEntry<ChangelogAmounts>(json: json) else {
                return #expect(Bool(false))
            }
            for cell in update.amounts.rollups.flatMap(\.cells) {
                if case .count(let more) = cell.measures[0] { count += more }
                if case .distinct(.exact(let more)) = cell.measures[1] { found += more }
            }
        }
        #expect(count == 7)
        #expect(found == values)
    }
}
