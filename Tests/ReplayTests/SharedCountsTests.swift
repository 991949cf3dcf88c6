import Foundation
import Planning
import Statistics
import TestSupport
import Testing

@testable import Replay

/// Objectives that count the same records share what is found and counted of them. Nothing of it is to be seen: each comes to what it
/// comes to alone.
@Suite struct SharedCountsTests {
    private static let total = "CloudTrail, spec: {filter: event.eventSource == \"s3.amazonaws.com\""
    private static let good = "CloudTrail, spec: {filter: '!has(event.errorCode)'"
    private static let bad = "CloudTrail, spec: {filter: has(event.errorCode)"
    private static let occurrences = "budgetingMethod: Occurrences\n  objectives: [{target: 0.99}]"

    private static func objective(
        _ name: String, _ part: String = "good", _ other: String = good, total: String = total, more: String = "",
        judged: String = occurrences
    ) -> String {
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
                \(part): {metricSource: {type: \(other)\(more)}}}
                total: {metricSource: {type: \(total)\(more)}}}
          timeWindow: [{duration: 30d, isRolling: true}]
          \(judged)
        """
    }

    private static func volume(_ name: String, target: Double) -> String {
        objective(
            name, "good", "VPCFlow, spec: {filter: event.action == \"ACCEPT\", measure: bytes",
            total: "VPCFlow, spec: {filter: event.log_status == \"OK\", measure: bytes",
            judged: occurrences.replacing("0.99", with: "\(target)"))
    }

    private static func rollup(_ name: String) -> String {
        """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: \(name)}
        spec:
          source: CloudTrail
          window: 1m
          filter: event.eventSource == "s3.amazonaws.com"
          measures: [{name: all, count: true}, {name: good, count: true, filter: '!has(event.errorCode)'}]
        """
    }

    private static let resources = [
        objective("strict"), objective("lenient", judged: occurrences.replacing("0.99", with: "0.5")),
        objective("of-bad", "bad", bad),
        objective(
            "of-slices",
            judged: "budgetingMethod: Timeslices\n"
                + "  objectives: [{target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 5m}]"),
        objective("by-name", more: ", groupBy: [eventName]"), objective("by-name-too", more: ", groupBy: [eventName]"),
        volume("volume", target: 0.9), volume("volume-too", target: 0.8), rollup("calls"), rollup("calls-too"),
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
        let files = [
            try folder.write(SharedCountsTests.shuffled(), to: "calls.json"),
            try folder.write(SmallEstate.flows.map { $0.line + "\n" }.joined(), to: "flows.log"),
        ]
        func outputs(_ resources: [String], _ name: String) throws -> (windows: [String], rollups: [String]) {
            let plan = try SmallEstate.plan(resources.joined(separator: "\n---\n"), outputs: [.windows, .rollups])
            var options = Replay.Options()
            options.outputFolder = folder.path(name)
            options.latenessHorizonNanoseconds = 1_200_000_000_000
            _ = try Replay(plan: plan, options: options).run(files: files)
            let windows = try String(contentsOfFile: folder.path("\(name)/windows.ndjson"), encoding: .utf8)
            return (
                windows.split(separator: "\n").map(String.init).sorted(),
                ["calls", "calls-too"].compactMap {
                    try? String(contentsOfFile: folder.path("\(name)/rollups/\($0).csv"), encoding: .utf8)
                }
            )
        }
        let together = try outputs(SharedCountsTests.resources, "together")
        let alone = try SharedCountsTests.resources.enumerated().map { try outputs([$1], "alone-\($0)") }
        #expect(together.windows == alone.flatMap(\.windows).sorted())
        #expect(together.rollups == alone.flatMap(\.rollups) && together.rollups.count == 2)
        // Of each there is something, and what arrived later and too late is in it.
        #expect(alone.dropLast(2).allSatisfy { !$0.windows.isEmpty })
        #expect(together.windows.contains { $0.contains(#""arrived_later":[["#) })
        #expect(together.windows.contains { !$0.contains(#""late":[]"#) })
    }

    /// A hundred objectives over 4,000 minutes are more slices than are held at once.
    @Test func whatIsHandedOverInBetweenIsCountedOnce() throws {
        let folder = try TemporaryFolder()
        let times = (0..<4_000).map { SmallEstate.Call(second: 60 * $0, isBad: $0 % 10 == 0) }
        let calls = try folder.write(times.map { $0.json + "\n" }.joined(), to: "calls.json")
        let resources = (0..<100).map { SharedCountsTests.objective("slo-\($0)") }
        let plan = try SmallEstate.plan(resources.joined(separator: "\n---\n"), outputs: [.report])
        let entries = try Replay(plan: plan, options: Replay.Options()).run(files: [calls]).report.entries
        #expect(entries.count == 100 && entries.allSatisfy { $0.total == 4_000 && $0.good == 3_600 })
    }
}
