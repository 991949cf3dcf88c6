import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

/// Sums that are no whole numbers, and sums that leave 64 bits.
@Suite struct SliceFractionTests {
    private static let tenth = SliceFraction.one / 10 + 1

    /// A tenth of a good one and of two in all.
    private func part(_ minute: Int64 = 0) -> SliceDelta {
        SliceDelta(
            start: at(minute), matched: .all,
            fraction: SliceFraction(good: SliceFractionTests.tenth, total: 2 * SliceFractionTests.tenth))
    }

    @Test func aThousandTenthsAreAHundredInHoweverManyParts() {
        var ledger = ObjectiveLedger(terms: terms())
        for stamp in 1...1000 as ClosedRange<Int64> { ledger.apply([part()], stamp: stamp) }
        #expect(ledger.counts(at: at(0)) == SliceCounts(good: 100, total: 200))
        var together = ObjectiveLedger(terms: terms())
        together.apply(Array(repeating: part(), count: 1000), stamp: 1000)
        #expect(together.records == ledger.records)
        #expect(ledger.reportEntry(at: at(1)).total == 200)
    }

    @Test func whatIsLeftOfRoundingIsKeptOverARestart() throws {
        var ledger = ObjectiveLedger(terms: terms())
        var expected = ObjectiveLedger(terms: terms())
        for stamp in 1...37 as ClosedRange<Int64> {
            expected.apply([part(59), part(61)], stamp: stamp)
            ledger.apply([part(59), part(61)], stamp: stamp)
            var restored = ObjectiveLedger(terms: terms())
            for record in ledger.records { restored.restore(try WindowRecord(json: record.json)) }
            ledger = restored
        }
        #expect(ledger.records == expected.records)
        #expect(ledger.counts(at: at(59)) == SliceCounts(good: 4, total: 7))
    }

    @Test func restatedSlicesAreWhole() throws {
        var ledger = ObjectiveLedger(terms: terms())
        ledger.apply([part()], stamp: nil)
        try ledger.set(SliceCounts(good: 1, total: 1), at: at(0))
        #expect(ledger.records.map(\.fractions) == [[]])
    }

    @Test(arguments: [
        #"[[60,1,1]]"#, #"[[1,1,1],[1,1,1]]"#, #"[[0,39614081257132168796771975168,0]]"#, #"[[0,1]]"#, #"[[-1,1,1]]"#,
    ])
    func fractionsThatCannotBeAreRefused(_ fractions: String) {
        var ledger = ObjectiveLedger(terms: terms())
        ledger.apply([SliceDelta(start: at(0), good: 1, total: 1)], stamp: 1)
        let json = ledger.records[0].json.dropLast() + Array(#","fractions":\#(fractions)}"#.utf8)
        #expect(throws: WindowRecordError.self) { try WindowRecord(json: Array(json)) }
    }

    @Test(arguments: [
        SliceDelta(start: at(0), good: 0, total: .max), SliceDelta(start: at(0), good: .max, total: 0),
        SliceDelta(start: at(0), good: SliceDelta.outOfRange, total: SliceDelta.outOfRange),
    ])
    func aSumThatLeaves64BitsIsShownAndInNoSum(_ more: SliceDelta) throws {
        var ledger = ObjectiveLedger(terms: terms())
        ledger.apply(
            [SliceDelta(start: at(0), good: 5, total: 9), SliceDelta(start: at(1), good: 3, total: 3)], stamp: 1)
        ledger.apply([more], stamp: 2)
        func expectOutOfRange(_ ledger: ObjectiveLedger) {
            let entry = ledger.reportEntry(at: at(2))
            #expect((entry.good, entry.total) == (3, 3))
            #expect(entry.inconsistentSlices == 1)
        }
        expectOutOfRange(ledger)
        // Whatever comes after does not bring it back.
        ledger.apply([SliceDelta(start: at(0), good: -.max, total: -.max)], stamp: 3)
        ledger.apply([SliceDelta(start: at(0), good: 1, total: 1)], stamp: 4)
        expectOutOfRange(ledger)
        var restored = ObjectiveLedger(terms: terms())
        for record in ledger.records { restored.restore(try WindowRecord(json: record.json)) }
        expectOutOfRange(restored)
        #expect(restored.records == ledger.records)
    }
}
