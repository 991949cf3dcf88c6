import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

@Suite struct WindowRecordTests {
    private let record = WindowRecord(
        terms: terms("shop \"front\"", target: Ratio(999, 1000)), start: at(0),
        slices: [
            SliceCounts(good: 59, total: 60), SliceCounts(), SliceCounts(good: 0, total: 1, late: 4),
            SliceCounts(late: 7),
        ],
        sources: [
            SourceSpan(source: .file(name: "a.json.gz"), first: 0, last: 30),
            SourceSpan(source: .kafka(topic: "trail", partition: 3), first: 100, last: 160),
        ])

    @Test func bytesAreFixed() {
        let text = String(decoding: record.json, as: UTF8.self)
        #expect(
            text
                == #"{"name":"shop \"front\"","service":"shop","window":"30d","method":"Occurrences","target":0.999,"#
                + #""start":"2026-11-20T00:00:00Z","slice":"1m","good":[59,null,0,null],"total":[60,null,1,null],"#
                + #""excluded":[],"late":[[2,4],[3,7]],"sources":[{"file":"a.json.gz","first_record":0,"#
                + #""last_record":30},{"topic":"trail","partitions":[[3,100,160]]}],"version":1}"#)
    }

    @Test(arguments: [
        BudgetingMethod.occurrences,
        .timeslices(target: Ratio(decimal: "0.999999999999999999")!, windowNanoseconds: 90 * 1_000_000_000),
        .ratioTimeslices(windowNanoseconds: hour),
    ])
    func whatIsWrittenReadsBackAlike(method: BudgetingMethod) throws {
        var record = record
        record.terms.method = method
        record.terms.displayName = "Prüfung"
        record.terms.target = try #require(Ratio(decimal: "0.123456789012345678"))
        record.start = ObjectiveLedger(terms: record.terms).grid.start(of: 0)
        record.epoch = 3
        record.stamp = .max
        #expect(try WindowRecord(json: record.json) == record)
    }

