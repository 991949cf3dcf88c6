import Foundation
import TestSupport
import Testing

/// `decode` prints what came in, whatever it was wrapped in, and keeps what it cannot read.
@Suite struct DecodeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let records = (1...3).map { number in
        #"{"eventVersion":"1.08","eventTime":"2026-01-15T09:00:0\#(number)Z","eventName":"GetObject","#
            + #""eventSource":"s3.amazonaws.com","awsRegion":"eu-central-1","eventID":"e-\#(number)","#
            + #""userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/r/s"},"#
            + #""requestParameters":{"key":"a \"quoted\" \u00e9 name","parts":[1,2.5,null,{"last":true}]},"#
            + #""responseElements":null}"#
    }

    /// Each as one text, and how many of the records it holds.
    private static let wrappings: [(name: String, text: String, count: Int)] = [
        ("one record", records[0], 1),
        ("log file", #"{"Records":[\#(records.joined(separator: ","))]}"#, 3),
        ("lines", records.joined(separator: "\n") + "\n", 3),
        ("array", "[\n  \(records.joined(separator: ",\n  "))\n]\n", 3),
        ("EventBridge", eventBridge(records[0]), 1),
        ("CloudWatch Logs subscription", subscription("CloudTrail", records), 3),
    ]

    private static func eventBridge(_ detail: String) -> String {
        #"{"version":"0","id":"b-1","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","#
            + #""account":"123456789012","time":"2026-01-15T09:00:01Z","region":"eu-central-1","resources":[],"#
            + #""detail":\#(detail)}"#
    }

    private static func subscription(_ group: String, _ messages: [String]) -> String {
        let events: [[String: Any]] = messages.enumerated().map { index, message in
            ["id": "\(index)", "timestamp": 1_768_467_600_000, "message": message]
        }
        let envelope: [String: Any] = [
            "messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": group, "logStream": "stream",
            "subscriptionFilters": ["all"], "logEvents": events,
        ]
        let data = try? JSONSerialization.data(withJSONObject: envelope, options: .sortedKeys)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    @Test(arguments: wrappings.indices, [false, true])
    func cloudTrailIsReadInEachWrapping(index: Int, isCompressed: Bool) throws {
        let wrapping = Self.wrappings[index]
        var path = try folder.write(wrapping.text, to: "input")
        if isCompressed { path = try folder.write(try toolOutput(["gzip", "-c", path]), to: "input.gz") }
        let decoded = try Decoded([path], in: folder)
        #expect(decoded.events == (try JSON.lines(Self.records.joined(separator: "\n"))).prefix(wrapping.count) + [])
        #expect(decoded.lines.allSatisfy { $0["type"] == .text("cloudtrail") }, "\(wrapping.name)")
        #expect(decoded.lines.map { $0["position"]["record"].number } == (0..<wrapping.count).map(Double.init))
        #expect(decoded.lines.first?["time"] == .text("2026-01-15T09:00:01Z"))
        #expect(decoded.summary == ["decoded \(wrapping.count), dead-lettered 0"], "\(wrapping.name)")
    }

    private static let flowLines = [
        "2 123456789012 eni-0a 10.0.0.1 10.0.0.2 49152 443 6 20 4249 1700000000 1700000060 ACCEPT OK",
        "2 123456789012 eni-0a 2001:db8::1 2001:db8::2 49152 22 6 1 80 1700000060 1700000120 REJECT OK",
        "2 123456789012 eni-0a - - - - - - - 1700000120 1700000180 - NODATA",
    ]
    private static let flowHeader =
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
        + "log-status"
    private static let flows = """
        {"version":2,"account_id":"123456789012","interface_id":"eni-0a","srcaddr":"10.0.0.1","dstaddr":"10.0.0.2",\
        "srcport":49152,"dstport":443,"protocol":6,"packets":20,"bytes":4249,"start":1700000000,"end":1700000060,\
        "action":"ACCEPT","log_status":"OK"}
        {"version":2,"account_id":"123456789012","interface_id":"eni-0a","srcaddr":"2001:db8::1",\
        "dstaddr":"2001:db8::2","srcport":49152,"dstport":22,"protocol":6,"packets":1,"bytes":80,"start":1700000060,\
        "end":1700000120,"action":"REJECT","log_status":"OK"}
        {"version":2,"account_id":"123456789012","interface_id":"eni-0a","start":1700000120,"end":1700000180,\
        "log_status":"NODATA"}
        """

    @Test func flowLogsAreReadWithHeaderWithFieldListAndFromASubscription() throws {
        let bare = Self.flowLines.joined(separator: "\n") + "\n"
        let headed = try Decoded([folder.write("\(Self.flowHeader)\n\(bare)", to: "headed.log")], in: folder)
        let listed = try Decoded(
            ["--format", "vpc-flow", "--flow-fields", Self.flowHeader, folder.write(bare, to: "bare.log")], in: folder)
        let subscribed = try Decoded(
            [folder.write(Self.subscription("flow-logs", Self.flowLines), to: "subscription.json")], in: folder)
        for decoded in [headed, listed, subscribed] {
            #expect(decoded.events == (try JSON.lines(Self.flows)))
            #expect(decoded.deadLetters.isEmpty)
        }
    }

    @Test func fieldListTakesCommasAsWell() throws {
        let path = try folder.write("53 10.0.0.9 REJECT 1795168800\n", to: "flow.log")
        for list in [
            "dstport,srcaddr,action,start", "dstport, srcaddr, action, start",
            "${dstport} ${srcaddr} ${action} ${start}",
        ] {
            let decoded = try Decoded(["--format", "vpc-flow", "--flow-fields", list, path], in: folder)
            #expect(
                decoded.events == [
                    .object([
                        "dstport": .number(53), "srcaddr": .text("10.0.0.9"), "action": .text("REJECT"),
                        "start": .number(1_795_168_800),
                    ])
                ])
        }
    }

    /// A header that leaves fields out in another order than the default.
    @Test func headerDecidesWhatAColumnMeans() throws {
        let path = try folder.write("dstport srcaddr action start\n53 10.0.0.9 REJECT 1795168800\n", to: "flow.log")
        let decoded = try Decoded(["--format", "vpc-flow", path], in: folder)
        #expect(
            decoded.events == [
                .object([
                    "dstport": .number(53), "srcaddr": .text("10.0.0.9"), "action": .text("REJECT"),
                    "start": .number(1_795_168_800),
                ])
            ])
    }

    @Test func metricStreamKeepsPercentiles() throws {
        let line =
            #"{"metric_stream_name":"s","account_id":"123456789012","region":"eu-central-1","namespace":"AWS/X","#
            + #""metric_name":"Latency","dimensions":{"B":"2","A":"1"},"timestamp":1768467600000,"#
            + #""value":{"count":4.0,"sum":10.0,"max":4.5,"min":0.5,"p50":2.0,"p99.9":4.25},"unit":"Milliseconds"}"#
        let decoded = try Decoded([folder.write("\(line)\n\(line)\n", to: "metrics.json")], in: folder)
        let event = try JSON.lines(
            #"{"account_id":"123456789012","region":"eu-central-1","namespace":"AWS/X","metric_name":"Latency","#
                + #""dimensions":{"A":"1","B":"2"},"unit":"Milliseconds","value":{"max":4.5,"min":0.5,"sum":10,"#
                + #""count":4,"quantiles":{"p50":2,"p99.9":4.25}}}"#)[0]
        #expect(decoded.events == [event, event])
        #expect(decoded.lines.map { $0["time"] } == Array(repeating: .text("2026-01-15T09:00:00Z"), count: 2))
    }

    /// A broken record between good ones; the place is that in the record of what could not be read.
    private static let broken: [(format: String, parts: [String], record: String, reason: String, offset: Double)] = [
        (
            "cloudtrail", [records[0] + "\n", "\n" + records[1] + "\n"], #"{"eventVersion":"1.08","eventTime":"2026"#,
            "invalid_json", 40
        ),
        (
            "cloudtrail", [#"{"Records":["# + records[0] + ", ", ", \(records[1])]}"],
            #"{"eventVersion":"1.08","eventName":"GetObject"}"#, "missing_field", 0
        ),
        (
            "cloudtrail", ["[\(records[0]),", ",\(records[1])]"],
            #"{"eventVersion":"1.08","eventTime":"yesterday"}"#, "invalid_field", 36
        ),
        (
            "vpc-flow", ["\(flowHeader)\n\(flowLines[0])\n", "\n\(flowLines[1])\n"],
            "2 123456789012 eni-0a 10.0.0.1 10.0.0.2 1 x 6 1 1 1700000000 1700000030 ACCEPT OK", "invalid_field", 42
        ),
        (
            "vpc-flow", ["\(flowHeader)\n\(flowLines[0])\n", "\n\(flowLines[1])\n"], "2 123456789012 eni-0a",
            "wrong_field_count", 15
        ),
    ]

    @Test(arguments: broken.indices) func brokenRecordInTheMiddleIsKept(index: Int) throws {
        let (format, parts, record, reason, offset) = Self.broken[index]
        let path = try folder.write(parts.joined(separator: record), to: "input")
        let decoded = try Decoded(["--format", format, path], in: folder)
        #expect(decoded.status == 0)
        #expect(decoded.lines.map { $0["position"]["record"].number } == [0, 2])
        #expect(decoded.summary.suffix(2) == ["decoded 2, dead-lettered 1", "  \(reason): 1"])
        try #require(decoded.deadLetters.count == 1)
        let deadLetter = decoded.deadLetters[0]
        #expect(deadLetter["reason"] == .text(reason))
        #expect(deadLetter["detail"].text?.isEmpty == false)
        #expect(deadLetter["position"] == .object(["file": .text(path), "record": .number(1)]))
        #expect(deadLetter["byte_offset"] == .number(offset))
        #expect(Decoded.payload(deadLetter) == Data(record.utf8))
        #expect(try Decoded(["--strict", "--format", format, path], in: folder).status == 3)
    }

    @Test func eachReasonHasALine() throws {
        let lines = ["{", "{}", #"{"eventVersion":"1.08"}"#, Self.records[0]]
        let path = try folder.write(lines.joined(separator: "\n") + "\n", to: "lines.jsonl")
        let decoded = try Decoded(["--format", "cloudtrail", path], in: folder)
        #expect(decoded.summary == ["decoded 1, dead-lettered 3", "  invalid_json: 1", "  missing_field: 2"])
        #expect(decoded.deadLetters.map(Decoded.payload) == lines.prefix(3).map { Data($0.utf8) })
    }

    @Test func strictIsContentWithGoodRecords() throws {
        let path = try folder.write(Self.records[0], to: "record.json")
        #expect(try Decoded(["--strict", path], in: folder).status == 0)
    }
}
