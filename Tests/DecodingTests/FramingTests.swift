import Decoding
import TelemetryModel
import TestSupport
import Testing

/// Where records begin and end: whatever holds them, wherever lines break, whatever is broken beside them.
@Suite struct FramingTests {
    /// The reasons of a document's records as a message and as a stream in many chunkings, which must agree.
    static func outcomes(
        _ text: String, format: InputFormat = .auto, limits: DecodingLimits = DecodingLimits(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [PlainCollector.Record] {
        let bytes = Array(text.utf8)
        let whole = try decodeAnyMessage(bytes, format: format, limits: limits)
        for chunk in [1, 2, 3, 7, 16, 50, 1000] {
            let records = try decodeStream(bytes, chunk: chunk, format: format, limits: limits)
            #expect(records == whole, "chunks of \(chunk)", sourceLocation: sourceLocation)
            let compressed = try decodeStream(gzipped(bytes), chunk: chunk, format: format, limits: limits)
            #expect(compressed == whole, "gzip'd, chunks of \(chunk)", sourceLocation: sourceLocation)
        }
        return whole
    }

    static let time = #""eventTime":"2026-01-15T09:00:00Z""#

    @Test(arguments: [
        "{\"Records\":[{T}\n,{T}]}", "{\"Records\":[{T},\n{T}\n]\n}\n",
        "{\n\"Records\"\n:\n[\n{\nT\n}\n,\n{\nT\n}\n]\n}",
        "{T}{T}", "{T}\n{T}", "{T} {T}", "[{T}\n,{T}]", "[{T}][{T}]", "{\"Records\":[{T}]}{\"Records\":[{T}]}",
        "{T,\"a\":\n{\"b\":\n1}}\n{T,\"a\":\n[1,\n2]}", "{\"a\":{},\"Records\":[{T},{T}],\"b\":[1]}",
        "\u{FEFF}{T}\n\u{FEFF}{T}",
    ])
    func documentsMayBreakTheirLinesAnywhere(shape: String) throws {
        let text = shape.replacing("T", with: FramingTests.time)
        for format in [InputFormat.auto, .cloudTrail] {
            #expect(try FramingTests.outcomes(text, format: format).map(\.kind) == [.cloudTrail, .cloudTrail])
        }
    }

    @Test func gluedRecordsMayBeOfAnyTotalSize() throws {
        let record = "{\(FramingTests.time),\"x\":\"\(String(repeating: "0", count: 900))\"}"
        let limits = DecodingLimits(expandedBytesMax: 100_000, recordBytesMax: 10_000)
        let glued = Array(String(repeating: record, count: 3000).utf8)
        let listed = Array("{\"Records\":[\(Array(repeating: record, count: 3000).joined(separator: ","))]}".utf8)
        for bytes in [glued, listed, gzipped(glued), gzipped(listed)] {
            for chunk in [5000, 256 << 10] {
                let records = try decodeStream(bytes, chunk: chunk, limits: limits)
                #expect(records.count == 3000)
                #expect(records.allSatisfy { $0.reason == nil })
            }
        }
    }

    @Test func largeEnvelopesAreOpenedAsTheyCome() throws {
        let limits = DecodingLimits(expandedBytesMax: 100_000, recordBytesMax: 10_000)
        let lines = Array(repeating: flowLine, count: 5000)
        let subscription = Array(MessageDecoderTests.subscription(lines).utf8)
        #expect(subscription.count > 5 * limits.expandedBytesMax)
        let data = #"{"data":"\#(base64(Array("\(flowLine)\n".utf8)))"}"#
        let request = Array(
            #"{"requestId":"r","records":[\#(Array(repeating: data, count: 5000).joined(separator: ","))]}"#.utf8)
        for bytes in [subscription, request, gzipped(subscription)] {
            let records = try decodeStream(bytes, chunk: 30_000, limits: limits)
            #expect(records.count == 5000)
            #expect(records.allSatisfy { $0.kind == .vpcFlow })
        }
    }

    @Test func aRecordThatIsTooLargeCostsItselfAlone() throws {
        let large = "{\(FramingTests.time),\"x\":\"\(String(repeating: "{", count: 300_000))\"}"
        let limits = DecodingLimits(recordBytesMax: 100_000)
        let good = trailRecord
        for text in [
            "\(good)\(large)\(good)", "\(good)\n\(large)\n\(good)", "{\"Records\":[\(good),\(large),\(good)]}",
        ] {
            for chunk in [1000, 40_000, 1 << 20] {
                let records = try decodeStream(Array(text.utf8), chunk: chunk, limits: limits)
                let parts = records.dropFirst().dropLast()
                #expect(records.first?.reason == nil && records.last?.reason == nil)
                #expect(parts.allSatisfy { $0.reason == .tooLarge && $0.detail.contains("100000") })
                #expect(parts.flatMap(\.bytes) == Array(large.utf8))
            }
            #expect(try decodeAnyMessage(text, limits: limits).map(\.reason) == [nil, .tooLarge, nil])
        }
    }

    @Test(arguments: ["\n", "", " ", "\r\n"])
    func aControlByteCostsItsRecordAlone(glue: String) throws {
        let broken = "{\(FramingTests.time),\"u\":\"\u{1}\"}"
        let text = [broken, trailRecord, broken, trailRecord].joined(separator: glue)
        for format in [InputFormat.auto, .cloudTrail] {
            let records = try FramingTests.outcomes(text, format: format)
            #expect(records.map(\.reason) == [.invalidJSON, nil, .invalidJSON, nil])
            #expect(records[0].bytes == Array(broken.utf8))
        }
        let listed = try FramingTests.outcomes("{\"Records\":[\(trailRecord),\(broken),\(trailRecord)]}")
        #expect(listed.map(\.reason) == [nil, .invalidJSON, nil])
    }

    @Test func aControlByteInAFlowLogCostsItsLineAlone() throws {
        let broken = flowLine.replacing("eni-", with: "eni\u{1}")
        for format in [InputFormat.auto, .vpcFlow] {
            let records = try FramingTests.outcomes("\(broken)\n\(flowLine)\n", format: format)
            #expect(records.map(\.kind) == [nil, .vpcFlow])
        }
    }

    @Test(arguments: [
        "{\"a\":", "{\"a\":\"x", "{\"a\":[1,", "{\"a\":tru", "{\"a\":{\"b\":12", "[{\"a\":1},",
    ])
    func aRecordThatWasCutOffDoesNotCostTheNextLine(cut: String) throws {
        let text = "\(trailRecord)\n\(cut)\n\(trailRecord)\n\(trailRecord)\n"
        let records = try FramingTests.outcomes(text, format: .cloudTrail)
        #expect(records.filter { $0.reason == nil }.count == 3)
        #expect(records.contains { $0.reason != nil })
    }

    @Test func halfASurrogatePairIsReadAsTheReplacementCharacter() throws {
        let record = #"{"eventTime":"2026-01-15T09:00:00Z","eventName":"a\ud83db\udc00"}"#
        for text in [
            record, "{\"Records\":[\(record)]}",
            MessageDecoderTests.subscription([record.replacing("\\", with: "\\\\")]),
        ] {
            let records = try FramingTests.outcomes(text)
            #expect(records.map { $0.fields["eventName"] } == [.text("a\u{FFFD}b\u{FFFD}")])
        }
    }

    @Test func halfASurrogatePairIsPrintedAsTheReplacementCharacter() {
        let text = Array(#"{ "a" : "\ud83d\ude00\ud83d\u0041\\ud83d\udc00" }"#.utf8)
        var output: [UInt8] = []
        JSONMinifier.append(text.span.bytes, 0..<text.count, to: &output)
        #expect(
            String(decoding: output, as: UTF8.self) == #"{"a":"\ud83d\ude00\ufffd\u0041\\ud83d\ufffd"}"#)
    }

    @Test func anEnvelopeIsKnownByAllOfItsKeys() throws {
        let record = #"{"message":"PutObject by x","eventTime":"2026-01-15T09:00:00Z"}"#
        for format in [InputFormat.auto, .cloudTrail] {
            #expect(try FramingTests.outcomes(record, format: format).map(\.kind) == [.cloudTrail])
        }
        let logstash = #"{"@timestamp":"2026-01-15T09:00:00Z","@version":"1","message":"\#(flowLine)","host":"h"}"#
        #expect(try FramingTests.outcomes(logstash).map(\.reason) == [.unknownFormat])
        #expect(try FramingTests.outcomes(logstash, format: .cloudTrail).map(\.reason) == [.missingField])
        #expect(
            try FramingTests.outcomes(#"{"data":"x","eventTime":"2026-01-15T09:00:00Z","Records":[]}"#).map(\.kind)
                == [.cloudTrail])
    }

    @Test func anEscapeInATimeIsLegal() throws {
        let records = try FramingTests.outcomes(#"{"eventTime":"2026\u002d01-15T09:00:00Z"}"#)
        #expect(records.map(\.time) == [1_768_467_600_000_000_000])
    }

    @Test func queuesStreamsAndLookUpsAreUnwrapped() throws {
        let escaped = trailRecord.replacing("\"", with: "\\\"")
        let data = base64(gzipped(Array(MessageDecoderTests.subscription([trailRecord]).utf8)))
        let texts = [
            #"{"Messages":[{"MessageId":"m","ReceiptHandle":"h","Body":"\#(escaped)"}]}"#,
            #"{"Records":[{"messageId":"m","receiptHandle":"h","body":"\#(escaped)","eventSource":"aws:sqs"}]}"#,
            #"{"Records":[{"kinesis":{"partitionKey":"k","data":"\#(data)"},"eventSource":"aws:kinesis"}]}"#,
            #"{"Records":[{"EventSource":"aws:sns","Sns":{"Message":"\#(escaped)"}}]}"#,
            #"{"Events":[{"EventId":"x","EventName":"y","CloudTrailEvent":"\#(escaped)"}]}"#,
            #"{"MessageId":"m","Body":"\#(escaped)"}"#,
        ]
        for text in texts {
            for format in [InputFormat.auto, .cloudTrail] {
                #expect(try FramingTests.outcomes(text, format: format).map(\.kind) == [.cloudTrail], "\(text)")
            }
        }
        let storage =
            #"{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\",\"eventTime\":\"2026-01-15T09:00:00Z\"}]}"#
        #expect(
            try FramingTests.outcomes(#"{"Messages":[{"MessageId":"m","Body":"\#(storage)"}]}"#).map(\.reason)
                == [.storageNotification])
    }

    @Test func everyDocumentHasAnOutcome() throws {
        let documents = [
            trailRecord, "{}", #"{"resourceMetrics":[]}"#, #"{"resourceMetrics":[{"scopeMetrics":[]}]}"#,
            #"{"message":""}"#, #"{"Messages":[{"Body":""}]}"#, #"{"detail-type":"x","detail":{}}"#, "[1]", "x",
        ]
        for format in [InputFormat.otlpJSON, .metricStreamJSON] {
            for document in documents {
                let records = try FramingTests.outcomes(document, format: format)
                #expect(records.count == 1 && records[0].reason != nil, "\(format) \(document)")
            }
        }
        #expect(try FramingTests.outcomes(trailRecord, format: .otlpJSON).map(\.reason) == [.noPoints])
    }

    @Test func numbersBeyondADoubleCostNothingButThemselves() throws {
        let projections = ProjectionSet(cloudTrail: Projection(kind: .cloudTrail, fields: [FieldPath(keys: "n")]))
        var decoder = MessageDecoder(projections: projections)
        var collector = PlainCollector()
        let bytes = Array("{\(FramingTests.time),\"n\":1e400}".utf8)
        #expect(decoder.decode(bytes.span.bytes, to: &collector) == 1)
        #expect(collector.records.map(\.reason) == [nil])
        #expect(collector.records[0].fields["n"] == .text("1e400"))
    }
}
