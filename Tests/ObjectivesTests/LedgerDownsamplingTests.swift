import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

@Suite struct LedgerDownsamplingTests {
    private func filled(_ ledger: ObjectiveLedger, minutes: Range<Int64>) throws -> ObjectiveLedger {
        var ledger = ledger
        for slice in minutes { try ledger.set(SliceCounts(good: 999, total: 1000), at: at(slice)) }
        return ledger
    }

    @Test func wholeDaysPastTheFineTierAreDownsampledAndNamed() throws {
        var ledger = try filled(ObjectiveLedger(terms: terms()), minutes: 0..<(6 * 1440))
        _ = ledger.takeChangedRecords()
        // A minute before the second day is four days old.
        ledger.advance(to: at(6 * 1440 - 1))
        #expect(ledger.takeChangedRecords().map(\.key) == ["api/2026-11-20T00:00:00Z/1d"])
        #expect(ledger.takeSupersededKeys() == (0..<24).map { "api/\(at(Int64($0 * 60)))" })
        ledger.advance(to: at(6 * 1440))
        #expect(ledger.takeChangedRecords().map(\.start) == [at(1440)])
        #expect(ledger.downsampled.count == 2)
        #expect(ledger.blocks.count == 4 * 24)
        #expect(ledger.reportEntry(at: at(6 * 1440)).total == 6 * 1440 * 1000)
        // Nothing happened since.
        _ = ledger.takeSupersededKeys()
        ledger.advance(to: at(6 * 1440))
        #expect(ledger.takeChangedRecords().isEmpty && ledger.takeSupersededKeys().isEmpty)
    }

    @Test func slicesLongerThanAMinuteAndThoseNotYetJudgedStay() throws {
        let method = BudgetingMethod.timeslices(target: Ratio(9, 10), windowNanoseconds: 5 * minute)
        var long = try filled(ObjectiveLedger(terms: terms(method: method)), minutes: 0..<1440)
        long.advance(to: at(20 * 1440))
        #expect(long.downsampled.isEmpty)
        var alerting = try filled(
            ObjectiveLedger(terms: terms(), alerts: [alert(.one, long: 5 * day, short: hour)]), minutes: 0..<1440)
        #expect(alerting.fineNanoseconds == 5 * day)
        alerting.advance(to: at(10 * 1440))
        #expect(alerting.downsampled.isEmpty)
        _ = alerting.evaluate(through: at(1440))
        alerting.advance(to: at(10 * 1440))
        #expect(alerting.downsampled.count == 1)
    }

    @Test func whatNoWindowReachesIsForgotten() throws {
        var ledger = try filled(ObjectiveLedger(terms: terms(window: 7 * day)), minutes: 0..<(2 * 1440))
        ledger.note(UnreadSpan(topic: "t", partition: 0, from: 1, to: 2), at: at(5))
        ledger.advance(to: at(6 * 1440))
        #expect(ledger.downsampled.count == 2)
        _ = ledger.takeSupersededKeys()
        // A day more than the window.
        ledger.advance(to: at(9 * 1440 - 1))
        #expect(ledger.downsampled.count == 2)
        ledger.advance(to: at(9 * 1440))
        #expect(ledger.takeSupersededKeys() == ["api/2026-11-20T00:00:00Z/1d"])
        #expect(ledger.downsampled.map(\.index) == [ledger.grid.slice(holding: at(1440)) / 1440])
        #expect(ledger.unread.isEmpty)
        // With a short window, slices within the lateness are kept.
        var short = try filled(ObjectiveLedger(terms: terms(window: hour)), minutes: 0..<60)
        short.advance(to: at(3 * 1440))
        #expect(short.records.count == 1)
        short.advance(to: at(6 * 1440))
        #expect(short.records.isEmpty)
    }

    @Test func aWindowThatStartsInADownsampledQuarterOfAnHourStartsWithItAndSaysSo() throws {
        let window = 5 * day
        var ledger = try filled(ObjectiveLedger(terms: terms(window: window)), minutes: 0..<(6 * 1440))
        ledger.advance(to: at(5 * 1440 + 40))
        let entry = ledger.reportEntry(at: at(5 * 1440 + 40))
        #expect(entry.isWidened)
        #expect(entry.windowStart == at(30))
        #expect(entry.windowEnd == at(5 * 1440 + 40))
        #expect(entry.total == (5 * 1440 + 10) * 1000)
        #expect(entry.unknownSlices == 0)
        // One that starts with a quarter of an hour is as exact as ever.
        #expect(!ledger.reportEntry(at: at(5 * 1440 + 45)).isWidened)
        #expect(ledger.reportEntry(at: at(5 * 1440 + 45)).total == 5 * 1440 * 1000)
        // In the past, where no slices are left, it also ends with one.
        let past = ledger.reportEntry(at: at(95))
        #expect((past.windowEnd, past.total) == (at(105), 105_000))
        #expect(past.windowStart == at(95 - 5 * 1440))
    }

