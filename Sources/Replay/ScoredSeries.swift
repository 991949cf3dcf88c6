import Statistics
import Text

/// A CSV series with an anomaly score for each row.
public struct ScoredSeries: Sendable {
    public struct Problem: Error, CustomStringConvertible, Sendable {
        public let description: String
    }

    /// The input with a column `score` added; a time stamp that a spreadsheet would compute has an apostrophe in front.
    public let csv: [UInt8]
    /// Rows with a score of 0.5 or more.
    public let alerts: Int

    /// - Parameter csv: a header `timestamp,value` and a row for each value. A byte-order mark, CRLF and blank lines are
    ///   accepted; a value that is no finite number is refused with its line.
    public init(
        csv input: [UInt8], named name: String, alpha: Double, threshold: Double, warmup: Int
    ) throws(Problem) {
        let text = String(decoding: input, as: UTF8.self)
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }[...]
        let header = (lines.popFirst() ?? "").drop { $0 == "\u{FEFF}" }
        guard header == "timestamp,value" else {
            throw Problem(description: "\(name):1: the header is '\(header.prefix(60))', expected 'timestamp,value'")
        }
        guard let parameters = EWMA.Parameters(alpha: alpha, threshold: threshold, warmup: warmup) else {
            throw Problem(description: "alpha, threshold or warmup is out of range")
        }
        var series = EWMA()
        var output: [UInt8] = Array("timestamp,value,score\n".utf8)
        output.reserveCapacity(input.count * 2)
        var alerts = 0
        for (index, line) in lines.enumerated() where !line.isEmpty {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            guard cells.count == 2, let value = Double(cells[1]), value.isFinite else {
                throw Problem(description: "\(name):\(index + 2): expected a timestamp and a finite number")
            }
            let score = series.score(of: value, parameters)
            series.update(value, alpha: alpha)
            if score >= 0.5 { alerts += 1 }
            output.append(contentsOf: "\(Inert.csv(String(cells[0]))),\(cells[1]),\(score)\n".utf8)
        }
        self.csv = output
        self.alerts = alerts
    }
}
