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
                next: 40, closedBefore: time,
                chains: [
                    SourcePartition(topic: "t", partition: 1): chain,
                    SourcePartition(topic: "u", partition: 0): SourceChainState(),
                ]))
        #expect(try ShardCheckpointRecord(json: record.json) == record)
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
