import Decoding
import Objectives
import Settings
import TelemetryModel
import Testing

@testable import Counting
@testable import Planning

/// What is counted and not handed over is bounded over all objectives together, and what is handed over in parts adds up.
@Suite struct HeldBoundsTests {
    private func plan(objectives: Int, measure: String? = nil) throws -> PipelinePlan {
        let selector = measure.map { "measure: \($0)" } ?? ""
        let bad = #"filter: 'event.action == "REJECT"'"# + (measure == nil ? "" : ", \(selector)")
        let text = (0..<objectives).map { number in
            """
            apiVersion: openslo/v1
            kind: SLO
            metadata: {name: flows-\(number)}
            spec:
              service: platform
              timeWindow: [{duration: 30d, isRolling: true}]
              budgetingMethod: Occurrences
              objectives: [{target: 0.9}]
              indicator: {metadata: {name: flows-\(number)}, spec: {ratioMetric: {
                bad: {metricSource: {type: VPCFlow, spec: {\(bad)}}},
                total: {metricSource: {type: VPCFlow, spec: {\(selector)}}}}}}
            """
        }.joined(separator: "\n---\n")
        let (resources, problems) = ResourceLoader.load(text: text, file: "test")
        #expect(problems == [])
        return try PipelinePlan(resources: resources, outputs: [.report])
    }

    private func flow(_ minute: Int, bytes: String = "4") -> String {
        let start = 1_767_225_600 + minute * 60
        let action = minute % 7 == 0 ? "REJECT" : "ACCEPT"
        return "2 123456789012 eni-0a 10.0.0.1 10.0.0.2 1 2 6 3 \(bytes) \(start) \(start + 5) \(action) OK\n"
    }

    @Test func manyObjectivesOverASparseBacklogStayWithinOneBound() throws {
        let plan = try plan(objectives: 100)
        let bound = HeldBounds(engines: 100).bytesMax
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: nil, cursor: .message(topic: "t", partition: 0, offset: 0),
            sink: MemorySink())
        var decoder = MessageDecoder(format: .vpcFlow, projections: plan.projections)
        var sums: [Int: (total: Int64, bad: Int64)] = [:]
        func take(_ counted: [CountedSlices]) {
            for counted in counted {
                for delta in counted.deltas {
                    sums[counted.objective, default: (0, 0)].total += delta.total
                    sums[counted.objective, default: (0, 0)].bad += delta.total - delta.good
                }
            }
        }
        var flushes = 0
        for first in stride(from: 0, to: 5000, by: 100) {
            let bytes = Array((first..<first + 100).map { flow($0) }.joined().utf8)
            _ = decoder.decode(bytes.span.bytes, to: &counter)
            // A message may go over it, by what it holds itself.
            #expect(counter.heldBytes < bound + 100 * 100 * 500)
            if counter.isNearlyFull, counter.heldBytes >= bound {
                flushes += 1
                take(counter.takeObjectives())
                #expect(counter.heldBytes == 0)
            }
        }
        take(counter.takeObjectives())
        #expect(flushes > 1)
        #expect(sums.count == 100)
        #expect(sums.values.allSatisfy { $0 == (5000, 715) })
    }

    @Test func sumsThatLeave64BitsAreMarkedAndNotClamped() throws {
        let plan = try plan(objectives: 1, measure: "bytes")
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: nil, cursor: .file(name: "f"), sink: MemorySink())
        var decoder = MessageDecoder(format: .vpcFlow, projections: plan.projections)
        let huge = String(Int64.max)
        let text = flow(1, bytes: huge) + flow(1, bytes: huge) + flow(2, bytes: huge)
        let bytes = Array(text.utf8)
        _ = decoder.decode(bytes.span.bytes, to: &counter)
        let deltas = counter.takeObjectives().flatMap(\.deltas)
        #expect(deltas.map(\.total) == [SliceDelta.outOfRange, .max])
    }
}
