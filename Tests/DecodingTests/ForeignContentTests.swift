import Decoding
import TelemetryModel
import TestSupport
import Testing

/// What lies beside logs and is not read: one record, by name, with all of its bytes, whatever format was asked for.
@Suite struct ForeignContentTests {
    private static let balancer =
        #"https 2026-01-15T09:00:00.186641Z app/web/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://example.com:443/ HTTP/1.1" "curl/7.46.0" - - - "Root=1" "-" "-" 1 2026-01-15T09:00:00.000000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-""#
    private static let lines: [(String, String)] = [
        (balancer, "Application Load Balancer"),
        (
            "tls 2.0 2026-01-15T09:00:00 net/n/c6e77e28c25b2234 g3d4b5e8bb8464cd 72.21.218.154:51341 172.100.100.185:443 5 2",
            "Network"
        ),
        (
            #"2026-01-15T09:00:00.945958Z lb 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001 0.00005 200 200 0 29 "GET http://example.com:80/ HTTP/1.1" "curl" - -"#,
            "Classic"
        ),
        (
            #"79a59df900b949e5 bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 79a5 3E57 REST.GET.VERSIONING - "GET /b?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" -"#,
            "S3"
        ),
        (#"192.0.2.3 - - [06/Feb/2026:00:00:38 +0000] "GET / HTTP/1.1" 200 113"#, "web server"),
        (
            "2026-01-15\t09:00:00\tLAX1\t2390282\t192.0.2.202\tGET\td111\t/index.html\t200\t-\tMozilla/4.0\t-\t-\tHit",
            "CloudFront"
        ),
    ]

    @Test(arguments: lines)
    func otherLogsAreOneRecordOfAFile(line: String, name: String) throws {
        let bytes = Array(String(repeating: line + "\n", count: 400).utf8)
        for format in [InputFormat.auto, .vpcFlow, .cloudTrail] {
            for chunk in [1000, 1 << 20] {
                for input in [bytes, gzipped(bytes)] {
                    let records = try decodeStream(input, chunk: chunk, format: format)
                    #expect(records.map(\.reason) == [.accessLog], "\(format) \(chunk)")
                    #expect(records.first?.detail.contains(name) == true)
                    #expect(records.first?.detail.contains("400 lines") == true)
                    #expect(records.first?.bytes == bytes.dropLast())
                }
            }
        }
        #expect(try decodeAnyMessage(bytes).map(\.reason) == [.accessLog])
    }

    @Test(arguments: [
        "README\n\nThis folder holds logs.\n* one\n* two\n[1]: see below\n{{ braces }}\n",
        "<!DOCTYPE html>\n<html>\n<body>404</body>\n</html>\n",
        "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>\n",
        "name,size,owner\na,1,b\nc,2,d\n", "# Title\n\n1. first\n2. second\n",
    ])
    func textsAreOneRecord(text: String) throws {
        for format in [InputFormat.auto, .vpcFlow] {
            let records = try decodeStream(Array(text.utf8), chunk: 1 << 20, format: format)
            #expect(records.map(\.reason) == [.textFile])
            #expect(records.first?.bytes == Array(text.utf8).dropLast())
        }
    }

    @Test(arguments: [
        "These are the logs of the estate.\nSee the wiki.\n", "<html><body>404</body></html>\n",
        "<Error>\n  <Code>AccessDenied</Code>\n</Error>\n",
    ])
    func textsAmongJSONAreOneRecordToo(text: String) throws {
        for format in [InputFormat.auto, .vpcFlow, .cloudTrail, .metricStreamJSON, .otlpJSON] {
            for input in [Array(text.utf8), gzipped(Array(text.utf8))] {
                #expect(try decodeStream(input, chunk: 1 << 20, format: format).map(\.reason) == [.textFile])
            }
        }
        #expect(
            try decodeStream(Array((text + trailRecord + "\n").utf8), chunk: 1 << 20, format: .cloudTrail).map(\.reason)
                == [.textFile, nil])
    }

