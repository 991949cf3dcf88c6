import Foundation
import TestSupport
import Testing

/// What is said of selectors that match nothing, or count what is published several times.
@Suite(.serialized) struct SelectorTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(metrics, to: "metrics.jsonl")
        try folder.write(
            #"{"eventTime":"2026-01-15T09:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject"}"# + "\n",
            to: "trail.jsonl")
    }

    /// Ten minutes of requests and of errors that are 0, by load balancer and by zone.
    private var metrics: String {
        var lines = ""
        for minute in 0..<10 {
            let time = 1_768_467_600_000 + minute * 60_000
            for (name, value) in [("RequestCount", 100), ("HTTPCode_Target_5XX_Count", 0)] {
                for zone in ["", #","AvailabilityZone":"us-east-1a""#] {
                    lines +=
                        #"{"metric_stream_name":"s","account_id":"111122223333","region":"us-east-1","namespace":"#
                        + #""AWS/ApplicationELB","metric_name":"\#(name)","dimensions":{"LoadBalancer":"app/shop/1"\#(zone)},"#
                        + #""timestamp":\#(time),"value":{"max":1.0,"min":0.0,"sum":\#(value).0,"count":100.0,"TC(:0.5)":90.0},"unit":"Count"}"#
                        + "\n"
                }
            }
        }
        return lines
    }

    private func objective(
        _ name: String, bad: String = "HTTPCode_Target_5XX_Count", namespace: String = "AWS/ApplicationELB",
        dimensions: String = "dimensions: {LoadBalancer: app/shop/1}"
    ) -> String {
        func source(_ metric: String) -> String {
            "{metricSource: {type: Metric, spec: {namespace: \(namespace), metricName: \(metric)"
                + (dimensions.isEmpty ? "" : ", \(dimensions)") + "}}}"
        }
        return """
            apiVersion: openslo/v1
            kind: SLO
            metadata: {name: \(name)}
            spec:
              service: shop
              indicator: {metadata: {name: \(name)}, spec: {ratioMetric: {bad: \(source(bad)), total: \(source("RequestCount"))}}}
              timeWindow: [{duration: 1h, isRolling: true}]
              budgetingMethod: Occurrences
              objectives: [{target: 0.99}]

            """
    }

    private let calls = """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: calls}
        spec:
          service: shop
          indicator:
            metadata: {name: calls}
            spec:
              ratioMetric:
                good: {metricSource: {type: CloudTrail, spec: {filter: '!has(event.errorCode)'}}}
                total: {metricSource: {type: CloudTrail, spec: {filter: 'event.eventSource == "s3.amazonaws.con"'}}}
          timeWindow: [{duration: 1h, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: deletes}
        spec:
          source: CloudTrail
          window: 1m
          filter: event.eventName == "GetObjekt"
          measures: [{name: calls, count: true}]
        """

    private func check(_ name: String, _ text: String, _ arguments: [String] = []) throws -> Tidewatch.Result {
        try folder.write(text, to: name)
        return try Tidewatch.run(
            [
                "config", "check", folder.path(name), "--against", folder.path("metrics.jsonl"), "--against",
                folder.path("trail.jsonl"),
            ] + arguments, in: folder)
    }

    @Test func selectorsThatMatchAreNotNamed() throws {
        let result = try check("sound.yaml", objective("sound"), ["--strict"])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output == "")
        #expect(result.error.contains("2 of 2 selectors match"))
    }

    @Test func checkNamesWhatMatchesNothingWithWhatIsNear() throws {
        let typo = try check("typo.yaml", objective("typo", bad: "HTTPCode_Target_5xx_Count"), ["--strict"])
        #expect(typo.status == 3)
        #expect(
            typo.output.contains(#"SLO typo: bad matched no record: none has metric_name "HTTPCode_Target_5xx_Count""#))
        #expect(typo.output.contains(#"near to it "HTTPCode_Target_5XX_Count""#))
        #expect(
            try check("space.yaml", objective("space", namespace: "AWS/AplicationELB")).output
                .contains(#"near to it "AWS/ApplicationELB""#))
        #expect(
            try check("balancer.yaml", objective("balancer", dimensions: "dimensions: {LoadBalancer: app/shop/2}"))
                .output
                .contains(#"near to it "app/shop/1""#))
        #expect(
            try check("dimension.yaml", objective("dimension", dimensions: "dimensions: {Loadbalancer: app/shop/1}"))
                .output
                .contains(#"none has dimensions.Loadbalancer; near to it "LoadBalancer""#))
        let statistic = objective(
            "statistic",
            dimensions: "statistic: TC(:0.55), dimensions: {LoadBalancer: app/shop/1, AvailabilityZone: us-east-1a}")
        #expect(
            try check("statistic.yaml", statistic).output
                .contains(#"bad matched no record: none has the statistic "TC(:0.55)"; near to it "TC(:0.5)""#))
        let open = try check("open.yaml", objective("open", dimensions: ""))
        #expect(open.status == 0)
        #expect(open.output.contains("total adds up the metric of 2 sets of dimensions"))
        #expect(open.output.contains("{AvailabilityZone, LoadBalancer}, {LoadBalancer}"))
        let trail = try check("calls.yaml", calls)
        #expect(trail.output.contains(#"none has eventSource "s3.amazonaws.con"; near to it "s3.amazonaws.com""#))
        #expect(
            trail.output.contains(
                #"Rollup deletes: matched no record: none has eventName "GetObjekt"; near to it "GetObject""#))
    }

    @Test func reportsNameWhatMatchesNothing() throws {
        try folder.write(
            objective("typo", bad: "HTTPCode_Target_5xx_Count") + "---\n" + objective("sound") + "---\n"
                + objective("open", dimensions: "") + "---\n" + calls, to: "slos.yaml")
        func replay(_ format: String) throws -> Tidewatch.Result {
            try Tidewatch.run(
                [
                    "replay", "--resources", folder.path("slos.yaml"), "--report", format, "--out", folder.path("out"),
                    folder.path("metrics.jsonl"), folder.path("trail.jsonl"),
                ], in: folder)
        }
        let table = try replay("table")
        #expect(table.status == 0, "\(table.error)")
        #expect(table.output.contains(#"near to it "HTTPCode_Target_5XX_Count""#))
        #expect(table.output.contains(#"near to it "s3.amazonaws.com""#))
        #expect(table.output.contains("Rollup deletes: matched no record"))
        let report = try folder.json("out/report.json")
        var warnings: [String: [String]] = [:]
        for entry in report["slos"].items {
            warnings[entry["name"].text ?? ""] = entry["warnings"].items.map {
                "\($0["code"].text ?? "") \($0["part"].text ?? "")"
            }
        }
        #expect(warnings["sound"] == [])
        #expect(warnings["typo"] == ["selector_unmatched bad"])
        #expect(warnings["open"] == ["dimension_sets_summed total", "dimension_sets_summed bad"])
        #expect(warnings["calls"] == ["selector_unmatched total", "selector_unmatched good"])
        // From the windows alone what matched nothing is known too.
        let later = try Tidewatch.run(["slo", "report", "--from", folder.path("out")], in: folder)
        #expect(later.output.contains("SLO typo: bad matched no record"))
        #expect(!later.output.contains("SLO sound"))
    }

    @Test func aReportOverNothingSaysFromWhat() throws {
        try folder.write(calls, to: "calls.yaml")
        try folder.write("no record of any kind\n", to: "other.txt")
        let result = try Tidewatch.run(
            [
                "replay", "--resources", folder.path("calls.yaml"), "--report", "table", "--out",
                folder.path("nothing"),
                folder.path("other.txt"),
            ], in: folder)
        #expect(
            result.output.contains("nothing was counted") && result.output.contains("1 file held 0 CloudTrail events"))
        #expect(!result.output.contains("1970"))
        let from = try Tidewatch.run(["slo", "report", "--from", folder.path("nothing")], in: folder)
        #expect(from.status == 0 && from.output.contains("windows.ndjson holds no window"))
        #expect(!from.output.contains("STATUS"))
    }
}