    /// Up to 0.1.0 records had a place for what was left out on purpose, and nothing ever stood there.
    @Test(arguments: [#""excluded":[[3,7]],"#, ""])
    func formerRecordsAreReadWhateverIsSaidOfWhatIsExcluded(member: String) throws {
        let text = String(decoding: record.json, as: UTF8.self).replacing(#""excluded":[],"#, with: member)
        var reader = WindowRecordReader()
        for _ in 0..<2 { #expect(try reader.read(Array(text.utf8)) == record) }
    }

    @Test(arguments: [
        (#""total":[60,null,1,null]"#, #""total":[60]"#), (#""good":[59,"#, #""good":[-1,"#), ("0.999", "1.5"),
        (#""30d""#, #""30 days""#), (#""30d""#, #""0d""#), ("Occurrences", "Guesses"),
        (#""slice":"1m""#, #""slice":"2m""#),
        ("2026-11-20T00:00:00Z", "2026-11-20T00:01:00Z"), ("2026-11-20T00:00:00Z", "yesterday"),
        ("[3,7]", "[4,7]"), ("[3,7]", "[3]"), ("[3,7]", "[-1,7]"), (#""file":"a.json.gz","#, ""),
        (#""service":"shop","#, ""), ("[59,", "[59.5,"), ("[59,", "[99999999999999999999,"), ("1}", "1"),
        (#""window":"30d""#, #""window":30"#), (#""30d""#, #""99999999999999999999d""#),
    ])
    func aRecordThatCannotBeIsRefused(part: String, replacement: String) throws {
        let text = String(decoding: record.json, as: UTF8.self)
        let changed = text.replacing(part, with: replacement, maxReplacements: 1)
        try #require(changed != text)
        #expect(throws: WindowRecordError.self) { try WindowRecord(json: Array(changed.utf8)) }
    }

    @Test func onlyChangedBlocksAreTaken() throws {
        var ledger = ObjectiveLedger(terms: terms())
        try ledger.set(SliceCounts(good: 1, total: 1), at: at(0))
        try ledger.set(SliceCounts(good: 1, total: 1), at: at(60))
        #expect(ledger.takeChangedRecords().map(\.start) == [at(0), at(60)])
        try ledger.set(SliceCounts(good: 1, total: 1), at: at(0))
        #expect(ledger.takeChangedRecords().isEmpty)
        try ledger.set(SliceCounts(good: 1, total: 2), at: at(1))
        #expect(ledger.takeChangedRecords().map(\.start) == [at(0)])
        ledger.note(SourceSpan(source: .file(name: "f"), first: 0, last: 0), at: at(61))
        #expect(ledger.takeChangedRecords().map(\.start) == [at(60)])
    }

    @Test(arguments: [7, 8, 9] as [UInt64])
    func aReportFromRecordsEqualsTheOneFromMemory(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let methods: [BudgetingMethod] = [
            .occurrences, .timeslices(target: Ratio(9, 10), windowNanoseconds: minute),
            .ratioTimeslices(windowNanoseconds: 5 * minute),
        ]
        var ledgers = methods.enumerated().map { ObjectiveLedger(terms: terms("slo/\(3 - $0)", method: $1)) }
        var published: [WindowRecord] = []
        for step in 0..<2000 {
            let place = Int.random(in: 0..<3, using: &random)
            let time = at(Int64.random(in: 0..<5000, using: &random))
            let total = Int64.random(in: 0...20, using: &random)
            try ledgers[place].set(
                SliceCounts(
                    good: Int64.random(in: 0...total, using: &random), total: total,
                    late: step % 70 == 0 ? 1 : 0), at: time)
            ledgers[place].note(
                SourceSpan(
                    source: step % 2 == 0 ? .file(name: "f\(step % 3)") : .kafka(topic: "t", partition: 1),
                    first: Int64(step), last: Int64(step)), at: time)
            // Published again and again, as they change.
            if step % 100 == 99 { published += ledgers[place].takeChangedRecords() }
        }
        for place in ledgers.indices { published += ledgers[place].takeChangedRecords() }
        var history = WindowHistory()
        for record in published { history.add(try WindowRecord(json: record.json)) }
        #expect(history.superseded.isEmpty)
        for time in [at(5000), at(2500).advanced(by: 1), at(-100), at(60_000)] {
            let report = SLOReport(at: time, ledgers: history.ledgers)
            #expect(report == SLOReport(at: time, ledgers: ledgers))
            #expect(report.entries.map(\.terms.name) == ["slo/1", "slo/2", "slo/3"])
        }
    }

    @Test func aChangedTargetIsJudgedOverTheOldCounts() throws {
        var history = WindowHistory()
        var next = record
        next.start = at(60)
        next.terms.target = Ratio(1, 2)
        history.add(record)
        history.add(next)
        #expect(history.ledgers.map(\.terms.target) == [Ratio(1, 2)])
        #expect(history.ledgers[0].reportEntry(at: at(120)).total == 122)
    }

    @Test func anotherSliceLengthStartsANewHistoryAndSaysSo() throws {
        var history = WindowHistory()
        var next = record
        next.terms.method = .ratioTimeslices(windowNanoseconds: hour)
        next.start = ObjectiveLedger(terms: next.terms).grid.start(of: 0)
        history.add(record)
        history.add(next)
        #expect(history.superseded.values.elementsEqual([1]))
        #expect(history.ledgers[0].records == [next])
        let warning = ReportWarning(superseded: 1, of: next.terms.name)
        #expect(warning.line.hasPrefix("SLO \(next.terms.name): 1 record of earlier counts is left out"))
        var restored = RestoredPartition(0, [ObjectiveLedger(terms: next.terms)])
        for record in [record, next] { restored.take(record.json, judgedThrough: nil, offset: 0) }
        #expect(restored.superseded == [next.terms.name: 1] && restored.ledgers[0].records == [next])
    }
}