    /// A record that lost its beginning is a broken record, and what is short says nothing of itself.
    @Test(arguments: [#"rce":"s3.amazonaws.com","eventTime":"2026-01-15T09:00:00Z", "a": 1}"#, "x", "two words"])
    func brokenRecordsAreNoText(line: String) throws {
        let records = try decodeStream(Array("\(line)\n\(trailRecord)\n".utf8), chunk: 1 << 20, format: .cloudTrail)
        #expect(records.map(\.reason) == [.invalidJSON, nil])
    }

    @Test func goodLinesBehindForeignOnesAreRead() throws {
        let foreign = ForeignContentTests.balancer
        let text = "\(foreign)\n\(foreign)\n\(flowLine)\n\(foreign)\n\(trailRecord)\n"
        let records = try decodeStream(Array(text.utf8), chunk: 1 << 20)
        #expect(records.map(\.kind).compactMap { $0 } == [.vpcFlow, .cloudTrail])
        let prose = "Some notes on these logs\nand more\n\(flowLine)\n\(flowLine)\n"
        #expect(try decodeStream(Array(prose.utf8), chunk: 1 << 20).map(\.reason) == [.textFile, nil, nil])
        let headed = "Some notes on these logs\nsrcaddr start\n10.0.0.1 1795168800\n"
        #expect(try decodeStream(Array(headed.utf8), chunk: 1 << 20).map(\.reason) == [.textFile, nil])
    }

    @Test func filesAboveTheLimitOfARecordAreSeveralWithAllBytes() throws {
        let text = String(repeating: ForeignContentTests.balancer + "\n", count: 200)
        let limits = DecodingLimits(recordBytesMax: 20_000)
        let records = try decodeStream(Array(text.utf8), chunk: 4000, limits: limits)
        #expect(Set(records.map(\.reason)) == [.accessLog])
        #expect(records.count <= text.utf8.count / 16_000 + 1)
        #expect(records.flatMap { $0.bytes + [0x0A] } == Array(text.utf8))
    }

    @Test(arguments: [
        ("PAR1", RejectionReason.parquet), ("PK\u{3}\u{4}", .archive), ("Obj\u{1}", .binaryFile), ("ORC", .binaryFile),
        ("BZh91AY&SY", .archive),
    ])
    func filesAreKnownByTheirFirstBytes(magic: String, reason: RejectionReason) throws {
        let bytes = Array(magic.utf8) + (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for format in [InputFormat.auto, .vpcFlow, .cloudTrail, .otlp] {
            let records = try decodeStream(bytes, chunk: 4096, format: format)
            #expect(records.map(\.reason) == [reason])
            #expect(records.first?.bytes == bytes)
            #expect(try decodeAnyMessage(bytes, format: format).map(\.reason) == [reason])
        }
    }

    @Test func wideTextIsKnownInEitherOrderOfBytes() throws {
        let text = Array("\(flowLine)\n\(flowLine)\n".utf8)
        for (mark, wide) in [
            ([0xFF, 0xFE] as [UInt8], { [$0, 0] }), ([0xFE, 0xFF], { [0, $0] }), ([], { [$0, 0] }),
            ([0xFF, 0xFE, 0, 0], { [$0, 0, 0, 0] }), ([], { [0, 0, 0, $0] }),
        ] as [([UInt8], (UInt8) -> [UInt8])] {
            let bytes = mark + text.flatMap { wide($0) }
            for format in [InputFormat.auto, .vpcFlow, .cloudTrail] {
                #expect(try decodeStream(bytes, chunk: 100, format: format).map(\.reason) == [.utf16])
            }
        }
    }

    /// Valid protobuf of which no field means anything: it must not vanish.
    @Test func messagesOfOtherFieldsAreRejected() throws {
        let other: [UInt8] = [0x12, 0x03, 0x61, 0x62, 0x63]
        #expect(try decodeAnyMessage(other, format: .otlp).map(\.reason) == [.unknownFormat])
        #expect(try decodeAnyMessage(other, format: .otlp).map(\.bytes) == [other])
        #expect(try decodeAnyMessage([5] + other, format: .metricStreamOTLP).map(\.reason) == [.unknownFormat])
        // As a snappy block of one literal.
        #expect(
            try decodeAnyMessage([5, 4 << 2] + other, format: .prometheusRemoteWrite).map(\.reason) == [.unknownFormat])
        #expect(try decodeAnyMessage([], format: .otlp).isEmpty)
        #expect(try decodeAnyMessage([0x0A, 0x00], format: .otlp).isEmpty)
    }

    @Test func objectsOfOtherLogsHaveTheirReasons() throws {
        let digest =
            #"{"awsAccountId":"1","digestStartTime":"2026-01-15T09:00:00Z","digestS3Bucket":"b","logFiles":[{"s3Object":"o"}]}"#
        for format in [InputFormat.auto, .cloudTrail] {
            #expect(try decodeAnyMessage(digest, format: format).map(\.reason) == [.cloudTrailDigest])
            #expect(
                try decodeStream(Array(digest.replacing(",", with: ",\n").utf8), chunk: 50, format: format).map(
                    \.reason)
                    == [.cloudTrailDigest])
        }
        let firewall = #"{"timestamp":1768467600000,"formatVersion":1,"webaclId":"a","action":"BLOCK"}"#
        #expect(try decodeAnyMessage(firewall).map(\.reason) == [.accessLog])
    }
}
