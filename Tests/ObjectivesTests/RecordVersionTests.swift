import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

/// What a reader makes of the records of several owners, of downsampled days and of what they were downsampled from.
@Suite struct RecordVersionTests {
    private func record(total: Int64, stamp: Int64?, epoch: Int64?) -> WindowRecord {
        WindowRecord(
            terms: terms(), start: at(0), slices: [SliceCounts(good: 0, total: total)], sources: [], epoch: epoch,
            stamp: stamp)
    }

    @Test func theHighestStampThenTheHighestEpochWinsInAnyOrder() {
        let records = [
            record(total: 1, stamp: 4, epoch: 9), record(total: 2, stamp: 5, epoch: 7),
            record(total: 3, stamp: 5, epoch: 8),
        ]
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
            var ledger = ObjectiveLedger(terms: terms())
            for place in order {
                let isTaken = ledger.adopt(records[place])
                #expect(isTaken)
            }
            #expect(ledger.counts(at: at(0)).total == 3)
            #expect(ledger.takeChangedRecords().isEmpty)
            #expect(ledger.takeSupersededKeys().isEmpty)
            ledger.advance(to: at(6 * 1440))
            #expect(Set(ledger.takeSupersededKeys()) == Set(records.map(\.compactionKey)))
        }
        #expect(records[0].compactionKey == "api/2026-11-20T00:00:00Z/9")
    }

    @Test func withoutStampsTheLaterRecordWins() {
        var ledger = ObjectiveLedger(terms: terms())
        for total in [2, 1] as [Int64] {
            let isTaken = ledger.adopt(record(total: total, stamp: nil, epoch: nil))
            #expect(isTaken)
        }
        #expect(ledger.counts(at: at(0)).total == 1)
    }

    /// The other may have been declared dead, and write on: its record and then its checkpoint.
    @Test func anotherOwnersRecordIsTakenBackOnceItsDayIsFolded() {
        var ledger = ObjectiveLedger(terms: terms())
        ledger.epoch = 8
        let isTaken = ledger.adopt(record(total: 2, stamp: 5, epoch: 7))
        #expect(isTaken)
        ledger.apply(
            [SliceDelta(start: at(1), good: 1, total: 1), SliceDelta(start: at(60), good: 1, total: 1)], stamp: 6)
        let published = ledger.takeChangedRecords()
        #expect(published.map(\.epoch) == [8, 8])
        #expect(ledger.takeSupersededKeys().isEmpty)
        ledger.apply([SliceDelta(start: at(1), good: 1, total: 1)], stamp: 7)
        #expect(ledger.takeChangedRecords().count == 1)
        #expect(ledger.takeSupersededKeys().isEmpty)
        ledger.advance(to: at(6 * 1440))
        #expect(ledger.takeChangedRecords().map(\.epoch) == [8])
        let hours = ["api/2026-11-20T00:00:00Z/8", "api/2026-11-20T01:00:00Z/8"]
        #expect(Set(ledger.takeSupersededKeys()) == Set(hours + ["api/2026-11-20T00:00:00Z/7"]))
    }

    /// A process ended after it published a downsampled day and before it took the slices' records back.
    @Test func slicesBesideTheirFoldedDayAreCountedOnceInAnyOrder() throws {
        var ledger = ObjectiveLedger(terms: terms())
        for slice in 0..<120 as Range<Int64> {
            ledger.apply([SliceDelta(start: at(slice), good: 1, total: 1)], stamp: slice)
        }
        var all = ledger.takeChangedRecords()
        ledger.advance(to: at(6 * 1440))
        all += ledger.takeChangedRecords()
        #expect(all.count == 3)
        for order in [[0, 1, 2], [2, 1, 0], [0, 2, 1]] {
            var restored = ObjectiveLedger(terms: terms())
            for place in order {
                let isTaken = restored.adopt(try WindowRecord(json: all[place].json))
                #expect(isTaken)
            }
            #expect(SLOReport(at: at(200), ledgers: [restored]) == SLOReport(at: at(200), ledgers: [ledger]))
            #expect(restored.takeChangedRecords().isEmpty)
            #expect(restored.takeSupersededKeys() == [all[0].compactionKey, all[1].compactionKey])
        }
    }

    /// An owner that was declared dead downsampled a day for which its successor still counts.
    @Test func whatTheFoldedDayDoesNotIncludeReplacesItsHour() throws {
        var zombie = ObjectiveLedger(terms: terms())
        zombie.epoch = 1
        zombie.apply(
            [SliceDelta(start: at(0), good: 1, total: 1), SliceDelta(start: at(60), good: 1, total: 2)], stamp: 3)
        var owner = zombie
        owner.epoch = 2
        zombie.advance(to: at(6 * 1440))
        owner.apply([SliceDelta(start: at(61), good: 0, total: 5)], stamp: 4)
        let records = zombie.records + owner.records
        for order in [[0, 1, 2], [2, 1, 0]] {
            var restored = ObjectiveLedger(terms: terms())
            restored.epoch = 3
            for place in order {
                let isTaken = restored.adopt(records[place])
                #expect(isTaken)
            }
            #expect(SLOReport(at: at(6 * 1440), ledgers: [restored]).entries[0].total == 8)
            #expect(restored.takeChangedRecords().map { [$0.stamp, $0.epoch] } == [[4, 3]])
        }
    }

    @Test func incarnationsAndGapsReadBackAlikeAndAreReported() throws {
        var ledger = ObjectiveLedger(terms: terms())
        try ledger.set(SliceCounts(good: 1, total: 1), at: at(0))
        ledger.note(SourceSpan(source: .kafka(topic: "t", partition: 1), first: 5, last: 9), at: at(0))
        ledger.note(SourceSpan(source: .kafka(topic: "t", partition: 1, incarnation: 1), first: 0, last: 3), at: at(0))
        for _ in 0..<2 {
            ledger.note(UnreadSpan(topic: "t", partition: 1, incarnation: 1, from: 4, to: 7), at: at(0))
            ledger.note(UnreadSpan(topic: "t", partition: 1, from: 10, to: nil), at: at(3))
        }
        let json = String(decoding: ledger.records[0].json, as: UTF8.self)
        #expect(
            json.hasSuffix(
                #""sources":[{"topic":"t","partitions":[[1,5,9],[1,0,3,1]]}],"#
                    + #""gaps":[{"topic":"t","partition":1,"from_offset":10,"to_offset":null},"#
                    + #"{"topic":"t","partition":1,"incarnation":1,"from_offset":4,"to_offset":7}],"version":1}"#))
        let record = try WindowRecord(json: Array(json.utf8))
        #expect(record == ledger.records[0])
        var history = WindowHistory()
        history.add(record)
        let report = SLOReport(at: at(1), ledgers: history.ledgers)
        #expect(report == SLOReport(at: at(1), ledgers: [ledger]))
        #expect(
            report.entries[0].gaps.map(\.description) == [
                "t[1] offsets from 10 on", "t[1] (incarnation 1) offsets 4 to 6",
            ])
        // Downsampling the day keeps them.
        ledger.advance(to: at(6 * 1440))
        #expect(ledger.reportEntry(at: at(6 * 1440)).gaps == report.entries[0].gaps)
        #expect(ledger.records.map(\.gaps) == [record.gaps])
    }

    @Test func foldedBytesAreFixedAndReadBackAlike() throws {
        // The first cell of an hour, and another two hours behind.
        func counts(_ first: Int64, _ last: Int64, hours: Bool) -> String {
            "[\(first)," + String(repeating: "null,", count: hours ? 1 : 7) + "\(last)]"
        }
        func judged(_ method: BudgetingMethod, hours: Bool) -> String {
            var text = #""known":"# + counts(2, 1, hours: hours)
            if method == .occurrences { return text }
            text += #","score":"# + counts(1, 0, hours: hours)
            guard case .ratioTimeslices = method else { return text }
            return text + #","score_fraction":"#
                + counts(500_000_000_000_000_000, 333_333_333_333_333_333, hours: hours)
        }
        let methods: [BudgetingMethod] = [
            .occurrences, .timeslices(target: Ratio(3, 4), windowNanoseconds: minute),
            .ratioTimeslices(windowNanoseconds: minute),
        ]
        for method in methods {
            var ledger = ObjectiveLedger(terms: terms(method: method))
            ledger.epoch = 4
            ledger.apply(
                [
                    SliceDelta(start: at(0), good: 2, total: 2), SliceDelta(start: at(5), good: 1, total: 2),
                    SliceDelta(start: at(121), good: 1, total: 3, late: 2),
                ], stamp: 17)
            ledger.advance(to: at(6 * 1440))
            let record = try #require(ledger.records.first)
            let text = String(decoding: record.json, as: UTF8.self)
            #expect(
                text.hasSuffix(
                    #""start":"2026-11-20T00:00:00Z","slice":"1h","good":[3,null,1],"total":[4,null,3],"#
                        + #""excluded":[],"late":[[2,2]],"# + judged(method, hours: true) + #","worst":[["#
                        + #""2026-11-20T02:01:00Z",1,3],["2026-11-20T00:05:00Z",1,2]],"cells":{"slice":"15m","total":"#
                        + counts(4, 3, hours: false) + #","bad":"# + counts(1, 2, hours: false) + #","late":[[8,2]],"#
                        + judged(method, hours: false) + #"},"sources":[],"epoch":4,"stamp":17,"version":1}"#))
            #expect(try WindowRecord(json: record.json) == record)
            for (part, replacement) in [
                (#""slice":"1h""#, #""slice":"1m""#), ("[2,null,1]", "[61,null,1]"), ("[2,null,1]", "[2,null]"),
                ("2026-11-20T02:01:00Z", "2026-11-21T02:01:00Z"), ("2026-11-20T02:01:00Z", "2026-11-20T02:01:01Z"),
                (#"["2026-11-20T02:01:00Z",1,3]"#, #"["2026-11-20T02:01:00Z",1]"#), (#"T00:00:00Z""#, #"T01:00:00Z""#),
                (#"score":[1,"#, #"score":[3,"#), ("[500000000000000000,", "[1500000000000000000,"),
                (#""slice":"15m""#, #""slice":"14m""#), (#""slice":"15m","#, ""),
                (#""late":[[8,2]]"#, #""late":[[9,2]]"#),
                (#""late":[[8,2]]"#, #""late":[[8,3]]"#), (#""late":[[8,2]],"#, ""), (#""bad":[1,"#, #""bad":[2,"#),
                (#""bad":[1,"#, #""bad":["#), (#"},"sources""#, #","inconsistent":[[8,16]]},"sources""#),
            ] where text.contains(part) {
                let changed = text.replacing(part, with: replacement, maxReplacements: 1)
                #expect(throws: WindowRecordError.self) { try WindowRecord(json: Array(changed.utf8)) }
            }
        }
    }

    @Test func oneReaderReadsManyObjectivesAndOrdersOfMembers() throws {
        var reader = WindowRecordReader()
        for round in 0..<3 as Range<Int64> {
            for name in ["a", "b", #"c,"start":""#, "d"] {
                var record = record(total: round, stamp: round, epoch: 1)
                record.terms.name = name
                record.start = at(60 * round)
                if name == "d" { record.terms.target = Ratio(round + 1, 4) }
                #expect(try reader.read(record.json) == record)
                // Terms behind the start, which what was recognised before must not hide.
                var text = String(decoding: record.json, as: UTF8.self)
                text.removeLast()
                text += #","service":"other","unknown":{"x":[null]}}"#
                record.terms.service = "other"
                #expect(try reader.read(Array(text.utf8)) == record)
            }
        }
    }
}
