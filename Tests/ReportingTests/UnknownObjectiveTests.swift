import Objectives
import TelemetryModel
import TestObjectives
import Testing

@testable import Reporting

/// What is in the windows and in no resource is marked, in every form of the report.
@Suite struct UnknownObjectiveTests {
    private static let hostile = "\u{1B}[31mforged|<b>\u{202E}"

    private func report(known: [String]) throws -> SLOReport {
        let ledgers = try ["api", Self.hostile].map { name in
            var ledger = ObjectiveLedger(terms: terms(name))
            try ledger.set(SliceCounts(good: 999, total: 1000), at: at(0))
            return ledger
        }
        var report = SLOReport(at: at(1), ledgers: ledgers)
        report.markUnknown(besides: known)
        return report
    }

    @Test func anObjectiveOfNoResourceIsMarkedInEveryForm() throws {
        let report = try report(known: ["api", "other"])
        #expect(report.entries.filter(\.isUnknown).map(\.terms.name) == [Self.hostile])
        let text = "unknown: in no resource given"
        let json = String(decoding: report.json, as: UTF8.self)
        #expect(json.split(separator: #"{"code":"slo_unknown","subject":"SLO "#).count == 2)
        let table = report.table()
        let rows = table.split(separator: "\n").filter { $0.contains("(unknown)") }
        #expect(rows.count == 1 && rows[0].contains("forged"), "\(table)")
        for form in [json, table, report.markdown, report.html] {
            #expect(form.contains(text), "\(form)")
            #expect(!form.contains("\u{1B}") && !form.contains("\u{202E}"))
        }
        for form in [report.markdown, report.html] { #expect(form.contains("unknown")) }
        let rowsOfCSV = report.csv.split(separator: "\r\n")
        #expect(rowsOfCSV[0].hasSuffix(",note"))
        #expect(rowsOfCSV.dropFirst().map { $0.hasSuffix(",unknown") } == report.entries.map(\.isUnknown))
    }

    @Test func nothingIsMarkedWhereAllIsKnown() throws {
        let report = try report(known: ["api", Self.hostile])
        #expect(!report.table().contains("unknown") && report.entries.allSatisfy { $0.warnings.isEmpty })
    }
}
