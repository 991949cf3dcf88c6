import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

@Suite struct ObjectiveLedgerTests {
    @Test func countsOfAMinuteAreHeldTogether() throws {
        var ledger = ObjectiveLedger(terms: terms())
        try ledger.add(SliceCounts(good: 1, total: 1), at: at(0))
        try ledger.add(SliceCounts(good: 0, total: 1), at: at(0).advanced(by: minute - 1))
        try ledger.add(SliceCounts(good: 1, total: 1), at: at(1))
        #expect(ledger.counts(at: at(0)) == SliceCounts(good: 1, total: 2))
        #expect(ledger.counts(at: at(1)) == SliceCounts(good: 1, total: 1))
        #expect(ledger.counts(at: at(2)) == SliceCounts())
        #expect(ledger.dataEnd == at(2))
    }

    @Test func settingASliceTwiceIsSettingItOnce() throws {
        var ledger = ObjectiveLedger(terms: terms())
        for _ in 0..<2 { try ledger.set(SliceCounts(good: 5, total: 9, late: 2), at: at(7)) }
        #expect(ledger.counts(at: at(7)) == SliceCounts(good: 5, total: 9, late: 2))
        let entry = ledger.reportEntry(at: at(8))
        #expect((entry.good, entry.total, entry.bad) == (5, 9, 4))
        #expect(entry.lateUncounted == 2)
        try ledger.set(SliceCounts(), at: at(7))
        #expect(ledger.reportEntry(at: at(8)).total == 0)
        #expect(ledger.dataEnd == nil)
    }

    @Test func aCountThatLeaves64BitsIsRefusedAndChangesNothing() throws {
        var ledger = ObjectiveLedger(terms: terms())
        let held = SliceCounts(good: 1, total: .max - 1)
        try ledger.set(held, at: at(0))
        #expect(throws: LedgerError.overflow(held: held, added: SliceCounts(good: 1, total: 2))) {
            try ledger.add(SliceCounts(good: 1, total: 2), at: at(0))
        }
        #expect(throws: LedgerError.negative(SliceCounts(good: -1, total: 1))) {
            try ledger.set(SliceCounts(good: -1, total: 1), at: at(0))
        }
        #expect(ledger.counts(at: at(0)) == held)
    }

    @Test func sumsPast64BitsStayExact() throws {
        var ledger = ObjectiveLedger(terms: terms())
        for slice in 0..<3 { try ledger.set(SliceCounts(good: .max - 1, total: .max - 1), at: at(Int64(slice))) }
        #expect(ledger.reportEntry(at: at(3)).total == 3 * Int128(Int64.max - 1))
    }

    @Test func theWindowHoldsItsLastSliceAndNotTheOneBefore() throws {
        var ledger = ObjectiveLedger(terms: terms(window: 10 * minute))
        for slice in 0..<20 { try ledger.set(SliceCounts(good: 1, total: 1 << slice), at: at(Int64(slice))) }
        // Ending where a slice ends: minutes 5 to 14.
        #expect(ledger.reportEntry(at: at(15)).total == (5...14).reduce(0) { $0 + 1 << $1 })
        // A nanosecond later, minute 15 has begun and belongs to it whole.
        #expect(ledger.reportEntry(at: at(15).advanced(by: 1)).total == (6...15).reduce(0) { $0 + 1 << $1 })
    }

    @Test func slicesBeforeTheEpochAndAtTheEndsOfTimeAreHeld() throws {
        var ledger = ObjectiveLedger(terms: terms())
        for time in [Int64.min, -1, 0, .max] {
            try ledger.add(SliceCounts(good: 1, total: 2), at: Timestamp(nanoseconds: time))
        }
        #expect(ledger.counts(at: Timestamp(nanoseconds: -minute)) == SliceCounts(good: 1, total: 2))
        #expect(ledger.counts(at: Timestamp(nanoseconds: 0)) == SliceCounts(good: 1, total: 2))
        #expect(ledger.evaluate(through: Timestamp(nanoseconds: .max)).isEmpty)
        for record in ledger.records { #expect(try WindowRecord(json: record.json) == record) }
        #expect(ledger.reportEntry(at: Timestamp(nanoseconds: .max)).total == 2)
        // The slice in which that time lies belongs to the window whole.
        #expect(ledger.reportEntry(at: Timestamp(nanoseconds: .min)).total == 2)
    }

    @Test func thirtyDaysOfMinutesTakeLessThan300KBUnfolded() throws {
        var ledger = ObjectiveLedger(terms: terms())
        for slice in 0..<43_200 { try ledger.set(SliceCounts(good: 999, total: 1000), at: at(Int64(slice))) }
        print("bytes for 30 d of minutes:", ledger.bytes)
        #expect(ledger.bytes < 300_000)
    }

    @Test func farApartEventsTakeTwoBlocks() throws {
        var ledger = ObjectiveLedger(terms: terms())
        try ledger.set(SliceCounts(good: 1, total: 1), at: Timestamp(nanoseconds: 0))
        try ledger.set(SliceCounts(good: 1, total: 1), at: Timestamp(nanoseconds: .max))
        #expect(ledger.records.count == 2)
        #expect(ledger.bytes < 4000)
    }

    @Test func largeCountsWidenTheirBlockAlone() throws {
        var ledger = ObjectiveLedger(terms: terms())
        try ledger.set(SliceCounts(good: 3, total: 4), at: at(0))
        try ledger.set(SliceCounts(good: 5_000_000_000, total: 6_000_000_000), at: at(1))
        try ledger.set(SliceCounts(good: 7, total: 8), at: at(60))
        #expect(ledger.counts(at: at(0)) == SliceCounts(good: 3, total: 4))
        #expect(ledger.counts(at: at(1)) == SliceCounts(good: 5_000_000_000, total: 6_000_000_000))
        #expect(ledger.blocks[0].bytes > ledger.blocks[1].bytes)
    }
}
