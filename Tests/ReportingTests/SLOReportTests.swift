import Objectives
import TelemetryModel
import TestObjectives
import Testing
import Text

@testable import Reporting

@Suite struct SLOReportTests {
    private func report() throws -> SLOReport {
        var api = ObjectiveLedger(terms: terms("api-availability"))
        try api.set(SliceCounts(good: 990, total: 1000), at: at(0))
        try api.set(SliceCounts(good: 1000, total: 1000, late: 2), at: at(1))
        api.note(SourceSpan(source: .kafka(topic: "metrics", partition: 0), first: 5, last: 9), at: at(0))
        api.note(SourceSpan(source: .kafka(topic: "metrics", partition: 0), first: 2, last: 7), at: at(1))
        let empty = ObjectiveLedger(
            terms: terms(
                "Zulu", window: hour, method: .timeslices(target: Ratio(95, 100), windowNanoseconds: minute),
                target: Ratio(999, 1000)))
        return SLOReport(at: at(60), ledgers: [api, empty])
    }

    @Test func jsonBytesAreFixed() throws {
        #expect(
            String(decoding: try report().json, as: UTF8.self)
                == #"{"at":"2026-11-20T01:00:00Z","slos":[{"name":"Zulu","service":"shop","window":"1h","#
                + #""method":"Timeslices","timeslice_target":0.95,"timeslice_window":"1m","target":0.999,"good":0,"#
                + #""total":60,"bad":0,"unknown_slices":60,"inconsistent_slices":0,"excluded":0,"late_uncounted":0,"sli":null,"#
                + #""budget":{"total":0.06,"spent":0,"remaining_ratio":null},"burn_rates":[{"window":"1h","rate":null}],"#
                + #""status":"no_data","counted_since":null,"warnings":[],"worst":[],"sources":[]},{"name":"api-availability","service":"shop","#
                + #""window":"30d","method":"Occurrences","target":0.99,"good":1990,"total":2000,"bad":10,"#
                + #""unknown_slices":43198,"inconsistent_slices":0,"excluded":0,"late_uncounted":2,"sli":0.995,"#
                + #""budget":{"total":20,"spent":10,"remaining_ratio":0.5},"burn_rates":[{"window":"1h","rate":0.5},"#
                + #"{"window":"6h","rate":0.5},{"window":"1d","rate":0.5},{"window":"3d","rate":0.5}],"status":"incomplete","#
                + #""counted_since":"2026-11-20T00:00:00Z","warnings":[],"#
                + #""worst":[{"start":"2026-11-20T00:00:00Z","good":990,"total":1000}],"#
                + #""sources":[{"topic":"metrics","partition":0,"first_offset":2,"last_offset":9}]}],"warnings":[]}"#)
    }

    @Test(arguments: [140, 100, 80, 50])
    func theTableFitsItsTerminalWithNamesInFull(width: Int) throws {
        var long = ObjectiveLedger(
            terms: terms("an-objective-with-a-name-that-goes-on-and-on-and-on/2", target: Ratio(decimal: "0.9995")!))
        try long.set(SliceCounts(good: 123_456_789, total: 123_456_790), at: at(0))
        var report = try report()
        report.entries += SLOReport(at: at(60), ledgers: [long]).entries
        let table = report.table(width: width)
        print(table)
        // The last name alone is wider than 50 columns, and is shortened there.
        let rows = try #require(table.split(separator: "\n\n").dropFirst().first)
        #expect(rows.split(separator: "\n").allSatisfy { $0.count <= width })
        #expect((width == 50) != rows.contains("an-objective-with-a-name-that-goes-on-and-on-and-on/2"))
        // All but one are good, and that is not 100 %.
        #expect(table.contains("99.999%"))
        #expect(!table.contains("\u{1B}"))
        #expect(report.table(isColoured: true).contains("\u{1B}[36mincomplete\u{1B}[0m"))
        // A column is either there or named as left out.
        #expect(table.contains(" 3d") == true)
        #expect(table.contains("3 SLOs: 2 incomplete, 1 no_data"))
    }

    @Test func whatTheColumnsLeaveOutIsSaidBelow() throws {
        let table = try report().table()
        #expect(table.contains("api-availability: worst 2026-11-20T00:00:00Z 10 of 1,000 bad"))
        #expect(table.contains("api-availability: 2 records came too late to be counted"))
    }

