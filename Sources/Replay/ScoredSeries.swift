import Statistics
import Text

/// A CSV series with an anomaly score for each row.
public struct ScoredSeries: Sendable {
    public struct Problem: Error, CustomStringConvertible, Sendable {
        public let description: String
    }

    /// The input with a column `score` added; a time stamp that a spreadsheet would compute has an apostrophe in front.
    public let csv: [UInt8]
    /// Rows with a score of 0.5 or more: where a deviation begins.
    public let alerts: Int

    /// - Parameter csv: a header `timestamp,value` and a row for each value. A byte-order mark, CRLF and blank lines are
    ///   accepted; a value that is no finite number is refused with its line.
    ///   A deviation is one alert: the rows in which it goes on have a score just below 0.5.
    public init(csv input: [UInt8], named name: String, _ terms: DetectedSeries.Terms) throws(Problem) {
        let text = String(decoding: input, as: UTF8.self)
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }[...]
        let header = (lines.popFirst() ?? "").drop { $0 == "\u{FEFF}" }
        guard header == "timestamp,value" else {
            throw Problem(description: "\(name):1: the header is '\(header.prefix(60))', expected 'timestamp,value'")
        }
        var series = DetectedSeries(terms)
        var output: [UInt8] = Array("timestamp,value,score\n".utf8)
        output.reserveCapacity(input.count * 2)
        var alerts = 0
        for (index, line) in lines.enumerated() where !line.isEmpty {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            guard cells.count == 2, let value = Double(cells[1]), value.isFinite else {
                throw Problem(description: "\(name):\(index + 2): expected a timestamp and a finite number")
            }
            let goesOn = series.deviation != nil
            var score = series.observe(value, terms).judgement.score
            if score >= 0.5, goesOn { score = 0.5.nextDown }
            if score >= 0.5 { alerts += 1 }
            output.append(contentsOf: "\(Inert.csv(String(cells[0]))),\(cells[1]),\(score)\n".utf8)
        }
        self.csv = output
        self.alerts = alerts
    }
}
