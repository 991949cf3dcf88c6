import Accounting
import TelemetryModel
import Testing

@testable import Records

@Suite struct ShardCheckpointRecordTests {
    private let time = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    @Test func aCheckpointIsReadBackAsItWasWritten() throws {
        let chain = SourceChainState(
            epoch: OwnerEpoch(lineage: 1, generation: 7), began: SourcePoint(incarnation: 2, offset: 3),
            through: SourcePoint(incarnation: 2, offset: 90),
            progress: SourceProgress(
                watermark: time, idleThrough: time,
                tail: RecordFingerprint(timestampMilliseconds: 5, byteCount: 6)))
        let record = ShardCheckpointRecord(
            shard: 3, shards: 12, epoch: OwnerEpoch(generation: 2),
            checkpoint: ShardCheckpoint(
                next: 40, closedBefore: EventTimes(all: time),
                chains: [
                    SourcePartition(topic: "t", partition: 1): chain,
                    SourcePartition(topic: "u", partition: 0): SourceChainState(),
                ]))
        #expect(try ShardCheckpointRecord(json: record.json) == record)
        // What a reader of the former form passes over, as it does all members that it does not know.
        var later = record
        later.alertState = 48_190
        later.hasWindows = true
        #expect(try ShardCheckpointRecord(json: later.json) == later)
        var json = String(decoding: later.json, as: UTF8.self)
        json.replace(#","has_windows":true"#, with: #","has_more":{"a":[true]}"#)
        later.hasWindows = false
        #expect(try ShardCheckpointRecord(json: Array(json.utf8)) == later)
    }

    private func record(_ times: EventTimes) -> ShardCheckpointRecord {
        ShardCheckpointRecord(
            shard: 1, shards: 4, epoch: OwnerEpoch(generation: 3),
            checkpoint: ShardCheckpoint(next: 7, closedBefore: times, chains: [:]))
    }

    /// A reader of the former form finds the least, from which nothing is left out.
    @Test func whereKindsDifferTheLeastStandsInFrontOfThem() throws {
        var times = EventTimes(all: time)
        #expect(!String(decoding: record(times).json, as: UTF8.self).contains("by_kind"))
        times[.metric] = time.advanced(by: 60_000_000_000)
        let json = String(decoding: record(times).json, as: UTF8.self)
        #expect(
            json.contains(
                #""closed_before":"2026-01-15T09:00:00Z","closed_before_by_kind":{"cloudtrail":"2026-01-15T09:00:00Z","#
                    + #""vpc_flow":"2026-01-15T09:00:00Z","metric":"2026-01-15T09:01:00Z"}"#), "\(json)")
        #expect(try ShardCheckpointRecord(json: Array(json.utf8)).checkpoint.closedBefore == times)
        times[.vpcFlow] = nil
        let partly = record(times)
        #expect(!String(decoding: partly.json, as: UTF8.self).contains(#""closed_before":"#))
        #expect(try ShardCheckpointRecord(json: partly.json).checkpoint.closedBefore == times)
    }

    @Test func aFormerCheckpointSaysOneTimeForAllKinds() throws {
        let json =
            #"{"kind":"evaluator","shard":1,"shards":4,"epoch":3,"next":7,"closed_before":"2026-01-15T09:00:00Z"}"#
        let read = try ShardCheckpointRecord(json: Array(json.utf8))
        #expect(read.checkpoint.closedBefore == EventTimes(all: time))
        #expect(!read.hasWindows && read.alertState == nil)
    }

    @Test func aCheckpointOfTheNewerVersionGoesFirst() throws {
        func record(_ next: Int64, _ form: RecordForm) throws -> ShardCheckpointRecord {
            var record = ShardCheckpointRecord(
                shard: 1, shards: 4, epoch: OwnerEpoch(generation: 3),
                checkpoint: ShardCheckpoint(next: next, closedBefore: nil, chains: [:]),
                partitions: StatePartitions(checkpoints: 4, windows: 6, alerts: 2))
            record.form = form
            let read = try ShardCheckpointRecord(json: record.json)
            #expect(read == record)
            return read
        }
        #expect(try record(5, .definitions).isNewer(than: record(9, .first)))
        #expect(try !record(9, .first).isNewer(than: record(5, .definitions)))
        #expect(try record(9, .first).isNewer(than: record(5, .first)))
    }
}
