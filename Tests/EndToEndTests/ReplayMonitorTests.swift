import Foundation
import TestSupport
import Testing

/// Monitors of a replay know a group again in each of its windows, however many other groups come and go, and whether the
/// cells stayed in memory or were spilled; and what is folded when spilled cells are added up is said.
@Suite(.serialized) struct ReplayMonitorTests {
    private static let start = 1_768_467_600
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func resources(window: String, groupsMax: Int) -> String {
        """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: sources}
        spec:
          source: VPCFlow
          window: \(window)
          groupBy: [srcaddr]
          groupsMax: \(groupsMax)
          measures: [{name: flows, count: true}]
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: busy}
        spec:
          rollup: sources
          value: flows
          method: {ewma: {alpha: 0.2, threshold: 6, warmup: 5}}
        """
    }

    private func line(_ source: String, _ second: Int) -> String {
        "2 123456789012 eni-0a \(source) 10.0.0.1 1 2 6 1 1 \(second) \(second) ACCEPT OK\n"
    }

    private func replay(window: String, groupsMax: Int = 100_000, _ texts: [String]) throws -> Tidewatch.Result {
        try folder.write(resources(window: window, groupsMax: groupsMax), to: "resources.yaml")
        for (place, text) in texts.enumerated() { try folder.write(text, to: "in/\(place).log") }
        let result = try Tidewatch.run(
            [
                "replay", "--resources", folder.path("resources.yaml"), "--format", "vpc-flow", "--outputs",
                "rollups,anomalies", "--out", folder.path("out"), folder.path("in"),
            ], in: folder)
        #expect(result.status == 0, "\(result.error)")
        return result
    }

    /// Windows of a few groups that stay and some that come once; the first of those that stay has bursts.
    private func history(
        windows: Int, seconds: Int, staying: Int, passing: (Int) -> Int, bursts: [Int]
    ) -> String {
        var text = ""
        for window in 0..<windows {
            let second = Self.start + window * seconds
            for group in 0..<passing(window) {
                text += line("10.\(window >> 8).\(window & 255).\(group)", second)
            }
            for group in 0..<staying {
                let usual = 2 + 3 * group + (window + group) % 2
                let count = group == 0 && bursts.contains(window) ? 60 : usual
                text += String(repeating: line("192.168.0.\(group)", second), count: count)
            }
        }
        return text
    }

    @Test func groupsAreKnownAgainWhereManyOthersComeAndGo() throws {
        let text = history(windows: 60, seconds: 60, staying: 5, passing: { 90 + 2 * $0 }, bursts: [20, 50])
        _ = try replay(window: "1m", [text])
        let rows = try folder.text("out/anomalies/busy.csv").split(separator: "\n").dropFirst()
        #expect(rows == [20, 50].map { "\(Self.start + 60 * $0),192.168.0.0,+" }[...])
    }

    @Test func groupsAreKnownAgainWhereCellsWereSpilled() throws {
        // More windows than are kept open.
        let text = history(windows: 51_000, seconds: 1, staying: 2, passing: { $0 * 7 % 5 }, bursts: [40, 50_500])
        _ = try replay(window: "1s", [text])
        let rows = try folder.text("out/anomalies/busy.csv").split(separator: "\n").dropFirst()
        #expect(rows == [40, 50_500].map { "\(Self.start + $0),192.168.0.0,+" }[...])
        #expect(try folder.text("out/rollups/sources.csv").hasPrefix("window_start,srcaddr,flows\n"))
    }

    @Test func whatIsFoldedWhenSpilledCellsAreAddedUpIsSaid() throws {
        let windows = 51_000
        let texts = [["a", "b"], ["c", "d"]].map { groups in
            (0..<windows).map { window in
                groups.map { line("10.0.0.\($0 == "a" ? 1 : $0 == "b" ? 2 : $0 == "c" ? 3 : 4)", Self.start + window) }
                    .joined()
            }.joined()
        }
        let result = try replay(window: "1s", groupsMax: 2, texts)
        let rows = try folder.text("out/rollups/sources.csv").split(separator: "\n").dropFirst()
        let total = rows.compactMap { $0.split(separator: ",").last.flatMap { Int($0) } }.reduce(0, +)
        #expect(total == 4 * windows)
        let trouble = try folder.json("out/stats.json")["troubles"]["sources"]
        let folded = (trouble["folded_events"].number ?? 0) + (trouble["folded_cells"].number ?? 0)
        // Each group beyond two is in `other`, whichever file was emptied first.
        #expect(folded == Double(2 * windows), "\(trouble)")
        #expect(result.error.contains("other"), "\(result.error)")
    }
}
