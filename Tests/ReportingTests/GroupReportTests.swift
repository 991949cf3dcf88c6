import Objectives
import TelemetryModel
import TestObjectives
import Testing

@testable import Reporting

/// What a reader sees of an SLO for each of many groups.
@Suite struct GroupReportTests {
    /// Groups of which the first so many have spent their budget.
    private func report(groups: Int, violated: Int, silent: Int = 0) throws -> SLOReport {
        var whole = ObjectiveLedger(terms: terms("api"))
        whole.note(SourceSpan(source: .file(name: "f"), first: 0, last: 9), at: at(-30 * 1440))
        var ledgers = [whole]
        for number in 0..<groups {
            let group = ObjectiveGroup(columns: ["dimensions.tenant"], values: ["tenant-\(number)"])
            var ledger = whole.ledger(of: group)
            let time = number >= groups - silent ? at(-31 * 1440) : at(0)
            try ledger.set(SliceCounts(good: number < violated ? 50 : 100, total: 100), at: time)
            ledgers.append(ledger)
        }
        return SLOReport(at: at(60), ledgers: ledgers)
    }

    @Test func whatIsWellIsOneLineAndWhatIsNotHasOneEach() throws {
        let report = try report(groups: 1000, violated: 3)
        #expect(report.entries.count == 1000)
        let table = report.folded.table()
        print(table)
        let rows = try #require(table.split(separator: "\n\n").dropFirst().first).split(separator: "\n")
        #expect(rows.count == 5)
        #expect(rows.dropFirst().prefix(3).allSatisfy { $0.contains("violated") && $0.contains("tenant-") })
        #expect(rows.last?.hasPrefix("api (997 groups)") == true)
        #expect(rows.last?.contains("99,700") == true)
        #expect(table.contains("1 SLO, 1,000 groups: 3 violated, 997 met"))
    }

    @Test func ofManyInTroubleTheWorstHaveALine() throws {
        let table = try report(groups: 100, violated: 60).folded.table()
        let rows = try #require(table.split(separator: "\n\n").dropFirst().first).split(separator: "\n")
        #expect(rows.count == 1 + SLOReport.groupsMax + 2)
        #expect(rows.contains { $0.hasPrefix("api (40 groups)") && $0.contains("violated") })
        #expect(rows.contains { $0.hasPrefix("api (40 groups)") && $0.contains("met") })
        #expect(table.contains("1 SLO, 100 groups: 60 violated, 40 met"))
    }

    /// A group that began late was read as long as the others were.
    @Test func aNewGroupIsNotIncomplete() throws {
        let report = try report(groups: 1, violated: 0)
        #expect(report.entries.map(\.status) == [.met])
        #expect(report.entries.first?.terms.title == "api{dimensions.tenant=tenant-0}")
    }

    @Test func aGroupWithoutRecordsInItsWindowIsNotShown() throws {
        #expect(try report(groups: 5, violated: 0, silent: 2).entries.count == 3)
        let none = try report(groups: 2, violated: 0, silent: 2)
        #expect(none.entries.map(\.terms.title) == ["api"])
        #expect(none.entries.first?.status == .noData)
    }

    @Test func aSpreadsheetHasTheGroupsInAColumnBehindTheOthers() throws {
        let lines = try report(groups: 2, violated: 0).csv.split(separator: "\r\n")
        #expect(lines[0].hasSuffix(",counted_since,note,group"))
        #expect(lines[1].hasSuffix(",dimensions.tenant=tenant-0"))
    }
}