    @Test(arguments: [
        (60, 4), (45, 3), (30, 2), (20, 4), (15, 1), (12, 4), (10, 2), (5, 1), (1, 1),
        // No whole number of these is a quarter of an hour.
        (7, 1), (50, 4), (16, 2),
    ])
    func cellsBeginWithEachQuarterOfAnHourAndAreNoLonger(seconds: Int64, count: Int) {
        #expect(DownsampledCells.perBlock(sliceNanoseconds: seconds * 1_000_000_000) == count)
        #expect(seconds * 60 / Int64(count) <= 900)
    }

    /// As 0.1.0 downsampled: its records hold hours, and nothing can tell any more what was where in them.
    @Test func aDayOfHoursStaysOneAndAWindowIsWidenedByThem() throws {
        var ledger = try filled(ObjectiveLedger(terms: terms(window: 5 * day)), minutes: 0..<(6 * 1440))
        ledger.advance(to: at(5 * 1440 + 40))
        var former = try #require(ledger.records.first { $0.isDownsampled })
        former.cells = DownsampledCells(try #require(former.cells).whole, perBlock: 1)
        #expect(!String(decoding: former.json, as: UTF8.self).contains("cells"))
        var restored = ObjectiveLedger(terms: terms(window: 5 * day))
        for record in [try WindowRecord(json: former.json)] + ledger.records.filter({ !$0.isDownsampled }) {
            let isTaken = restored.adopt(record)
            #expect(isTaken)
        }
        let entry = restored.reportEntry(at: at(5 * 1440 + 40))
        #expect((entry.windowStart, entry.isWidened) == (at(0), true))
        #expect(entry.total == (5 * 1440 + 40) * 1000)
        #expect(restored.reportEntry(at: at(5 * 1440 + 60)).total == 5 * 1440 * 1000)
        // What comes late goes to its hour, which is written as it was read.
        restored.apply([SliceDelta(start: at(3), good: 1, total: 1)], stamp: 9)
        let changed = restored.takeChangedRecords()
        #expect(changed.map(\.cells?.perBlock) == [1] && changed.map(\.cells?.cells.count) == [24])
        #expect(changed.first?.cells?.cells.first?.counts.total == 60_001)
        // The next day is downsampled into quarters of an hour beside it.
        restored.advance(to: at(6 * 1440))
        #expect(restored.downsampled.map(\.cellsPerBlock) == [1, 4])
        #expect(restored.reportEntry(at: at(6 * 1440 + 40)).windowStart == at(1440 + 30))
    }

    /// A report at a later time than an objective's own data: a consumer has downsampled all of it by then.
    @Test func aQuietObjectivesWindowBeginsAtTheSameInstantToo() throws {
        let busy = try filled(
            ObjectiveLedger(terms: terms("busy", window: 5 * day)), minutes: 30 * 1440..<30 * 1440 + 1)
        let kept = try filled(ObjectiveLedger(terms: terms(window: 22 * day)), minutes: 8 * 1440..<10 * 1440)
        var downsampled = kept
        downsampled.advance(to: at(30 * 1440 + 1))
        let reports = [kept, downsampled].map { SLOReport(ledgers: [busy, $0]) }
        let entries = reports.map { $0.entries[0] }
        #expect(downsampled.blocks.isEmpty && entries[0].isWidened)
        #expect(entries[0].windowStart == at(8 * 1440) && entries[1].windowStart == at(8 * 1440))
        #expect(entries[0].total == entries[1].total)
    }

    /// A replay keeps every slice and says what a consumer says, which doesn't.
    @Test func aWindowBeginsAtTheSameInstantWhetherItsSlicesAreDownsampledOrNot() throws {
        var generator = SeededGenerator(seed: 7)
        for window in [4 * day, 4 * day + 7 * hour, 15 * day, 30 * day] {
            for _ in 0..<40 {
                var kept = ObjectiveLedger(terms: terms(window: window))
                let end = Int64.random(in: 5 * 1440...40 * 1440, using: &generator)
                let start = end - window / minute
                // A failure some minutes before the window begins, and one behind; hours without a record beside them.
                for slice in [start - Int64.random(in: 1...70, using: &generator), start + 10, end - 1] {
                    try kept.set(SliceCounts(good: 0, total: 1), at: at(slice))
                }
                var downsampled = kept
                downsampled.advance(to: at(end))
                let entries = [kept, downsampled].map { $0.reportEntry(at: at(end)) }
                #expect(entries[0].windowStart == entries[1].windowStart && entries[0].bad == entries[1].bad)
                #expect(entries[0].total == entries[1].total && entries[0].isWidened == entries[1].isWidened)
                #expect(entries[0].unknownSlices == entries[1].unknownSlices)
                #expect(at(start).nanoseconds - entries[0].windowStart.nanoseconds < 15 * minute)
            }
        }
    }

    @Test func lateOccurrencesInADownsampledDayAreCountedInTheirCell() throws {
        var ledger = try filled(ObjectiveLedger(terms: terms()), minutes: 0..<60)
        ledger.advance(to: at(5 * 1440))
        _ = ledger.takeChangedRecords()
        ledger.apply(
            [
                SliceDelta(start: at(3), good: 2, total: 5, late: 1), SliceDelta(start: at(4), good: -1, total: 0),
                SliceDelta(start: at(700), good: 1, total: 1),
            ], stamp: 9)
        let entry = ledger.reportEntry(at: at(5 * 1440))
        #expect((entry.good, entry.total, entry.lateUncounted) == (59_942, 60_006, 1))
        #expect(entry.unknownSlices == 43_200 - 61)
        let records = ledger.takeChangedRecords()
        #expect(records.map(\.stamp) == [9])
        // The same offset of the log again, as after a restart.
        ledger.apply([SliceDelta(start: at(3), good: 2, total: 5)], stamp: 9)
        #expect(ledger.reportEntry(at: at(5 * 1440)).total == 60_006)
        #expect(throws: LedgerError.downsampled(at(3))) { try ledger.set(SliceCounts(total: 1), at: at(3)) }
    }

    @Test func lateRecordsOfJudgedSlicesAreShownAsLate() throws {
        let method = BudgetingMethod.timeslices(target: Ratio(9, 10), windowNanoseconds: minute)
        var ledger = try filled(ObjectiveLedger(terms: terms(method: method)), minutes: 0..<60)
        ledger.advance(to: at(5 * 1440))
        // 4 records, all bad; then 3 bad ones whose total another source has.
        ledger.apply([SliceDelta(start: at(3), good: 0, total: 4)], stamp: 1)
        ledger.apply([SliceDelta(start: at(3), good: -3, total: 0)], stamp: 2)
        let entry = ledger.reportEntry(at: at(5 * 1440))
        #expect((entry.good, entry.total, entry.lateUncounted) == (60, 43_200, 7))
    }

    /// Where a report's window lies on whole quarters of an hour, downsampling changes none of its numbers; on whole days, nothing at all.
    @Test(arguments: [21, 22] as [UInt64])
    func aDownsampledLedgersReportEqualsTheOther(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let methods: [BudgetingMethod] = [
            .occurrences, .timeslices(target: Ratio(3, 4), windowNanoseconds: minute),
            .ratioTimeslices(windowNanoseconds: minute),
            .timeslices(target: Ratio(3, 4), windowNanoseconds: 10 * minute / 60),
        ]
        for method in methods {
            var plain = ObjectiveLedger(terms: terms(window: 8 * day, method: method))
            var downsampled = plain
            for step in 0..<3000 as Range<Int64> {
                // Ten days go by; what comes is at most two days old.
                let now = step * 14_400 / 3000
                let time = at(max(0, now - Int64.random(in: 0...2880, using: &random)))
                let total = Int64.random(in: 0...30, using: &random)
                let delta = SliceDelta(
                    start: time, good: Int64.random(in: -2...total, using: &random), total: total,
                    late: step % 90 == 0 ? 1 : 0)
                let span = SourceSpan(source: .kafka(topic: "t", partition: Int32(step % 3)), first: step, last: step)
                plain.apply([delta], stamp: step)
                plain.note(span, at: time)
                downsampled.apply([delta], stamp: step)
                downsampled.note(span, at: time)
                if step % 70 == 0 { downsampled.advance(to: at(now)) }
            }
            downsampled.advance(to: at(14_400))
            #expect(downsampled.downsampled.count >= 4)
            // A day into the past, for which everything is still held.
            let times = (0..<6).map { at(14_400 - 225 * $0) }
            for time in [at(14_400 - 1440)] + times {
                var (expected, found) = (plain.reportEntry(at: time), downsampled.reportEntry(at: time))
                // What came before the window is forgotten: where its first slices are empty, counting seems to begin with
                // the first that is not.
                #expect((found.countedSince ?? at(0)).nanoseconds - (expected.countedSince ?? at(0)).nanoseconds < hour)
                expected.countedSince = found.countedSince
                if time.nanoseconds % day != 0 {
                    // Sources and the worst slices are kept for days.
                    expected.sources = []
                    found.sources = []
                    expected.worst = []
                    found.worst = []
                }
                #expect(expected == found)
            }
            // And so it is when read back.
            var history = WindowHistory()
            var reader = WindowRecordReader()
            for record in downsampled.records.shuffled(using: &random) { history.add(try reader.read(record.json)) }
            for time in [at(14_400), at(13_333)] {
                #expect(SLOReport(at: time, ledgers: history.ledgers) == SLOReport(at: time, ledgers: [downsampled]))
            }
        }
    }

    @Test func sumsPast64BitsAreNotDownsampled() throws {
        var ledger = ObjectiveLedger(terms: terms())
        for slice in 0..<3 { try ledger.set(SliceCounts(good: .max - 1, total: .max - 1), at: at(Int64(slice))) }
        try ledger.set(SliceCounts(good: 1, total: 1), at: at(1440))
        ledger.advance(to: at(6 * 1440))
        #expect(ledger.downsampled.count == 1)
        #expect(ledger.reportEntry(at: at(6 * 1440)).total == 3 * Int128(Int64.max - 1) + 1)
    }

    /// 0.1.0 reads what can't be told any more as inconsistent slices of the hour.
    @Test func cellsWhoseHourLeaves64BitsReadBackAlike() throws {
        var ledger = try filled(ObjectiveLedger(terms: terms()), minutes: 0..<60)
        ledger.advance(to: at(5 * 1440))
        for minute in [3, 20] as [Int64] {
            ledger.apply([SliceDelta(start: at(minute), good: .max - 20_000, total: .max - 20_000)], stamp: minute)
        }
        let record = try #require(ledger.records.first)
        let cells = try #require(record.cells)
        #expect(cells.whole.map(\.inconsistent) == [30] && cells.whole.map(\.known) == [30])
        #expect(cells.cells.map(\.inconsistent) == [0, 0, 0, 0])
        #expect(try WindowRecord(json: record.json) == record)
        let expected = 2 * Int128(Int64.max - 20_000) + 60_000
        #expect(ledger.reportEntry(at: at(5 * 1440)).total == expected)
    }

    /// The bound that the documentation states, for totals below 65,536 and fewer than 256 bad a minute, in the minute in
    /// which most is held: four days and nearly one more of minutes, and the rest of 31 days downsampled.
    @Test func tenThousandObjectivesOverThirtyDaysFitAGigabyte() throws {
        var random = SeededGenerator(seed: 5)
        var ledger = ObjectiveLedger(
            terms: terms(), alerts: ObjectiveAlert.defaults(window: 30 * day, target: Ratio(999, 1000)))
        let end: Int64 = 32 * 1440 - 1
        for slice in 0..<end {
            let total = Int64.random(in: 20_000...60_000, using: &random)
            ledger.apply(
                [SliceDelta(start: at(slice), good: total - Int64.random(in: 0...200, using: &random), total: total)],
                stamp: slice)
            for partition in 0..<3 as Range<Int32> {
                ledger.note(
                    SourceSpan(
                        source: .kafka(topic: "cloudtrail", partition: partition), first: slice << 20, last: slice << 20
                    ),
                    at: at(slice))
            }
            if slice % 60 == 59 {
                _ = ledger.evaluate(through: at(slice))
                ledger.advance(to: at(slice))
                _ = ledger.takeChangedRecords()
                _ = ledger.takeSupersededKeys()
            }
        }
        print(
            "bytes for 30 d of minutes, downsampled:", ledger.bytes, "blocks:", ledger.blocks.count,
            ledger.downsampled.count)
        #expect(ledger.blocks.count > 110)
        #expect(ledger.downsampled.count >= 26)
        #expect(ledger.bytes < 90_000)
    }
}