    @Test func documentsEscapeWhatNamesCanHold() throws {
        var ledger = ObjectiveLedger(terms: terms(#"a|b <script>"x", 'y' & z"#))
        try ledger.set(SliceCounts(good: 1, total: 2), at: at(0))
        let report = SLOReport(at: at(1), ledgers: [ledger])
        #expect(report.markdown.contains(#"| a\|b \<script\>"x", 'y' \& z | shop | violated | 50% | 99% | 30d |"#))
        #expect(report.html.contains("<td>a|b &lt;script&gt;&quot;x&quot;, &#39;y&#39; &amp; z<br><small>"))
        #expect(!report.html.contains("<script"))
        let lines = report.csv.split(separator: "\r\n")
        #expect(lines.count == 2)
        #expect(
            lines[1]
                == #"2026-11-20T00:01:00Z,"a|b <script>""x"", 'y' & z",shop,30d,Occurrences,0.99,1,2,1,43199,0,0,0.5,0.02,"#
                + "1,-49,50,50,50,50,violated,0,2026-11-20T00:00:00Z,")
    }

    @Test func namesOfATopicActInNoFormat() throws {
        var ledger = ObjectiveLedger(terms: terms("=1+1\u{1B}[2J\n# h \u{202E}@team http://a"))
        try ledger.set(SliceCounts(good: 1, total: 2), at: at(0))
        var report = SLOReport(at: at(1), ledgers: [ledger])
        report.note([UnreadSpan(topic: "t\u{9B}", partition: 1, from: 4, to: 7)], of: ledger.terms.name)
        let line = #"=1+1\u{1B}[2J\n# h \u{202E}@team http://a"#
        for width in [nil, 30, 200] {
            let table = report.table(width: width)
            let acts = table.unicodeScalars.contains { $0.isActive && $0 != "\n" }
            #expect(!acts)
        }
        #expect(report.table().contains("\n" + line + "  "))
        #expect(report.html.contains("<td>" + line + "<br>"))
        #expect(report.markdown.contains(#"| \=1+1\\u{1B}\[2J\\n`#` h \\u{202E}`@`team http\://a | shop |"#))
        #expect(report.csv.contains(",'" + line + ",shop,"))
        let json = String(decoding: report.json, as: UTF8.self)
        #expect(json.contains(#""name":"=1+1\u001b[2J\n# h \u202e@team http://a""#))
        let acts = json.unicodeScalars.contains { $0.isActive }
        #expect(!acts)
    }

    @Test func everyDocumentHasARowForEachObjective() throws {
        let report = try report()
        #expect(report.markdown.split(separator: "\n").filter { $0.hasPrefix("| ") }.count == 3)
        #expect(report.html.ranges(of: "<tr><td>").count == 2)
        #expect(report.html.contains("<meta name=\"viewport\"") && report.html.contains("prefers-color-scheme: dark"))
        #expect(report.html.contains("<td class=\"incomplete\">incomplete</td>"))
        #expect(report.csv.split(separator: "\r\n").count == 3)
    }

    @Test func theMostTroubledComeFirst() throws {
        func ledger(_ name: String, good: Int64) throws -> ObjectiveLedger {
            var ledger = ObjectiveLedger(terms: terms(name, window: hour))
            try ledger.set(SliceCounts(good: good, total: 1000), at: at(0))
            return ledger
        }
        let ledgers = [
            try ledger("a-met", good: 1000), try ledger("b-worse", good: 100), try ledger("c-bad", good: 900),
            try ledger("d-odd", good: 1001), ObjectiveLedger(terms: terms("e-nothing")),
        ]
        let report = SLOReport(at: at(60), ledgers: ledgers)
        #expect(report.byTrouble.map(\.terms.name) == ["d-odd", "b-worse", "c-bad", "e-nothing", "a-met"])
        #expect(report.entries.map(\.terms.name).first == "a-met")
        #expect(report.table().contains("5 SLOs: 1 invalid, 2 violated, 1 no_data, 1 met"))
    }

    @Test func aReportOverNothingSaysSoAndHasNoTime() {
        let report = SLOReport(ledgers: [ObjectiveLedger](), origin: "1 file held nothing")
        #expect(report.at == nil)
        for text in [report.table(), report.markdown, report.html] {
            #expect(text.contains("nothing was counted") && text.contains("1 file held nothing"))
            #expect(!text.contains("1970") && !text.contains("BAD") && !text.contains("Budget left"))
        }
        #expect(String(decoding: report.json, as: UTF8.self) == #"{"at":null,"slos":[],"warnings":[]}"#)
        let silent = SLOReport(ledgers: [ObjectiveLedger(terms: terms())])
        #expect(silent.table().contains("no_data") && !silent.csv.contains("1970"))
    }

    @Test func recordsThatWereGoneAreNamed() throws {
        var ledger = ObjectiveLedger(terms: terms())
        try ledger.set(SliceCounts(good: 1, total: 1), at: at(0))
        ledger.note(UnreadSpan(topic: "t", partition: 1, incarnation: 1, from: 4, to: 7), at: at(0))
        ledger.note(UnreadSpan(topic: "t", partition: 1, from: 10, to: nil), at: at(0))
        let report = SLOReport(at: at(1), ledgers: [ledger])
        #expect(report.table().contains("api: not counted, gone before it was read: t[1] offsets from 10 on"))
        #expect(report.markdown.contains("t\\[1\\] (incarnation 1) offsets 4 to 6"))
        #expect(
            String(decoding: report.json, as: UTF8.self).contains(
                #""gaps":[{"topic":"t","partition":1,"from_offset":10,"to_offset":null},"#
                    + #"{"topic":"t","partition":1,"incarnation":1,"from_offset":4,"to_offset":7}]"#))
    }

    @Test func aWidenedWindowStandsInTheJSONAndIsNoted() throws {
        var ledger = ObjectiveLedger(terms: terms(window: 5 * day))
        for minute in 0..<Int64(6 * 1440) { try ledger.set(SliceCounts(good: 1, total: 1), at: at(minute)) }
        ledger.advance(to: at(5 * 1440 + 30))
        let report = SLOReport(at: at(95), ledgers: [ledger])
        #expect(
            String(decoding: report.json, as: UTF8.self).contains(
                #""window_start":"2026-11-15T01:35:00Z","window_end":"2026-11-20T01:45:00Z""#))
        #expect(
            report.table().contains(
                "api: counted from 2026-11-15T01:35:00Z to 2026-11-20T01:45:00Z, by the sums that are kept of old slices"
            ))
    }
}
