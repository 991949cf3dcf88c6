import TelemetryModel
import Testing

@Suite struct EventBatchTests {
    private static let projection = Projection(kind: .metric, fields: [FieldPath(keys: "a"), FieldPath(keys: "b")])

    private func batch(times: [Int64]) -> EventBatch {
        var batch = EventBatch(projection: EventBatchTests.projection, capacity: 8)
        for (index, time) in times.enumerated() {
            batch.beginRow()
            let start = batch.arenaCount
            batch.appendToArena(UInt8(0x61 + index))
            batch.set(0, .place(.arenaText, offset: start, length: 1))
            batch.set(1, .integer(time))
            batch.commitRow(
                time: Timestamp(nanoseconds: time), place: RecordPlace(index: index, offset: index, length: 1))
        }
        return batch
    }

    @Test func rowsReadBackWhatWasSet() {
        let batch = batch(times: [5, 3, 9])
        let payload: [UInt8] = [1, 2, 3]
        let row = batch.row(1, of: payload.span.bytes)
        #expect(row[1].integerValue == 3)
        #expect(unsafe row.bytes(of: row[0]).unsafeLoad(as: UInt8.self) == 0x62)
        #expect(unsafe row.recordBytes.unsafeLoad(as: UInt8.self) == 2)
        #expect(batch.earliest?.nanoseconds == 3)
        #expect(batch.latest?.nanoseconds == 9)
    }

    @Test func abandonedRowLeavesNothingBehind() {
        var batch = batch(times: [5])
        batch.beginRow()
        batch.set(1, .integer(77))
        batch.appendToArena(0x7A)
        batch.abandonRow()
        #expect(batch.count == 1)
        #expect(batch.arenaCount == 1)
        batch.beginRow()
        #expect(batch.pending(1) == .absent)
    }

    @Test func copyKeepsTheRowsAskedForWithTheirText() {
        let copy = batch(times: [5, 3, 9]).copy { $0.nanoseconds > 4 }
        let payload: [UInt8] = [1, 2, 3]
        #expect(copy.count == 2)
        let row = copy.row(1, of: payload.span.bytes)
        #expect(row[1].integerValue == 9)
        #expect(unsafe row.bytes(of: row[0]).unsafeLoad(as: UInt8.self) == 0x63)
        #expect(copy.earliest?.nanoseconds == 5)
    }

    @Test func removingAllForgetsTimesToo() {
        var batch = batch(times: [5])
        batch.removeAll()
        #expect(batch.isEmpty && batch.earliest == nil && batch.latest == nil)
    }
}
