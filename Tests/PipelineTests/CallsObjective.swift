import Settings
import TelemetryModel
import Testing

@testable import Planning

/// An SLO called `calls`, of CloudTrail events.
enum CallsObjective {
    /// - Parameters:
    ///   - part: `good` or `bad`.
    ///   - filter: which events are that.
    ///   - form: of records.
    static func plan(
        counting part: String, where filter: String, outputs: Set<OutputKind>, form: RecordForm = .first
    ) throws -> PipelinePlan {
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
                        \(part): {metricSource: {type: CloudTrail, spec: {filter: '\(filter)'}}}
                        total: {metricSource: {type: CloudTrail, spec: {filter: 'true'}}}
                  timeWindow: [{duration: 30d, isRolling: true}]
                  budgetingMethod: Occurrences
                  objectives: [{target: 0.99}]
                """, file: "test")
        #expect(problems == [])
        return try PipelinePlan(resources: resources, outputs: outputs, form: form)
    }
}
