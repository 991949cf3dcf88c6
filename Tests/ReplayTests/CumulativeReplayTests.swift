import Decoding
import Foundation
import Objectives
import Reporting
import Settings
import TestSupport
import Testing

@testable import Counting
@testable import Planning
@testable import Replay

@Suite struct CumulativeReplayTests {
    private static let resources = """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: shop}
        spec:
          service: shop
          timeWindow: [{duration: 1d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
          indicator: {metadata: {name: shop}, spec: {ratioMetric: {
            bad: {metricSource: {type: Metric, spec: {namespace: shop, metricName: failed}}},
            total: {metricSource: {type: Metric, spec: {namespace: shop, metricName: all}}}}}}
        """

    /// A line of OTLP JSON: a metric's value so many seconds after nine o'clock, counted since `start`.
    private func line(_ name: String, start: Int, at: Int, _ value: Int) -> String {
        let nine = 1_768_467_600
        return
            #"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"#
            + #""scopeMetrics":[{"metrics":[{"name":"\#(name)","sum":{"aggregationTemporality":2,"isMonotonic":true,"#
            + #""dataPoints":[{"startTimeUnixNano":"\#(nine + start)000000000","timeUnixNano":"\#(nine + at)000000000","#
            + #""asInt":"\#(value)"}]}}]}]}]}"#
    }

    private func plan() throws -> PipelinePlan {
        let loaded = ResourceLoader.load(text: CumulativeReplayTests.resources, file: "r.yaml")
        #expect(loaded.problems.isEmpty)
        return try PipelinePlan(resources: loaded.resources, outputs: [.report])
    }

    @Test func seriesGoOnFromFileToFileThroughARestart() throws {
        let folder = try TemporaryFolder()
        let all = [(0, 60, 100), (0, 120, 200), (0, 180, 300), (210, 240, 50)]
        let failed = [(0, 60, 0), (0, 120, 1), (0, 180, 3), (210, 240, 1)]
        var files: [String] = []
        for index in all.indices {
            let lines = [("all", all[index]), ("failed", failed[index])].map { name, point in
                line(name, start: point.0, at: point.1, point.2)
            }
            files.append(try folder.write(lines.joined(separator: "\n"), to: "\(index).jsonl"))
        }
        let result = try Replay(plan: plan(), options: Replay.Options()).run(files: files)
        let report = String(decoding: result.report.json, as: UTF8.self)
        #expect(report.contains(#""good":346,"total":350,"bad":4,"#) && report.contains(#""status":"violated""#))
        #expect(result.statistics.cumulative.isEmpty)
    }

    /// Good and total are whole numbers: what a sum loses or gains by that is said.
    @Test func sumsThatAreNoWholeNumbersAreNoted() throws {
        let plan = try plan()
        var decoder = plan.makeMessageDecoder(format: .auto, flowFields: nil, limits: DecodingLimits())
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: .max / 2, cursor: .message(topic: "metrics", partition: 0, offset: 0),
            sink: DiscardingSink())
        func count(_ value: String) -> Int64 {
            let text = line("all", start: 0, at: 60, 0).replacing(
                #""aggregationTemporality":2"#, with: #""aggregationTemporality":1"#
            )
            .replacing(#""asInt":"0""#, with: #""asDouble":\#(value)"#)
            _ = decoder.decode(Array(text.utf8).span.bytes, to: &counter)
            return counter.takeObjectives().flatMap(\.deltas).reduce(0) { $0 + $1.total }
        }
        #expect(count("2.0") == 2)
        #expect(counter.statistics.troubles["shop"]?.roundedSums ?? 0 == 0)
        // In whole numbers, what is beyond them beside.
        #expect(count("2.6") == 2 && count("0.4") == 0)
        #expect(counter.statistics.troubles["shop"]?.roundedSums == 2)
    }

    @Test func overKafkaTheyAreRefusedByName() throws {
        let plan = try plan()
        var decoder = plan.makeMessageDecoder(format: .auto, flowFields: nil, limits: DecodingLimits())
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: .max / 2, cursor: .message(topic: "metrics", partition: 0, offset: 0),
            sink: DiscardingSink())
        let text =
            [
                line("all", start: 0, at: 60, 100), line("all", start: 0, at: 120, 200),
                line("other", start: 0, at: 60, 1),
            ]
            .joined(separator: "\n")
        _ = decoder.decode(Array(text.utf8).span.bytes, to: &counter)
        #expect(counter.statistics.decodedTotal == 3)
        #expect(counter.statistics.refusedPoints == ["all": 2] && counter.statistics.cumulative == [.refused: 2])
        #expect(counter.takeObjectives().allSatisfy { $0.deltas.allSatisfy { $0.total == 0 && $0.good == 0 } })
    }
}
