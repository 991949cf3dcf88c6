import Foundation
import TestSupport
import Testing

/// Records that others published.
private enum ConformanceData {
    static let folder = ProcessInfo.processInfo.environment["TIDEWATCH_CONFORMANCE_DATA"]

    static let isGiven: Bool = {
        if folder == nil {
            print("TIDEWATCH_CONFORMANCE_DATA is not set: decode is not held against published records")
        }
        return folder != nil
    }()
}

/// `decode` over records that others published, where `TIDEWATCH_CONFORMANCE_DATA` names a folder of them.
///
/// They are not part of this repository: the files are large, and each has a licence of its own.
@Suite(.enabled(if: ConformanceData.isGiven)) struct DecodeConformanceTests {
    private let folder: TemporaryFolder
    private let root: String

    init() throws {
        folder = try TemporaryFolder()
        root = try #require(ConformanceData.folder)
    }

    private func files(_ name: String, suffix: String = ".json") throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(name)")
            .filter { $0.hasSuffix(suffix) }.sorted()
        try #require(!names.isEmpty, "\(name)")
        return names.map { "\(root)/\(name)/\($0)" }
    }

    private func json(_ name: String) throws -> JSON {
        try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: "\(root)/\(name)")))
    }

    /// Each record comes out as it went in, and only those without a time are dead letters.
    private func expectCloudTrail(_ records: [JSON], from path: String) throws {
        let decoded = try Decoded(["--format", "cloudtrail", path], in: folder)
        let (timed, untimed) = (records.filter(hasTime), records.filter { !hasTime($0) })
        #expect(decoded.lines.count + decoded.deadLetters.count == records.count, "\(path)")
        #expect(decoded.events.count == timed.count, "\(path)")
        for (event, record) in zip(decoded.events, timed) { #expect(event == record, "\(path)") }
        #expect(decoded.deadLetters.allSatisfy { $0["reason"] == .text("missing_field") }, "\(path)")
        let payloads = try decoded.deadLetters.map { try JSON(parsing: try #require(Decoded.payload($0))) }
        #expect(payloads == untimed, "\(path)")
    }

    private func hasTime(_ record: JSON) -> Bool { record["eventTime"] != .null }

    @Test func logFilesFromS3() throws {
        for path in try files("cloudtrail/invictus-ir", suffix: ".json.gz") {
            try expectCloudTrail(try JSON(parsing: toolOutput(["gzip", "-dc", path]))["Records"].items, from: path)
        }
    }

    @Test func arraysOfRecords() throws {
        for path in try files("cloudtrail/stratus-red-team") {
            try expectCloudTrail(try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: path))).items, from: path)
        }
    }

    @Test func eventBridgeEvents() throws {
        for path in try files("cloudtrail/cloud-custodian-eventbridge") {
            let event = try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: path)))
            try expectCloudTrail([event["detail"] == .null ? event : event["detail"]], from: path)
        }
    }

    @Test func ruleTestsAsLines() throws {
        var (lines, records): (Data, [JSON]) = (Data(), [])
        let text = try Data(contentsOf: URL(fileURLWithPath: "\(root)/cloudtrail/panther-rule-tests.ndjson"))
        for line in text.split(separator: 0x0A) {
            let test = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            let event = try JSONSerialization.data(withJSONObject: try #require(test["event"]))
            records.append(try JSON(parsing: event))
            lines += event + [0x0A]
        }
        try expectCloudTrail(records, from: folder.write(lines, to: "events.jsonl"))
    }

    @Test(arguments: [("vrl-pairs", "expected"), ("vrl-accepted-lines", "expected_derived")])
    func flowLogLines(name: String, member: String) throws {
        let cases = try json("vpcflow/\(name).json").items
        try #require(!cases.isEmpty)
        for pair in cases {
            let line = try #require(pair["line"].text)
            let fields = try #require(pair["format"].text)
            // A line whose format has no time is no event of its own: here it is given one.
            let hasTime = fields.contains("start") || fields.contains("end")
            let path = try folder.write(line + (hasTime ? "\n" : " 1700000000\n"), to: "flow.log")
            let decoded = try Decoded(
                ["--format", "vpc-flow", "--flow-fields", fields + (hasTime ? "" : " start"), path], in: folder)
            let events = hasTime ? decoded.events : decoded.events.map { $0.dropping("start") }
            #expect(events == [pair[member].withoutNulls], "\(line)")
        }
    }

    @Test func flowLogsWithHeaderAndFromASubscription() throws {
        for name in ["valid_vpc_flow_cw.json", "valid_vpc_flow_log_multi.log"] {
            let decoded = try Decoded(["\(root)/vpcflow/otel-contrib/\(name)"], in: folder)
            #expect(decoded.deadLetters.isEmpty)
            try #require(decoded.events.count == 2, "\(name)")
            let common: [String: JSON] = [
                "version": .number(2), "account_id": .text("123456789010"),
                "interface_id": .text("eni-1235b8ca123456789"), "protocol": .number(6), "packets": .number(20),
                "bytes": .number(4249), "start": .number(1_418_530_010), "end": .number(1_418_530_070),
                "log_status": .text("OK"),
            ]
            let accepted: [String: JSON] = [
                "srcaddr": .text("172.31.16.139"), "dstaddr": .text("172.31.16.21"), "srcport": .number(20641),
                "dstport": .number(22), "action": .text("ACCEPT"),
            ]
            let rejected: [String: JSON] = [
                "srcaddr": .text("172.31.9.69"), "dstaddr": .text("172.31.9.12"), "srcport": .number(49761),
                "dstport": .number(3389), "action": .text("REJECT"),
            ]
            #expect(decoded.events == [accepted, rejected].map { .object(common.merging($0) { $1 }) }, "\(name)")
        }
    }

    @Test func metricStreamOfCloudWatchInOpenTelemetryFormat() throws {
        let expected = try json("metrics/cw-metric-stream-otel1/record0.expected.json")
        let decoded = try Decoded(["\(root)/metrics/cw-metric-stream-otel1/record0.bin"], in: folder)
        #expect(decoded.deadLetters.isEmpty)
        let events = decoded.events
        #expect(Double(events.count) == expected["data_points"].number)
        let names = events.map { "amazonaws.com/\($0["namespace"].text ?? "")/\($0["metric_name"].text ?? "")" }
        #expect(Set(names) == Set(expected["metric_names"].members.keys))
        #expect(Double(Set(names).count) == expected["distinct_metric_names"].number)
        for (name, metrics) in expected["metric_names"].members {
            // A metric has one data point or more.
            #expect(Double(names.counts[name] ?? 0) >= (metrics.number ?? .infinity), "\(name)")
        }
        #expect(events.compactMap { $0["value"]["count"].number }.reduce(0, +) == expected["sum_of_counts"].number)
        let sum = events.compactMap { $0["value"]["sum"].number }.reduce(0, +)
        let expectedSum = try #require(expected["sum_of_sums"].number)
        // The order of a sum of fractions decides its last digits.
        #expect(abs(sum - expectedSum) < 1e-12 * expectedSum)
        let units: Set<String?> = ["Bytes", "Count", "None", "Percent", "Milliseconds", "Seconds"]
        #expect(Set(events.map { $0["unit"].text }) == units)
        let nanoseconds = expected["time_unix_nano"].items.compactMap(\.number)
        let times = decoded.lines.compactMap { $0["time"].text }.compactMap {
            try? Date($0, strategy: .iso8601).timeIntervalSince1970 * 1e9
        }
        #expect(times.count == events.count)
        #expect([times.min(), times.max()] == [nanoseconds.first, nanoseconds.last])
        for event in events {
            #expect(event["account_id"] == .text("486140753397"))
            #expect(event["region"] == .text("us-east-1"))
            // The quantiles 0 and 1 are the extremes.
            #expect(event["value"]["quantiles"] == .null)
            #expect((event["value"]["min"].number ?? .nan) <= (event["value"]["max"].number ?? .nan))
        }
    }

    @Test(arguments: [("valid_metric_with_percentiles.json", true), ("single_record", false)])
    func metricStreamOfCloudWatchAsJSON(name: String, hasPercentiles: Bool) throws {
        let decoded = try Decoded(["\(root)/metrics/otel-contrib/\(name)"], in: folder)
        let quantiles = hasPercentiles ? #","quantiles":{"p50":10,"p90":16,"p99":17}"# : ""
        #expect(
            decoded.events
                == (try JSON.lines(
                    #"{"account_id":"1234567890","region":"us-east-1","namespace":"AWS/EC2","unit":"Seconds","#
                        + #""metric_name":"DiskWriteOps","dimensions":{"InstanceId":"i-123456789012"},"#
                        + #""value":{"count":3,"sum":20,"max":18,"min":0\#(quantiles)}}"#)))
        #expect(decoded.lines.first?["time"] == .text("2021-01-29T14:14:58Z"))
    }

    @Test func metricsOfOpenTelemetryAsJSON() throws {
        let decoded = try Decoded(["\(root)/metrics/opentelemetry-proto/examples/metrics.json"], in: folder)
        let kinds: [(String, [Double])] = [
            ("counter", [5, 5, 5, 1]), ("gauge", [10, 10, 10, 1]), ("histogram", [0, 2, 2, 2]),
            ("exponential.histogram", [0, 5, 10, 3]),
        ]
        let temporality: [String: JSON] = ["temporality": .text("delta")]
        let events = kinds.map { kind, numbers in
            JSON.object(
                [
                    "namespace": .text("my.service"), "metric_name": .text("my.\(kind)"), "unit": .text("1"),
                    "kind": .text(kind.replacing(".", with: "_")),
                    "dimensions": .object(["my.\(kind).attr": .text("some value")]),
                    "value": .object(
                        Dictionary(
                            uniqueKeysWithValues: zip(["min", "max", "sum", "count"], numbers.map(JSON.number)))),
                ].merging(kind == "gauge" ? [:] : temporality) { $1 })
        }
        #expect(decoded.events == events)
        #expect(decoded.lines.allSatisfy { $0["time"] == .text("2018-12-13T14:51:00.300Z") })
    }
}
