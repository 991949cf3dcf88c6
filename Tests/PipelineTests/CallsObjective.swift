import Settings
import Testing

@testable import Planning

/// An SLO called `calls`, of CloudTrail events.
enum CallsObjective {
    /// - Parameters:
    ///   - form: `good` or `bad`.
    ///   - filter: which events are that.
    static func plan(counting form: String, where filter: String, outputs: Set<OutputKind>) throws -> PipelinePlan {
        let (resources, problems) = ResourceLoader.load(
            text: """
                apiVersion: openslo/v1
                kind: SLO
                metadata: {name: calls}
                spec:
                  service: platform
                  indicator:
                    metadata: {name: calls}
                    spec:
                      ratioMetric:
                        \(form): {metricSource: {type: CloudTrail, spec: {filter: '\(filter)'}}}
                        total: {metricSource: {type: CloudTrail, spec: {filter: 'true'}}}
                  timeWindow: [{duration: 30d, isRolling: true}]
                  budgetingMethod: Occurrences
                  objectives: [{target: 0.99}]
                """, file: "test")
        #expect(problems == [])
        return try PipelinePlan(resources: resources, outputs: outputs)
    }
}
