import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

@Suite struct LedgerDeltaTests {
    @Test func deltasOfOneOffsetAreAllAppliedAndOnce() {
        var ledger = ObjectiveLedger(terms: terms())
        let deltas = [
            SliceDelta(start: at(0), good: 1, total: 2), SliceDelta(start: at(1), good: 1, total: 1, late: 3),
            SliceDelta(start: at(70), good: 0, total: 4, late: 1),
        ]
        for stamp in [5, 5, 4, 6] as [Int64] { ledger.apply(deltas, stamp: stamp) }
        #expect(ledger.counts(at: at(0)) == SliceCounts(good: 2, total: 4))
        #expect(ledger.counts(at: at(1)) == SliceCounts(good: 2, total: 2, late: 6))
        #expect(ledger.counts(at: at(70)) == SliceCounts(good: 0, total: 8, late: 2))
        #expect(ledger.records.map(\.stamp) == [6, 6])
    }

    @Test func eachBlockKnowsItsOwnStamp() {
        var ledger = ObjectiveLedger(terms: terms())
        ledger.apply([SliceDelta(start: at(0), good: 1, total: 1)], stamp: 5)
        ledger.apply([SliceDelta(start: at(60), good: 1, total: 1)], stamp: 7)
        #expect(ledger.records.map(\.stamp) == [5, 7])
        // Read again from offset 5 on, as after a restart.
        ledger.apply(
            [SliceDelta(start: at(0), good: 1, total: 1), SliceDelta(start: at(60), good: 1, total: 1)], stamp: 6)
        #expect(ledger.counts(at: at(0)).total == 2)
        #expect(ledger.counts(at: at(60)).total == 1)
    }

    @Test func badBeforeTotalIsRememberedAcrossARestartAndInNoSumUntilThen() throws {
        var ledger = ObjectiveLedger(terms: terms())
        ledger.apply([SliceDelta(start: at(0), good: -3, total: 0)], stamp: 1)
        ledger.apply([SliceDelta(start: at(1), good: 4, total: -2)], stamp: 2)
        #expect(ledger.counts(at: at(0)) == SliceCounts())
        #expect(ledger.counts(at: at(1)) == SliceCounts())
        #expect(ledger.reportEntry(at: at(2)).inconsistentSlices == 2)
        let json = ledger.records[0].json
        #expect(
            String(decoding: json, as: UTF8.self).contains(
                #""good":[0,4],"total":[0,0],"excluded":[],"late":[],"signed":[[0,-3,0],[1,4,-2]]"#))
        var restored = ObjectiveLedger(terms: terms())
        let isTaken = restored.adopt(try WindowRecord(json: json))
        #expect(isTaken)
        for var ledger in [ledger, restored] {
            ledger.apply(
                [SliceDelta(start: at(0), good: 10, total: 10), SliceDelta(start: at(1), good: 0, total: 7)], stamp: 3)
            #expect(ledger.counts(at: at(0)) == SliceCounts(good: 7, total: 10))
            #expect(ledger.counts(at: at(1)) == SliceCounts(good: 4, total: 5))
            #expect(ledger.reportEntry(at: at(2)).total == 15)
        }
    }

    /// A total that was held is wrong by nobody knows how much, so it is in no sum, before and after a restart.
    @Test func sumsThatLeave64BitsAreHeldAtTheLimitAndInNoSum() throws {
        var ledger = ObjectiveLedger(terms: terms())
        for stamp in 0..<3 as Range<Int64> {
            ledger.apply([SliceDelta(start: at(0), good: .max, total: .max, late: .max)], stamp: stamp)
            ledger.apply([SliceDelta(start: at(1), good: .min, total: .min)], stamp: stamp + 10)
            ledger.apply([SliceDelta(start: at(2), good: .min, total: .max)], stamp: stamp + 20)
        }
        ledger.apply([SliceDelta(start: at(3), good: 4, total: 5)], stamp: 30)
        #expect(ledger.counts(at: at(0)) == SliceCounts(late: .max))
        #expect(ledger.counts(at: at(1)) == SliceCounts())
        #expect(ledger.counts(at: at(2)) == SliceCounts())
        var history = WindowHistory()
        for record in ledger.records { history.add(try WindowRecord(json: record.json)) }
        for entry in [ledger, history.ledgers[0]].map({ $0.reportEntry(at: at(4)) }) {
            #expect(entry.good == 4 && entry.total == 5)
            #expect(entry.inconsistentSlices == 3 && entry.status == .invalid)
        }
    }

    @Test func nothingIsTakenFromALedgerInWhichNothingHappened() {
        var ledger = ObjectiveLedger(terms: terms())
        ledger.apply([SliceDelta(start: at(0))], stamp: 1)
        #expect(ledger.records.isEmpty)
        ledger.apply([SliceDelta(start: at(0), good: 1, total: 1)], stamp: 1)
        #expect(ledger.takeChangedRecords().count == 1)
        #expect(ledger.takeChangedRecords().isEmpty)
        ledger.apply([SliceDelta(start: at(0), good: 1, total: 1)], stamp: 1)
        #expect(ledger.takeChangedRecords().isEmpty)
    }

    @Test func selectorsThatMatchedNothingAreKnownByBlockAndAcrossRestarts() throws {
        func counting() -> ObjectiveLedger { ObjectiveLedger(terms: terms(), selectorParts: [.bad, .total]) }
        var ledger = counting()
        ledger.apply([SliceDelta(start: at(0), good: 5, total: 5, matched: .total)], stamp: 1)
        #expect(ledger.reportEntry(at: at(1)).warnings.map(\.part) == ["bad"])
        ledger.apply([SliceDelta(start: at(60), good: 5, total: 5, matched: .total)], stamp: 2)
        var restored = counting()
        for record in ledger.records {
            let isTaken = restored.adopt(try WindowRecord(json: record.json))
            #expect(isTaken)
        }
        #expect(restored.reportEntry(at: at(61)).warnings.map(\.part) == ["bad"])
        // A metric that is there and 0 has matched.
        restored.apply([SliceDelta(start: at(61), matched: .bad)], stamp: 3)
        #expect(restored.reportEntry(at: at(62)).warnings.isEmpty)
        restored.advance(to: at(6 * 1440))
        #expect(restored.downsampled.count == 1 && restored.reportEntry(at: at(62)).warnings.isEmpty)
    }
}
