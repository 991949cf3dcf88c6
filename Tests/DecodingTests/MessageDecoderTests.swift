import Decoding
import TelemetryModel
import TestSupport
import Testing

@Suite struct MessageDecoderTests {
    static func subscription(_ messages: [String]) -> String {
        let events = messages.enumerated().map { index, message in
            #"{"id":"\#(index)","timestamp":1795168800000,"message":"\#(message.replacing("\"", with: "\\\""))"}"#
        }
        return
            #"{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"g","logEvents":[\#(events.joined(separator: ","))]}"#
    }

    @Test func bareRecordsAreRecognisedByTheirBytes() throws {
        #expect(try decodeAnyMessage(flowLine).map(\.kind) == [.vpcFlow])
        #expect(try decodeAnyMessage(trailRecord).map(\.kind) == [.cloudTrail])
        #expect(
            try decodeAnyMessage(#"{"Records":[\#(trailRecord),\#(trailRecord)]}"#).map(\.kind) == [
                .cloudTrail, .cloudTrail,
            ])
        #expect(try decodeAnyMessage("[\(trailRecord)]").map(\.kind) == [.cloudTrail])
    }

    @Test func subscriptionHoldsFlowLogsOrCloudTrail() throws {
        let message = MessageDecoderTests.subscription([flowLine, trailRecord, "nonsense", flowLine])
        for bytes in [
            Array(message.utf8), gzipped(Array(message.utf8)), Array(base64(gzipped(Array(message.utf8))).utf8),
        ] {
            let records = try decodeAnyMessage(bytes)
            #expect(records.map(\.kind) == [.vpcFlow, .cloudTrail, nil, .vpcFlow])
            #expect(records[2].reason == .wrongFieldCount)
            #expect(String(decoding: records[2].bytes, as: UTF8.self) == "nonsense")
        }
    }

    @Test func controlMessageIsNoEventAndNoRecord() throws {
        let control =
            #"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination"}]}"#
        #expect(try decodeAnyMessage(control).isEmpty)
        #expect(
            try decodeAnyMessage(control.replacing("CONTROL_MESSAGE\"", with: "OTHER\"")).map(\.reason) == [
                .unsupported
            ])
    }

    @Test func logEventWithoutMessageIsRejectedInItsPlace() throws {
        let text =
            #"{"messageType":"DATA_MESSAGE","logEvents":[{"message":"\#(flowLine)"},{"id":"7"},{"message":"\#(flowLine)"}]}"#
        let records = try decodeAnyMessage(text)
        #expect(records.map(\.reason) == [nil, .missingField, nil])
        #expect(String(decoding: records[1].bytes, as: UTF8.self) == #"{"id":"7"}"#)
    }

    @Test func eventBridgeDetailIsUnwrapped() throws {
        let text =
            #"{"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":\#(trailRecord)}"#
        let records = try decodeAnyMessage("\(text)\n\(text)\n\(trailRecord)\n")
        #expect(records.map(\.kind) == [.cloudTrail, .cloudTrail, .cloudTrail])
        #expect(records.allSatisfy { $0.fields["eventName"] == .text("GetObject") })
        #expect(
            try decodeAnyMessage(#"{"detail-type":"EC2 State","detail":{"state":"on"}}"#).map(\.reason) == [
                .unknownFormat
            ]
        )
    }

    @Test func firehoseRecordsAndRequestsAreUnwrapped() throws {
        let data = base64(Array("\(flowLine)\n\(flowLine)\n".utf8))
        let record = #"{"recordId":"1","data":"\#(data)"}"#
        #expect(try decodeAnyMessage(record).map(\.kind) == [.vpcFlow, .vpcFlow])
        let compressed = base64(gzipped(Array(MessageDecoderTests.subscription([trailRecord]).utf8)))
        let request =
            #"{"requestId":"r","timestamp":1,"records":[{"data":"\#(data)"},{"data":"***="},{"data":"\#(compressed)"},{}]}"#
        let records = try decodeAnyMessage(request)
        #expect(records.map(\.reason) == [nil, nil, .invalidCompression, nil, .missingField])
        #expect(records.map(\.kind) == [.vpcFlow, .vpcFlow, nil, .cloudTrail, nil])
    }

    @Test func messageObjectsHoldFlowLogLines() throws {
        let text = #"{"message":"\#(flowLine)"}"#
        #expect(try decodeAnyMessage("\(text)\n\(text)").map(\.kind) == [.vpcFlow, .vpcFlow])
        #expect(try decodeAnyMessage(text, format: .vpcFlow).map(\.kind) == [.vpcFlow])
    }

    @Test func notificationsAreUnwrappedAndThoseOfS3AreRefused() throws {
        let escaped = trailRecord.replacing("\"", with: "\\\"")
        let text = #"{"Type":"Notification","MessageId":"m","TopicArn":"arn","Message":"\#(escaped)"}"#
        #expect(try decodeAnyMessage(text).map(\.kind) == [.cloudTrail])
        let storage = #"{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\",\"s3\":{}}]}"#
        let records = try decodeAnyMessage(text.replacing(escaped, with: storage))
        #expect(records.map(\.reason) == [.storageNotification])
        #expect(records.first?.detail == "an S3 notification: it names objects and holds no events")
        #expect(
            try decodeAnyMessage(text.replacing("Notification", with: "SubscriptionConfirmation")).map(\.reason) == [
                .unsupported
            ])
    }

    @Test func subscriptionsHandedToLambdaAreUnwrapped() throws {
        let data = base64(gzipped(Array(MessageDecoderTests.subscription([flowLine]).utf8)))
        #expect(try decodeAnyMessage(#"{"awslogs":{"data":"\#(data)"}}"#).map(\.kind) == [.vpcFlow])
        let escaped = data.replacing("/", with: "\\/")
        #expect(try decodeAnyMessage(#"{"awslogs":{"data":"\#(escaped)"}}"#).map(\.kind) == [.vpcFlow])
    }

    @Test func envelopesInsideEachOtherAreLimited() throws {
        var bytes = Array(flowLine.utf8)
        for depth in 1...18 {
            bytes = gzipped(bytes)
            let records = try decodeAnyMessage(bytes)
            #expect(records.map(\.reason) == [depth <= 16 ? nil : .nestingTooDeep], "depth \(depth)")
        }
        var text = trailRecord
        for depth in 1...18 {
            text = #"{"detail-type":"x","detail":\#(text)}"#
            #expect(try decodeAnyMessage(text).map(\.reason) == [depth <= 16 ? nil : .nestingTooDeep], "depth \(depth)")
        }
    }

    @Test func gzipBombIsRefusedInBoundedMemory() throws {
        let bomb = gzipBomb(of: 258 * 40_000 + 1)
        #expect(bomb.count < 70_000)
        let limits = DecodingLimits(expandedBytesMax: 1 << 20)
        let records = try decodeAnyMessage(bomb, limits: limits)
        #expect(records.map(\.reason) == [.tooLarge])
        #expect(
            records.first?.detail
                == "expands to more than 1048576 bytes (--expanded-bytes-max, or decoding.expandedBytesMax in the settings)"
        )
        #expect(records.first?.bytes == bomb)
    }

    @Test func layersOfCompressionShareOneLimit() throws {
        let inner = gzipped(Array(repeating: 0x20, count: 700_000))
        let limits = DecodingLimits(expandedBytesMax: 1 << 20)
        #expect(try decodeAnyMessage(inner, limits: limits).isEmpty)
        #expect(try decodeAnyMessage(gzipped(inner), limits: limits).map(\.reason) == [.tooLarge])
    }

    @Test func gzipMembersFollowEachOther() throws {
        let member = gzipped(Array("\(flowLine)\n".utf8))
        #expect(try decodeAnyMessage(member + member + member).count == 3)
        #expect(try decodeAnyMessage(member + [0, 0, 0]).count == 1)
        // What was inflated before the fault counts, as in a file.
        #expect(try decodeAnyMessage(member + [7]).map(\.reason) == [nil, .invalidCompression])
    }

    @Test func everyPrefixOfAGzipMessageIsRejectedOnce() throws {
        let whole = gzipped(Array(flowLine.utf8))
        for length in 3..<whole.count {
            let records = try decodeAnyMessage(Array(whole[..<length]))
            #expect(records.map(\.reason) == [.invalidCompression], "\(length) bytes")
        }
        var corrupt = whole
        corrupt[corrupt.count - 6] ^= 1
        #expect(try decodeAnyMessage(corrupt).map(\.reason) == [.invalidCompression])
    }

    @Test func everyPrefixOfAnEnvelopeIsAccountedFor() throws {
        let message = Array(MessageDecoderTests.subscription([flowLine, trailRecord]).utf8)
        for length in 1..<message.count {
            let records = try decodeAnyMessage(Array(message[..<length]))
            #expect(records.count == 1 && records[0].reason != nil, "\(length) bytes")
        }
    }

    @Test func unknownBytesHaveAReason() throws {
        #expect(try decodeAnyMessage(#"{"a":1}"#).map(\.reason) == [.unknownFormat])
        #expect(try decodeAnyMessage([0x80, 0x00, 0x01, 0x02]).map(\.reason) == [.unknownFormat])
        #expect(try decodeAnyMessage([UInt8]()).isEmpty)
        #expect(try decodeAnyMessage("{\"a\":").map(\.reason) == [.truncated])
    }

    @Test func mixedLinesGoToTheirDecoders() throws {
        let text = [flowLine, trailRecord, trailRecord, flowLine, #"{"message":"\#(flowLine)"}"#, trailRecord]
            .joined(separator: "\n")
        let kinds = try decodeAnyMessage(text).map(\.kind)
        #expect(kinds == [.vpcFlow, .cloudTrail, .cloudTrail, .vpcFlow, .vpcFlow, .cloudTrail])
    }

    @Test func kindsWithoutAProjectionAreCountedAndChecked() throws {
        var decoder = MessageDecoder(projections: ProjectionSet())
        var collector = PlainCollector()
        let bytes = Array("\(flowLine)\nbad line\n".utf8)
        #expect(decoder.decode(bytes.span.bytes, to: &collector) == 2)
        #expect(collector.records.map(\.reason) == [nil, .wrongFieldCount])
        #expect(collector.records[0].fields.isEmpty)
    }
}
