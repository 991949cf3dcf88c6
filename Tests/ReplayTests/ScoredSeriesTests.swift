import Foundation
import Testing

@testable import Replay

@Suite struct ScoredSeriesTests {
    private func scored(_ text: String) throws -> [String] {
        let series = try ScoredSeries(csv: Array(text.utf8), named: "s.csv", alpha: 0.2, threshold: 5, warmup: 2)
        return String(decoding: series.csv, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func jumpAfterTheWarmupIsAnAlertAndRowsStayAsTheyWere() throws {
        let values = (0..<20).map { "2026-01-15 09:\(10 + $0):00,\(10 + $0 % 2)" } + ["2026-01-15 09:40:00,1000"]
        let text = "timestamp,value\n" + values.joined(separator: "\n")
        let series = try ScoredSeries(csv: Array(text.utf8), named: "s.csv", alpha: 0.2, threshold: 5, warmup: 10)
        #expect(series.alerts == 1)
        let rows = try scored(text).dropFirst()
        #expect(zip(rows, values).allSatisfy { $0.hasPrefix($1 + ",") })
        #expect(rows.count == values.count)
    }

    @Test func byteOrderMarkCarriageReturnsAndBlankLinesAreAccepted() throws {
        let plain = try scored("timestamp,value\n1,2\n2,3\n")
        #expect(try scored("\u{FEFF}timestamp,value\r\n1,2\r\n\r\n2,3\r\n") == plain)
    }

    @Test(arguments: ["1,x", "1", "1,2,3", "1,nan", "1,inf", "1,"])
    func rowWithoutAFiniteNumberIsRefusedWithItsLine(row: String) {
        #expect {
            try scored("timestamp,value\n0,1\n\(row)\n")
        } throws: {
            "\($0)" == "s.csv:3: expected a timestamp and a finite number"
        }
    }

    @Test func otherHeaderIsRefused() {
        #expect(throws: ScoredSeries.Problem.self) { try scored("time,value\n1,2\n") }
    }
}
