import SyntheticEstate
import TelemetryModel

/// Valid inputs to start from: some lines of a synthetic estate, and each format's corners by hand.
enum Corpus {
    static let cloudTrail: [[UInt8]] =
        estate(.cloudTrail)
        + texts([
            #"{"Records":[{"eventTime":"2026-01-15T09:00:00Z","eventName":"A"},{"eventTime":"20260115T090001Z"}]}"#,
            #"[{"eventTime":"2026-01-15T09:00:00.123Z","a":[1,-2.5e3,true,null,{"b":"\u00e9\ud83d\ude00"}]}]"#,
            "\u{FEFF}{\"eventTime\":\"2026-01-15T09:00:00+01:00\"}\r\n\r\n{\"eventTime\":\"2026-01-15T09:00:00Z\"}",
            #"{"event\u0054ime":"2026-01-15T09:00:00Z","requestParameters":{"x-y":{"z":[{"ARN":"a"}]}}}"#,
        ])

    static let flowLogs: [[UInt8]] =
        estate(.vpcFlow)
        + texts([
            SyntheticEstate.flowLogHeader + "\n2 1 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 5 6 ACCEPT OK\n",
            "version account-id srcaddr dstaddr start end action tcp-flags\n5 1 2001:db8::1 ::ffff:10.0.0.1 1 2 REJECT 19\r\n",
            "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA",
        ])

    /// Header lines as people write them, and lines below those that can't be read.
    static let headers: [[UInt8]] = texts([
        "${version} ${srcaddr} ${bytes} ${start}\n2 10.0.0.1 7 1768467600\n",
        "VERSION,srcaddr,bytes,start\n2,10.0.0.1,7,1768467600\n\"2\",\"10.0.0.1\",,1768467601\n",
        "version\tsrcaddr\tstart\n2\t10.0.0.1\t1768467600\n2 10.0.0.1 1768467601\n",
        "srcaddr start\n10.0.0.1 1768467600\nversion;account-id;start;end\n2 1 3 4\nbytes bytes start\n1 2 1768467600\n",
        "srcaddr action\n10.0.0.1 ACCEPT\n",
    ])

    /// What is known by name and set aside.
    static let foreign: [[UInt8]] =
        texts([
            "PAR1\u{15}\u{4}\u{15}PAR1", "PK\u{3}\u{4}rest", "Obj\u{1}\u{4}",
            "README\n\nSome words on this folder\n* one\n",
            "<?xml version=\"1.0\"?>\n<Error/>\n", "a,b,c\n1,2,3\n",
            "#Version: 1.0\n#Fields: date time x-edge-location\n",
            "https 2026-01-15T09:00:00.1Z app/a/1 192.0.2.1:2817 10.0.0.1:80 0.1 0.2 0.3 200 200 0 57 \"GET / HTTP/1.1\"\n",
            "79a5 bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 79a5 3E57 REST.GET - \"GET /\" 200\n",
            #"{"awsAccountId":"1","digestStartTime":"2026-01-15T09:00:00Z","logFiles":[{}]}"#,
            #"{"timestamp":1,"webaclId":"a"}"#,
        ]) + [[0xFF, 0xFE] + "2 1 eni-1".utf8.flatMap { [$0, 0] }]

    static let metricData: [[UInt8]] = texts([
        #"{"MetricDataResults":[{"Id":"m1","Label":"L\u0041","Timestamps":["2026-01-15T09:00:00Z",1768467600.5],"Values":[1,2e3]},{"Id":"m2","Label":"x","Timestamps":[],"Values":[1]}],"Messages":[]}"#
    ])

    static let metrics: [[UInt8]] =
        estate(.metric)
        + texts([
            #"{"namespace":"A","metric_name":"B","dimensions":{},"timestamp":1,"value":{"max":1,"min":1,"sum":1,"count":1,"p99.9":2,"tm90":3}}"#
        ])

