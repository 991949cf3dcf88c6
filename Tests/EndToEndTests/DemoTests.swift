import TestSupport
import Testing

/// What a newcomer sees first.
@Suite(.serialized) struct DemoTests {
    private static let columns = 80

    @Test func threeIncidentsGiveThreePagesThatAreReadAtEightyColumns() throws {
        let result = try Tidewatch.run(["demo", "--seconds", "5"], in: try TemporaryFolder())
        try #require(result.status == 0, "\(result.output)\(result.error)")
        #expect(result.error.isEmpty)
        for line in result.lines { #expect(line.count <= Self.columns, "\(line)") }

        // Each notice of an opening, as the words that it is made of.
        let opened = result.output.split(separator: "\n\n")
            .filter { $0.contains("  OPEN\n  what  ") }
            .map { $0.split { $0.isWhitespace }.joined(separator: " ") }
        #expect(opened.count == 3)
        #expect(opened.count { $0.contains("CRITICAL OPEN what checkout-us-east-1b: ") } == 1)
        #expect(opened.count { $0.contains("ERROR OPEN what Port scan against eni-3f33abf90bd373a9d: ") } == 1)
        #expect(
            opened.count { $0.contains("ERROR OPEN what Burst of failed console sign-ins to account 431370564086: ") }
                == 1)
        for notice in opened {
            #expect(
                notice.contains(" why The ") && notice.contains(" do S") && notice.contains(" runbook https://"),
                "\(notice)")
        }
        // A minute or two after it began, each was told of, once; what is counted of several metrics when three more minutes have passed.
        let rows = result.output.matches(
            of: /\n[0-9]{2}:([0-9]{2})     [0-9]{2}:([0-9]{2})         ([0-9]+)  ([a-z]+)/)
        #expect(rows.count == 3)
        for row in rows {
            let delay = try #require(Int(row.2)) - (try #require(Int(row.1)))
            let usual = row.4 == "targets" ? 4...5 : 1...2
            #expect(usual.contains((delay + 60) % 60) && row.3 == "1", "\(row.0)")
        }
        #expect(result.output.contains("\n3 incidents, 3 pages, 0 tickets\n"))
        #expect(result.output.contains("Good and total of all 6 SLOs equal the generator's ledger, to the unit."))
    }
}
