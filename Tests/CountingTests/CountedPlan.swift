import Planning
import Settings
import Testing

/// Plans over CloudTrail events whose calls fail where they have an `errorCode`.
enum CountedPlan {
    private static let calls = """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: calls}
        spec:
          service: platform
          indicator:
            metadata: {name: calls}
            spec:
              ratioMetric:
                good: {metricSource: {type: CloudTrail, spec: {filter: '!has(event.errorCode)'}}}
                total: {metricSource: {type: CloudTrail, spec: {filter: 'true'}}}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
        """

    private static let names = """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: names}
        spec:
          source: CloudTrail
          window: 1m
          groupBy: [eventName]
          measures: [{name: calls, count: true}]
        """

    /// The objective `calls`.
    static func objective() throws -> PipelinePlan { try plan(calls) }

    /// The objective `calls`, and the rollup `names` of calls by name.
    static func objectiveAndRollup() throws -> PipelinePlan { try plan(calls + "\n---\n" + names) }

    private static func plan(_ text: String) throws -> PipelinePlan {
        let (resources, problems) = ResourceLoader.load(text: text, file: "test")
        #expect(problems == [])
        return try PipelinePlan(resources: resources, outputs: Set(OutputKind.allCases))
    }
}
