import Testing

import Objectives
import Settings

@Suite struct ResourceLabelTests {
    @Test func anObjectiveHasTheLabelsOfItsResource() throws {
        let (resources, problems) = ResourceLoader.load(
            text: """
                apiVersion: openslo/v1
                kind: SLO
                metadata:
                  name: calls
                  labels: {team: web, tiers: [gold, silver], none: }
                spec:
                  service: platform
                  indicator:
                    metadata: {name: calls, labels: {team: another}}
                    spec:
                      ratioMetric:
                        good: {metricSource: {type: CloudTrail, spec: {filter: '!has(event.errorCode)'}}}
                        total: {metricSource: {type: CloudTrail, spec: {filter: 'true'}}}
                  timeWindow: [{duration: 30d, isRolling: true}]
                  budgetingMethod: Occurrences
                  objectives: [{target: 0.99}, {target: 0.9}]
                """, file: "test")
        #expect(problems == [])
        #expect(
            resources.objectives.map(\.metadata.labels)
                == Array(repeating: ["team": "web", "tiers": "gold,silver"], count: 2))
    }
}