    static let envelopes: [[UInt8]] =
        texts([
            #"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","logEvents":[{"id":"1","timestamp":1,"message":"2 1 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 5 6 ACCEPT OK"}]}"#,
            #"{"messageType":"CONTROL_MESSAGE","logEvents":[]}"#,
            #"{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":{"eventTime":"2026-01-15T09:00:00Z","eventVersion":"1.09"}}"#,
            #"{"requestId":"r","timestamp":1,"records":[{"data":"eyJldmVudFRpbWUiOiIyMDI2LTAxLTE1VDA5OjAwOjAwWiJ9"}]}"#,
            #"{"Type":"Notification","Message":"{\"eventTime\":\"2026-01-15T09:00:00Z\"}"}"#,
            #"{"message":"2 1 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 5 6 ACCEPT OK"}"#,
        ]) + [gzip]

    /// `{"eventTime":"2026-01-15T09:00:00Z"}` in gzip.
    private static let gzip: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x01, 0x02, 0x00, 0xFD, 0xFF, 0x7B, 0x7D, 0x43,
        0xBF, 0xA6, 0xA3, 0x02, 0x00, 0x00, 0x00,
    ]

    /// An `ExportMetricsServiceRequest` with one gauge, bare and with its length in front.
    static let protobuf: [[UInt8]] = {
        func field(_ number: UInt8, _ body: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(body.count)] + body }
        let time: [UInt8] = [0x19, 0, 0, 0x10, 0x63, 0x2D, 0x5E, 0xC7, 0x6B]
        let point = time + [0x21, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
        let metric = field(1, Array("m".utf8)) + field(5, field(1, point))
        let request = field(1, field(2, field(2, metric)))
        return [request, [UInt8(request.count)] + request, []]
    }()

    static let otlpJSON: [[UInt8]] = texts([
        #"{"resourceMetrics":[{"resource":{"attributes":[{"key":"cloud.account.id","value":{"stringValue":"1"}}]},"scopeMetrics":[{"metrics":[{"name":"m","unit":"1","gauge":{"dataPoints":[{"asDouble":1.5,"timeUnixNano":"1544712660300000000","attributes":[{"key":"k","value":{"intValue":"3"}}]}]}}]}]}]}"#
    ])

    /// A snappy block: 4 literal bytes.
    static let remoteWrite: [[UInt8]] = [[0x04, 0x0C, 0x0A, 0x02, 0x12, 0x00], [0x00]]

    static let expressions: [[UInt8]] = texts([
        #"event.errorCode == "AccessDenied" && !has(event.userIdentity.arn)"#,
        #"event.eventName.matches("^(Get|List)[A-Z]+(a*)*b$") || event.requestParameters["x-y"] in ["a", 'b']"#,
        #"cidr("10.0.0.0/8").contains(event.sourceIPAddress) ? size(event.resources) > 1 + 2 * 3 % 4 : -1.5e3 < 2.0"#,
        #"event.resources[0].ARN.startsWith("arn:") && event.eventTime != null"#,
    ])

    static let words = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "1e999", "-0", "1E+5",
        "99999999999999999999", "\n", "\r\n", " ", "-", "eventTime", "Records", "detail", "logEvents", "event.",
        "has(", "&&", "||", "?", "matches(\"", "in", "cidr(", "(", ")", "0x", "2 ", "eni-", "::", "255.255.255.256",
    ]

    private static func texts(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    private static func estate(_ kind: EventKind) -> [[UInt8]] {
        var settings = EstateSettings(start: Timestamp(nanoseconds: 1_768_467_600_000_000_000))
        settings.minutes = 1
        settings.kinds = [kind]
        settings.cloudTrailPerMinute = 8
        settings.flowLogsPerMinute = 8
        settings.instances = 3
        var estate = SyntheticEstate(settings: settings)
        var lines: [[UInt8]] = []
        while let records = estate.nextMinute() { lines += records.map(\.bytes) }
        return lines + [Array(lines.joined(separator: [0x0A]))]
    }
}
