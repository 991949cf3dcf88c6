import Accounting
import TelemetryModel
import Testing

@testable import Counting
@testable import Records

/// What an owner learns from the shards' logs of the clock by which others have counted.
@Suite struct ReadBackClockTests {
    private static let source = SourcePartition(topic: "t", partition: 0)
    private static let epoch = OwnerEpoch(generation: 4)

    private static func clock(_ end: Int) -> Timestamp {
        Timestamp(nanoseconds: (1_768_467_600 + Int64(end)) * Timestamp.nanosecondsPerSecond)
    }

    /// Reads shard by shard, each through as many updates of one record as `ends` says.
    private func readings(_ ends: [Int]) -> [SourcePoint: Timestamp] {
        let source = Self.source
        let claim = Claim(source: source, epoch: OwnerEpoch(generation: 9))
        var found = ReadBack([source: claim], from: ReadBackPlaces(shards: ends.count))
        for (shard, end) in ends.enumerated() {
            var offset = Int64(0)
            func read(_ entry: ShardEntry<ChangelogAmounts>) {
                let place = TopicPlace(topic: "registers", partition: Int32(shard), offset: offset)
                found.read(entry.json(in: .definitions), of: source, at: place)
                offset += 1
            }
            read(.claim(Claim(source: source, epoch: Self.epoch)))
            for to in 0...end {
                var progress = SourceProgress()
                progress.clock = Self.clock(to)
                read(
                    .update(
                        ChangelogUpdate(
                            source: source, epoch: Self.epoch, from: to == 0 ? nil : SourcePoint(offset: Int64(to - 1)),
                            to: SourcePoint(offset: Int64(to)), progress: progress, amounts: ChangelogAmounts())))
            }
        }
        #expect(found.unreadable == nil)
        #expect(found.unconnected == nil)
        return found.readings(of: source)
    }

    @Test func anUpdateThatStandsInAllShardsIsRememberedOnce() {
        // The first shard to be read is the furthest; the others have many updates more than are remembered.
        let found = readings([120] + Array(repeating: 100, count: 11))
        for end in 100...120 { #expect(found[SourcePoint(offset: Int64(end))] == Self.clock(end)) }
    }

    @Test func ofALongLogTheUpdatesThatEndFurthestAreRemembered() {
        let found = readings([3000, 2900])
        #expect(found.count <= 512)
        for end in 2900...3000 { #expect(found[SourcePoint(offset: Int64(end))] == Self.clock(end)) }
    }
}
