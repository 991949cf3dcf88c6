import Foundation
import TestSupport
import Testing

/// `detect`: scores for series in files.
@Suite(.serialized) struct DetectionTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The method as it is documented, straight from its formulas: the rows in which an alert begins. What deviates is not
    /// learnt, and these series come back for less than an alert takes to end.
    private func alerts(_ values: [Double], alpha: Double, threshold: Double, warmup: Int) -> [Bool] {
        guard var mean = values.first else { return [] }
        var (variance, isOpen) = (0.0, false)
        return values.enumerated().map { index, value in
            let difference = value - mean
            let deviation = max(variance.squareRoot(), 0.01 * abs(mean))
            let isFlagged = index >= warmup && abs(difference) > threshold * deviation
            defer { isOpen = isOpen || isFlagged }
            if isFlagged { return !isOpen }
            mean += alpha * difference
            variance = (1 - alpha) * (variance + alpha * difference * difference)
            return false
        }
    }

    @Test func pathsAreMirroredAndFlagsAreExact() throws {
        let series: [String: [Double]] = [
            "flat.csv": (0..<40).map { $0 == 30 ? 50 : 10 + Double($0 % 3) },
            "deep/er/step.csv": (0..<60).map { Double(($0 * 7919) % 13) + ($0 >= 45 ? 400 : 0) },
            "deep/constant.csv": (0..<30).map { $0 == 20 ? 6 : 5 },
            "deep/one.csv": [1],
        ]
        for (name, values) in series {
            let rows = values.enumerated().map { "2026-01-01 00:\($0 < 10 ? "0" : "")\($0):00,\($1)\n" }.joined()
            try folder.write("timestamp,value\n" + rows, to: "series/\(name)")
        }
        try folder.write("not a series", to: "series/notes.txt")
        let result = try Tidewatch.run(
            ["detect", "--method", "ewma", "--out", folder.path("scores"), folder.path("series")], in: folder)
        #expect(result.status == 0, "\(result.error)")
        let written = try folder.files(below: "scores")
        #expect(Set(written.keys) == Set(series.keys))
        var flagged = 0
        for (name, values) in series {
            let lines = String(decoding: try #require(written[name]), as: UTF8.self).split(separator: "\n")
            #expect(lines.first == "timestamp,value,score")
            let source = try folder.text("series/\(name)").split(separator: "\n").dropFirst()
            #expect(lines.dropFirst().map { $0[..<($0.lastIndex(of: ",") ?? $0.endIndex)] } == Array(source))
            let scores = lines.dropFirst().compactMap { $0.split(separator: ",").last.flatMap { Double($0) } }
            #expect(scores.count == values.count)
            #expect(scores.allSatisfy { (0...1).contains($0) })
            let expected = alerts(values, alpha: 0.2, threshold: 5, warmup: 10)
            #expect(scores.map { $0 >= 0.5 } == expected, "\(name)")
            flagged += expected.count { $0 }
        }
        #expect(flagged >= 2, "the series must hold anomalies for this test to mean something")
    }

    @Test func valueThatIsNoNumberIsRefusedWithItsLine() throws {
        try folder.write("timestamp,value\n2026-01-01,1\n2026-01-02,many\n", to: "series/bad.csv")
        let result = try Tidewatch.run(["detect", "--out", folder.path("scores"), folder.path("series")], in: folder)
        #expect(result.status == 1)
        #expect(result.error.contains("bad.csv:3"), "\(result.error)")
    }
}
