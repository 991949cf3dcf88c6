import Foundation
import Planning
import Statistics
import TestSupport
import Testing

@testable import Replay

/// Objectives that count the same records share what is found and counted of them. Nothing of it is to be seen: each comes to what it
/// comes to alone.
@Suite struct SharedCountsTests {
    private static func objective(_ name: String, other: String, judged: String) -> String {
        """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: \(name)}
        spec:
          service: shop
          indicator:
            metadata: {name: \(name)}
            spec:
              ratioMetric:
                \(other)
                total: {metricSource: {type: CloudTrail, spec: {filter: event.eventSource == "s3.amazonaws.com"}}}
          timeWindow: [{duration: 30d, isRolling: true}]
          \(judged)
        """
    }

    private static let good = "good: {metricSource: {type: CloudTrail, spec: {filter: '!has(event.errorCode)'}}}"
    private static let bad = "bad: {metricSource: {type: CloudTrail, spec: {filter: has(event.errorCode)}}}"
    private static let occurrences = "budgetingMethod: Occurrences\n  objectives: [{target: 0.99}]"

    private static let resources = [
        objective("strict", other: good, judged: occurrences),
        objective("lenient", other: good, judged: occurrences.replacing("0.99", with: "0.5")),
        objective("of-bad", other: bad, judged: occurrences),
        objective(
            "of-slices", other: good,
            judged: "budgetingMethod: Timeslices\n"
                + "  objectives: [{target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 5m}]"),
        """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: calls}
        spec:
          source: CloudTrail
          window: 1m
          filter: event.eventSource == "s3.amazonaws.com"
          measures: [{name: all, count: true}, {name: good, count: true, filter: '!has(event.errorCode)'}]
        """,
    ]

    /// Calls in an order in which some arrive when their slice is over, and some too late.
    private static func shuffled() -> String {
        var generator = SeededGenerator(seed: 11)
        let placed = SmallEstate.calls.map { call in
            let isLate = Int.random(in: 0..<20, using: &generator) == 0
            return (call.second + Int.random(in: 0..<(isLate ? 3_000 : 200), using: &generator), call)
        }
        return placed.sorted { $0.0 < $1.0 }.map { $0.1.json + "\n" }.joined()
    }

    @Test func eachComesToWhatItComesToAlone() throws {
        let folder = try TemporaryFolder()
        let calls = try folder.write(SharedCountsTests.shuffled(), to: "calls.json")
        func outputs(_ resources: [String], _ name: String) throws -> (windows: [String], rollup: String?) {
            let plan = try SmallEstate.plan(resources.joined(separator: "\n---\n"), outputs: [.windows, .rollups])
            var options = Replay.Options()
            options.outputFolder = folder.path(name)
            options.latenessHorizonNanoseconds = 1_200_000_000_000
            _ = try Replay(plan: plan, options: options).run(files: [calls])
            let windows = try String(contentsOfFile: folder.path("\(name)/windows.ndjson"), encoding: .utf8)
            return (
                windows.split(separator: "\n").map(String.init),
                try? String(contentsOfFile: folder.path("\(name)/rollups/calls.csv"), encoding: .utf8)
            )
        }
        let together = try outputs(SharedCountsTests.resources, "together")
        let alone = try SharedCountsTests.resources.enumerated().map { try outputs([$1], "alone-\($0)") }
        #expect(together.windows.sorted() == alone.flatMap(\.windows).sorted())
        #expect(together.rollup != nil && together.rollup == alone.last?.rollup)
        // What arrived later and too late is in it.
        #expect(together.windows.contains { $0.contains(#""arrived_later":[["#) })
        #expect(together.windows.contains { !$0.contains(#""late":[]"#) })
    }
}
