import Settings
import TelemetryModel
import Testing

@testable import Planning

/// What alerts say of their resources.
@Suite struct DescriptionTests {
    private static func slo(_ name: String, good: String, total: String) -> String {
        """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: \(name), labels: {team: web}}
        spec:
          service: shop
          indicator: {metadata: {name: \(name)}, spec: {ratioMetric: {good: {metricSource: \(good)}, total: {metricSource: \(total)}}}}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
        """
    }

    private static func source(_ type: String, _ filter: String, _ more: String = "") -> String {
        "{type: \(type), spec: {filter: '\(filter)'\(more)}}"
    }

    private func labels(_ documents: [String]) throws -> [[String: String]] {
        let loaded = ResourceLoader.load(text: documents.joined(separator: "\n---\n"), file: "r.yaml")
        #expect(loaded.problems == [])
        let plan = try PipelinePlan(resources: loaded.resources, outputs: [.alerts])
        return plan.objectives.indices.map { plan.description(ofObjective: $0).labels }
            + plan.monitors.indices.map { plan.description(ofMonitor: $0).labels }
    }

    @Test func accountAndRegionAreLabelsWhereEverySelectorFixesThem() throws {
        let both = #"event.recipientAccountId == "111122223333" && event.awsRegion == "eu-west-1""#
        let metrics = #", namespace: AWS/ELB, metricName: %, statistic: Sum"#
        func metric(_ name: String, _ filter: String) -> String {
            Self.source("Metric", filter, metrics.replacing("%", with: name))
        }
        let documents = [
            Self.slo(
                "both", good: Self.source("CloudTrail", "!has(event.errorCode)"), total: Self.source("CloudTrail", both)
            ),
            Self.slo(
                "two", good: Self.source("CloudTrail", both),
                total: Self.source("CloudTrail", #"event.awsRegion in ["eu-west-1", "eu-west-2"]"#)),
            Self.slo(
                "metrics", good: metric("Good", #"event.region == "eu-west-1""#),
                total: metric("All", #"event.region == "eu-west-1" && event.account_id == "1""#)),
            Self.slo(
                "kinds", good: Self.source("VPCFlow", #"event.account_id == "7""#),
                total: Self.source("CloudTrail", #"event.recipientAccountId == "7" && event.awsRegion == "a""#)),
            """
            apiVersion: tidewatch/v1
            kind: Rollup
            metadata: {name: names}
            spec:
              source: VPCFlow
              window: 1m
              filter: event.region == "eu-west-1"
              measures: [{name: all, count: true}, {name: some, count: true, filter: event.account_id == "7"}]
            ---
            apiVersion: tidewatch/v1
            kind: AnomalyMonitor
            metadata: {name: unusual, labels: {region: Ireland}}
            spec:
              rollup: names
              value: all
              method: {ewma: {alpha: 0.2, threshold: 6, warmup: 5}}
              alert: {severity: warning, summary: "{value}"}
            """,
        ]
        #expect(
            try labels(documents) == [
                ["team": "web", "account": "111122223333", "region": "eu-west-1"], ["team": "web"],
                ["team": "web", "region": "eu-west-1"], ["team": "web", "account": "7"], ["region": "Ireland"],
            ])
    }
}
