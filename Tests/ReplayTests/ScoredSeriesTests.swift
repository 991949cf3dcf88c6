import Foundation
import Statistics
import Testing

@testable import Replay

@Suite struct ScoredSeriesTests {
    private let terms = DetectedSeries.Terms(.ewma(.defaults), acceptAfter: 20, settleAfter: 2)

    private func scored(_ text: String) throws -> [String] {
        let series = try ScoredSeries(csv: Array(text.utf8), named: "s.csv", terms)
        return String(decoding: series.csv, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func jumpAfterTheWarmupIsAnAlertAndRowsStayAsTheyWere() throws {
        let values = (0..<20).map { "2026-01-15 09:\(10 + $0):00,\(10 + $0 % 2)" } + ["2026-01-15 09:40:00,1000"]
        let text = "timestamp,value\n" + values.joined(separator: "\n")
        let series = try ScoredSeries(csv: Array(text.utf8), named: "s.csv", terms)
        #expect(series.alerts == 1)
        let rows = try scored(text).dropFirst()
        #expect(zip(rows, values).allSatisfy { $0.hasPrefix($1 + ",") })
        #expect(rows.count == values.count)
    }

    @Test func aDeviationIsOneAlertHoweverLongItGoesOn() throws {
        let values = (0..<20).map { 10 + $0 % 2 } + [500, 500, 10, 500, 10, 10, 500]
        let text = "timestamp,value\n" + values.enumerated().map { "\($0),\($1)\n" }.joined()
        let scores = try scored(text).dropFirst(21).compactMap { $0.split(separator: ",").last.flatMap { Double($0) } }
        #expect(scores.map { $0 >= 0.5 } == [true, false, false, false, false, false, true])
        #expect(scores[1] == 0.5.nextDown && scores[3] == 0.5.nextDown)
        #expect(try ScoredSeries(csv: Array(text.utf8), named: "s.csv", terms).alerts == 2)
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
