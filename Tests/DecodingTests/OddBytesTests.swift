import Decoding
import TelemetryModel
import TestSupport
import Testing

/// Bytes that nobody means to write, and forms that are rare: they cost at most what is wrong with them.
@Suite struct OddBytesTests {
    static let record = "{\(FramingTests.time)}"

    /// The kinds of a document's events, and the bytes of its rejections, whatever the chunks.
    static func parts(
        _ text: String, format: InputFormat = .auto, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [String] {
        try FramingTests.outcomes(text, format: format, sourceLocation: sourceLocation).map {
            $0.reason == nil ? "\($0.kind!)" : "\($0.reason!.rawValue) \(String(decoding: $0.bytes, as: UTF8.self))"
        }
    }

    @Test func zerosAroundRecordsCostOnlyThemselves() throws {
        let zeros = String(repeating: "\0", count: 2000)
        let record = OddBytesTests.record
        #expect(try OddBytesTests.parts("\0\(record)") == ["invalid_json \0", "cloudTrail"])
        #expect(
            try OddBytesTests.parts("\(zeros)\(record)\n\(record)")
                == ["invalid_json \(zeros)", "cloudTrail", "cloudTrail"])
        #expect(try OddBytesTests.parts("\(record)\n\(zeros)") == ["cloudTrail", "invalid_json \(zeros)"])
        #expect(
            try OddBytesTests.parts("\(flowLine)\n\(zeros)\n\(flowLine)\n\(zeros)")
                == ["vpcFlow", "invalid_json \(zeros)", "vpcFlow", "invalid_json \(zeros)"])
        #expect(try OddBytesTests.parts(zeros) == ["invalid_json \(zeros)"])
    }

    @Test func aControlCharacterBeforeALineIsTheLines() throws {
        let broken = "\u{1}\(flowLine)"
        #expect(
            try OddBytesTests.parts("\(flowLine)\n\(broken)\n\(flowLine)\n")
                == ["vpcFlow", "invalid_field \(broken)", "vpcFlow"])
    }

    @Test func jsonSequencesAreRead() throws {
        let sequence = String(repeating: "\u{1E}\(OddBytesTests.record)\n", count: 3)
        for format in [InputFormat.auto, .cloudTrail] {
            #expect(try OddBytesTests.parts(sequence, format: format) == ["cloudTrail", "cloudTrail", "cloudTrail"])
        }
    }

    /// What follows a line of a flow log is the same whether it is read with it or by itself.
    @Test(arguments: [
        "  R", "[R]", "[ R\n]", "\u{FEFF}R", "\0R", "\u{FEFF}F", "\u{1E}R", "x y", "[x]", "[", "\0x", "]",
    ])
    func whatFollowsALineDoesNotDependOnChunks(shape: String) throws {
        let text = shape.replacing("R", with: OddBytesTests.record).replacing("F", with: flowLine)
        let parts = try OddBytesTests.parts("\(flowLine)\n\(text)\n\(flowLine)\n")
        #expect(parts.first == "vpcFlow")
        #expect(parts.filter { $0 == "cloudTrail" }.count == (shape.contains("R") ? 1 : 0))
        #expect(parts.filter { $0 == "vpcFlow" }.count == (shape.contains("F") ? 3 : 2), "\(parts)")
    }

    @Test func linesOfAnotherLogAmongFlowLogs() throws {
        let other = #"http 2026-01-15T09:00:00.000000Z app/lb/1 1.2.3.4:1 10.0.0.1:80 0 0 0 200 200 1 1 "GET" "x""#
        let parts = try OddBytesTests.parts("\(flowLine)\n\(other)\n\(other)\n\(flowLine)\n")
        #expect(parts == ["vpcFlow", "access_log \(other)\n\(other)", "vpcFlow"])
    }

    @Test func base64MayBeWrittenInOtherWays() throws {
        // Five records, so that there is something to break.
        let text = Array(String(repeating: "\(OddBytesTests.record)\n", count: 5).utf8) + Array("{}".utf8)
        let plain = base64(text)
        #expect(plain.hasSuffix("="))
        var broken = ""
        for (place, character) in plain.enumerated() {
            broken.append(character)
            if place % 76 == 75 { broken += #"\r\n"# }
        }
        let unpadded = String(plain.prefix { $0 != "=" })
        for data in [plain, broken, unpadded] {
            #expect(try OddBytesTests.parts(#"{"data":"\#(data)"}"#).count == 6)
        }
        let odd = Array(#"{"eventTime":"2026-01-15T09:00:00Z","x":"ÿþ?>~~~"}"#.utf8)
        let safe = base64(odd).replacing("+", with: "-").replacing("/", with: "_")
        #expect(safe != base64(odd))
        #expect(try OddBytesTests.parts(#"{"data":"\#(safe)"}"#) == ["cloudTrail"])
        let gzip = base64(gzipped(text)).replacing("\r", with: "")
        let lines = stride(from: 0, to: gzip.count, by: 60).map { String(gzip.dropFirst($0).prefix(60)) }
        #expect(try OddBytesTests.parts(lines.joined(separator: "\n") + "\n").count == 6)
        for data in ["!!!!", "a", "ab=c", "abc==", "ab\u{e9}"] {
            #expect(try OddBytesTests.parts(#"{"data":"\#(data)"}"#).map { $0.prefix(19) } == ["invalid_compression"])
        }
    }

    @Test func whatTheCommandLinePrints() throws {
        let message = OddBytesTests.record.replacing("\"", with: "\\\"")
        let events = #"{"searchedLogStreams":[],"events":[{"timestamp":1768467600000,"message":"M","eventId":"1"}]}"#
        #expect(try OddBytesTests.parts(events.replacing("M", with: message)) == ["cloudTrail"])
        let data = base64(Array(OddBytesTests.record.utf8))
        let records = #"{"Records":[{"SequenceNumber":"1","Data":"D","PartitionKey":"p"}],"NextShardIterator":"i"}"#
        #expect(try OddBytesTests.parts(records.replacing("D\"", with: "\(data)\"")) == ["cloudTrail"])
    }

    @Test func aNegativeCountIsNoCount() throws {
        let metric = #"""
            {"namespace":"n","metric_name":"m","timestamp":1768467600000,"value":{"max":1,"min":1,"sum":1,"count":-3}}
            """#
        #expect(try decodeAnyMessage(metric).map(\.reason) == [.outOfRange])
    }
}
