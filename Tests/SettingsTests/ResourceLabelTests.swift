import Testing

import Objectives
import Settings
import TelemetryModel

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

    private static func monitor(_ metadata: String, spec: String = "") -> String {
        """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: names}
        spec: {source: CloudTrail, window: 1m, groupBy: [eventName], measures: [{name: calls, count: true}]}
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: unusual, \(metadata)}
        spec:
          rollup: names
          value: calls
          method: {ewma: {alpha: 0.2, threshold: 6, warmup: 5}}
          \(spec)
        """
    }

    @Test func whatAResourceSaysOfItselfIsReadOfSLOsAndMonitors() throws {
        let metadata = """
            displayName: Calls of all, labels: {team: web}, \
            annotations: {runbook_url: https://wiki/calls, tidewatch.dev/x: a setting, none: }
            """
        var expected = ResourceDescription(
            displayName: "Calls of all", description: "What fails.", labels: ["team": "web"],
            annotations: ["runbook_url": "https://wiki/calls"])
        let monitors = ResourceLoader.load(
            text: Self.monitor(metadata, spec: "description: What fails."), file: "test")
        #expect(monitors.problems == [])
        #expect(monitors.resources.monitors.map(\.description) == [expected])
        let objectives = ResourceLoader.load(
            text: """
                apiVersion: openslo/v1
                kind: SLO
                metadata: {name: calls, \(metadata)}
                spec:
                  description: What fails.
                  service: platform
                  indicator: {metadata: {name: calls}, spec: {ratioMetric: {
                    bad: {metricSource: {type: CloudTrail, spec: {filter: has(event.errorCode)}}},
                    total: {metricSource: {type: CloudTrail}}}}}
                  timeWindow: [{duration: 30d, isRolling: true}]
                  budgetingMethod: Occurrences
                  objectives: [{target: 0.99}, {target: 0.9, displayName: Less}]
                """, file: "test")
        #expect(objectives.problems == [])
        #expect(objectives.resources.objectives.first?.metadata.description == expected)
        expected.displayName = "Less"
        #expect(objectives.resources.objectives.last?.metadata.description == expected)
    }

    @Test func labelsAndAnnotationsThatNoRecordWouldTakeAreRefused() {
        let text = String(repeating: "x", count: ResourceDescription.bytesMax)
        let problems = ResourceLoader.load(text: Self.monitor("annotations: {a: \(text)}"), file: "test").problems
        #expect(
            problems.map(\.description).first?.contains(
                "labels and annotations have 16385 bytes; shorten them to at most 16384, for alerts carry them")
                == true,
            "\(problems)")
        #expect(problems.count == 1)
        #expect(
            ResourceLoader.load(text: Self.monitor("annotations: {a: \(text.dropLast())}"), file: "test").problems == []
        )
    }
}
