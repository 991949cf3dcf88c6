import Objectives
import Settings
import TelemetryModel
import Testing

@testable import Planning

/// What a set of resources asks for with the outputs that are wanted.
@Suite struct PipelinePlanTests {
    private static let resources = """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: names}
        spec: {source: CloudTrail, window: 1m, groupBy: [eventName], measures: [{name: calls, count: true}]}
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: unwatched}
        spec: {source: VPCFlow, window: 1m, measures: [{name: flows, count: true}]}
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: unusual}
        spec:
          rollup: names
          value: calls
          method: {ewma: {alpha: 0.2, threshold: 6, warmup: 5}}
          alert: {severity: warning, direction: up, summary: "{calls} calls"}
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: silent}
        spec: {rollup: names, value: calls, method: {ewma: {alpha: 0.2, threshold: 6, warmup: 5}}}
        ---
        \(objective("calls", "bad: {metricSource: {type: CloudTrail, spec: {filter: has(event.errorCode)}}}"))
        """

    private static func objective(_ name: String, _ part: String) -> String {
        """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: \(name)}
        spec:
          service: shop
          indicator: {metadata: {name: \(name)}, spec: {ratioMetric: {
            \(part), total: {metricSource: {type: CloudTrail, spec: {filter: 'true'}}}}}}
          timeWindow: [{duration: 1d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
        """
    }

    private func plan(_ outputs: Set<OutputKind>, removesDuplicates: Bool = false) throws -> PipelinePlan {
        let (resources, problems) = ResourceLoader.load(text: Self.resources, file: "r.yaml")
        #expect(problems.isEmpty)
        return try PipelinePlan(resources: resources, outputs: outputs, removesDuplicates: removesDuplicates)
    }

    @Test func whatNobodyAsksForIsNotComputed() throws {
        let nothing = try plan([.deadletter])
        #expect(nothing.rollups.isEmpty && nothing.monitors.isEmpty && nothing.objectives.isEmpty)
        #expect(nothing.auditPolicy == nil && nothing.identitySlot == nil)
        #expect(nothing.projections[.cloudTrail].fields.isEmpty)

        let everything = try plan(Set(OutputKind.allCases), removesDuplicates: true)
        #expect(everything.rollups.map(\.isWritten) == [true, true])
        #expect(everything.monitors.map(\.definition.name) == ["unusual", "silent"])
        #expect(everything.objectives.map(\.name) == ["calls"] && everything.definitions.count == 1)
        #expect(everything.auditPolicy != nil && everything.identitySlot != nil)
    }

    @Test func alertsNeedMonitorsThatRaiseThemAndTheirRollupsUnwritten() throws {
        let plan = try plan([.alerts])
        #expect(plan.monitors.map(\.definition.name) == ["unusual"] && plan.monitors[0].rollup == 0)
        #expect(plan.rollups.map(\.plan.definition.name) == ["names"] && !plan.rollups[0].isWritten)
        // The SLO has the default alerts.
        #expect(plan.objectives.map(\.name) == ["calls"])
    }

    @Test func goodIsCountedOrWhatIsLeftOfTotal() throws {
        let plan = try plan([.windows])
        #expect(plan.countsGood == [false])
        #expect(plan.indicatorParts.map(\.roles) == [[.bad, .total]])
        let good = Self.objective(
            "good", "good: {metricSource: {type: CloudTrail, spec: {filter: '!has(event.errorCode)'}}}")
        let loaded = ResourceLoader.load(text: good, file: "r.yaml")
        #expect(loaded.problems.isEmpty)
        let other = try PipelinePlan(resources: loaded.resources, outputs: [.windows])
        #expect(other.countsGood == [true] && other.indicatorParts.map(\.roles) == [[.good, .total]])
    }

    private func objective(_ form: ServiceLevelIndicator.Form) -> ServiceLevelObjective {
        ServiceLevelObjective(
            metadata: .init(name: "o"), service: "shop", indicator: ServiceLevelIndicator(name: "o", form: form),
            window: .rolling(nanoseconds: 86_400_000_000_000), method: .occurrences, target: Ratio(9, 10), alerts: [])
    }

    private func plan(_ objectives: ServiceLevelObjective...) throws -> PipelinePlan {
        var resources = ResourceSet()
        resources.objectives = objectives
        return try PipelinePlan(resources: resources, outputs: [.windows])
    }

    @Test(arguments: [
        (ServiceLevelIndicator.Comparison.lte, "<="), (.lt, "<"), (.gte, ">="), (.gt, ">"),
    ])
    func ofAThresholdAreCountedTheRecordsThatHaveANumber(
        comparison: ServiceLevelIndicator.Comparison, symbol: String
    ) throws {
        let query = MetricQuery(source: .vpcFlow, measure: FieldPath(keys: "bytes"))
        let plan = try plan(objective(.threshold(query, comparison, threshold: 500)))
        let part = try #require(plan.indicatorParts.first)
        #expect(plan.indicatorParts.count == 1 && part.roles == [.good, .total] && plan.countsGood == [true])
        #expect(part.plan.definition.filter == "((event.bytes) <= 0.0 || (event.bytes) > 0.0)")
        #expect(part.plan.definition.measures.map(\.filter) == ["(event.bytes) \(symbol) 500.0", nil])
    }

    @Test func metricsThatNoObjectiveTakesConcernNobody() throws {
        let names = ["b", "latency", "bb"]
        let total = MetricQuery(
            source: .metric, filter: "true", measure: FieldPath(keys: "value"), metricNames: names, isCounter: true)
        let plan = try plan(objective(.ratio(good: total, bad: nil, total: total)))
        func name(_ text: String) -> String? {
            let bytes = Array(text.utf8)
            return plan.metricNames.name(bytes.span.bytes)
        }
        #expect(names.map(name) == names)
        #expect(["", "a", "c", "bc", "latencz", "latency2"].map(name) == Array(repeating: nil, count: 6))
        #expect(plan.projections.metricOptions.counters == Set(names))
    }
}
