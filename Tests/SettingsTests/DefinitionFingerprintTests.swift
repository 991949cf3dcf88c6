import Objectives
import TelemetryModel
import Testing

@testable import Settings

@Suite struct DefinitionFingerprintTests {
    private func objective(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws
        -> ServiceLevelObjective
    {
        let loaded = ResourceLoader.load(text: text, file: "r.yaml")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)", sourceLocation: sourceLocation)
        return try #require(loaded.resources.objectives.first, sourceLocation: sourceLocation)
    }

    private func fingerprint(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        try objective(text, sourceLocation: sourceLocation).definitionFingerprint.description
    }

    private static let calls = """
        good: {metricSource: {type: CloudTrail, spec: {filter: "!has(event.errorCode)"}}}, \
        total: {metricSource: {type: CloudTrail, spec: {filter: "event.eventSource == 'sts.amazonaws.com'"}}}
        """

    private static let metric = """
        {type: Metric, spec: {namespace: AWS/ELB, metricName: [Latency, Delay], statistic: p99, \
        dimensions: {LoadBalancer: app/x, Zone: '*'}, filter: event.region == 'eu-west-1'}}
        """

    /// Histories are kept under these: other numbers would start the histories of everyone anew.
    @Test func fingerprintsAreWhatTheyWereInEarlierReleases() throws {
        let plain = try objective(slo())
        #expect(
            String(decoding: plain.definitionText, as: UTF8.self) == """
                Occurrences 60000000000
                total CloudTrail count where and()
                bad CloudTrail count where and(call("has",select(event,"errorCode")))
                """)
        #expect(plain.definitionFingerprint.description == "dbe710eb87654549")
        let metric = try objective(
            thresholdSLO(source: Self.metric, objective: "{op: lt, value: 0.5, target: 0.99}"))
        #expect(
            String(decoding: metric.definitionText, as: UTF8.self) == """
                Occurrences 60000000000
                threshold lt 3fe0000000000000
                value Metric and(select(select(select(event,"value"),"quantiles"),"p99")) where and(\
                differs("",select(select(event,"dimensions"),"Zone")),\
                equal("AWS/ELB",select(event,"namespace")),\
                equal("app/x",select(select(event,"dimensions"),"LoadBalancer")),\
                equal("eu-west-1",select(event,"region")),\
                equal(2,call("size",select(event,"dimensions"))),\
                in(select(event,"metric_name"),list("Delay","Latency")))
                """)
        #expect(metric.definitionFingerprint.description == "ad8f7662bbd4bb23")
        let slices = try objective(
            slo(method: "Timeslices", objective: "{target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 5m}"))
        #expect(slices.definitionText.starts(with: Array("Timeslices 300000000000 19/20\n".utf8)))
        #expect(slices.definitionFingerprint.description == "7eca000ae4558725")
    }

    @Test func whatCountsTheSameHasOneFingerprint() throws {
        let calls = try fingerprint(ratioSLO(Self.calls))
        let others = [
            """
            # Written by somebody else.
            apiVersion: openslo/v1
            kind: SLO
            metadata:
              name: renamed
              displayName: Calls
              labels: {team: a}
              annotations: {runbook_url: https://wiki/calls}
            spec:
              description: What fails.
              service: other
              indicator:
                metadata: {name: another}
                spec:
                  ratioMetric:
                    good:
                      metricSource:
                        type: CloudTrail
                        spec:
                          filter: >-
                            event.eventSource == "sts.amazonaws.com" &&
                            (!has(event.errorCode)) // what total asks for, again
                    total:
                      metricSource: {type: CloudTrail, spec: {filter: "(r'sts.amazonaws.com' == event['eventSource'])"}}
              timeWindow: [{duration: 7d, isRolling: true}]
              budgetingMethod: Occurrences
              objectives: [{targetPercent: 95, displayName: Less}]
            """,
            ratioSLO(Self.calls.replacing("\"!has(event.errorCode)\"", with: "'!(has( event.errorCode ))'")),
        ]
        for other in others { #expect(try fingerprint(other) == calls) }
        #expect(
            try fingerprint(thresholdSLO(source: Self.metric))
                == fingerprint(
                    thresholdSLO(
                        source: """
                            {type: Metric, spec: {statistic: p99, filter: "'eu-west-1' == event.region", \
                            dimensions: {Zone: '*', LoadBalancer: app/x}, metricName: [Delay, Latency], namespace: AWS/ELB}}
                            """, objective: "{op: lt, value: 5.0e2, target: 0.5}")))
    }

    @Test func eachChangedPartHasAnotherFingerprint() throws {
        let ratio = ratioSLO(Self.calls)
        let threshold = thresholdSLO(source: Self.metric)
        let slices = slo(method: "Timeslices", objective: "{target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 5m}")
        let texts = [
            ratio, threshold, slices, slo(),
            ratio.replacing("good:", with: "bad:"), ratio.replacing("sts.", with: "s3."),
            ratio.replacing("!has", with: "has"),
            ratio.replacing("CloudTrail", with: "VPCFlow")
                .replacing("event.errorCode", with: "event.dstport").replacing(
                    "event.eventSource", with: "event.action"),
            threshold.replacing("AWS/ELB", with: "AWS/NLB"), threshold.replacing("Delay", with: "Wait"),
            threshold.replacing("p99", with: "p90"), threshold.replacing("p99", with: "Average"),
            threshold.replacing("Zone: '*'", with: "Zone: a"), threshold.replacing(", Zone: '*'", with: ""),
            threshold.replacing("eu-west-1", with: "eu-west-2"), threshold.replacing("500", with: "501"),
            threshold.replacing("op: lt", with: "op: lte"), threshold.replacing("op: lt", with: "op: gt"),
            slices.replacing("0.95", with: "0.96"), slices.replacing("5m", with: "10m"),
            slices.replacing("Timeslices", with: "RatioTimeslices").replacing("timeSliceTarget: 0.95, ", with: ""),
            ratioSLO(
                "good: {metricSource: {type: VPCFlow, spec: {measure: bytes}}}, total: {metricSource: {type: VPCFlow}}"),
            ratioSLO(
                "good: {metricSource: {type: VPCFlow, spec: {measure: packets}}}, total: {metricSource: {type: VPCFlow}}"
            ),
            ratioSLO(metricRatio), ratioSLO("counter: true, " + metricRatio),
        ]
        var known: [String: String] = [:]
        for text in texts {
            let fingerprint = try fingerprint(text)
            #expect(known.updateValue(text, forKey: fingerprint) == nil, "\(text)")
        }
    }

    private let metricRatio = """
        good: {metricSource: {type: Metric, spec: {metricName: ok}}}, total: {metricSource: {type: Metric, spec: {metricName: all}}}
        """
}
