import Decoding
import TelemetryModel
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
        #expect(try decodeMessage(flowLine).map(\.kind) == [.vpcFlow])
        #expect(try decodeMessage(trailRecord).map(\.kind) == [.cloudTrail])
        #expect(
            try decodeMessage(#"{"Records":[\#(trailRecord),\#(trailRecord)]}"#).map(\.kind) == [
                .cloudTrail, .cloudTrail,
            ])
        #expect(try decodeMessage("[\(trailRecord)]").map(\.kind) == [.cloudTrail])
    }

    @Test func subscriptionHoldsFlowLogsOrCloudTrail() throws {
        let message = MessageDecoderTests.subscription([flowLine, trailRecord, "nonsense", flowLine])
        for bytes in [
            Array(message.utf8), gzipped(Array(message.utf8)), Array(base64(gzipped(Array(message.utf8))).utf8),
        ] {
            let records = try decodeMessage(bytes)
            #expect(records.map(\.kind) == [.vpcFlow, .cloudTrail, nil, .vpcFlow])
            #expect(records[2].reason == .wrongFieldCount)
            #expect(String(decoding: records[2].bytes, as: UTF8.self) == "nonsense")
        }
    }

    @Test func controlMessageIsNoEventAndNoRecord() throws {
        let control =
            #"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination"}]}"#
        #expect(try decodeMessage(control).isEmpty)
        #expect(
            try decodeMessage(control.replacing("CONTROL_MESSAGE\"", with: "OTHER\"")).map(\.reason) == [.unsupported])
    }

    @Test func logEventWithoutMessageIsRejectedInItsPlace() throws {
        let text =
            #"{"messageType":"DATA_MESSAGE","logEvents":[{"message":"\#(flowLine)"},{"id":"7"},{"message":"\#(flowLine)"}]}"#
        let records = try decodeMessage(text)
        #expect(records.map(\.reason) == [nil, .missingField, nil])
        #expect(String(decoding: records[1].bytes, as: UTF8.self) == #"{"id":"7"}"#)
    }

    @Test func eventBridgeDetailIsUnwrapped() throws {
        let text =
            #"{"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":\#(trailRecord)}"#
        let records = try decodeMessage("\(text)\n\(text)\n\(trailRecord)\n")
        #expect(records.map(\.kind) == [.cloudTrail, .cloudTrail, .cloudTrail])
        #expect(records.allSatisfy { $0.fields["eventName"] == .text("GetObject") })
        #expect(
            try decodeMessage(#"{"detail-type":"EC2 State","detail":{"state":"on"}}"#).map(\.reason) == [.unknownFormat]
        )
    }

    @Test func firehoseRecordsAndRequestsAreUnwrapped() throws {
        let data = base64(Array("\(flowLine)\n\(flowLine)\n".utf8))
        let record = #"{"recordId":"1","data":"\#(data)"}"#
        #expect(try decodeMessage(record).map(\.kind) == [.vpcFlow, .vpcFlow])
        let compressed = base64(gzipped(Array(MessageDecoderTests.subscription([trailRecord]).utf8)))
        let request =
            #"{"requestId":"r","timestamp":1,"records":[{"data":"\#(data)"},{"data":"***="},{"data":"\#(compressed)"},{}]}"#
        let records = try decodeMessage(request)
        #expect(records.map(\.reason) == [nil, nil, .invalidCompression, nil, .missingField])
        #expect(records.map(\.kind) == [.vpcFlow, .vpcFlow, nil, .cloudTrail, nil])
    }

    @Test func messageObjectsHoldFlowLogLines() throws {
        let text = #"{"message":"\#(flowLine)"}"#
        #expect(try decodeMessage("\(text)\n\(text)").map(\.kind) == [.vpcFlow, .vpcFlow])
        #expect(try decodeMessage(text, format: .vpcFlow).map(\.kind) == [.vpcFlow])
    }

    @Test func notificationsAreUnwrappedAndThoseOfS3AreRefused() throws {
        let escaped = trailRecord.replacing("\"", with: "\\\"")
        let text = #"{"Type":"Notification","MessageId":"m","TopicArn":"arn","Message":"\#(escaped)"}"#
        #expect(try decodeMessage(text).map(\.kind) == [.cloudTrail])
        let storage = #"{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\",\"s3\":{}}]}"#
        let records = try decodeMessage(text.replacing(escaped, with: storage))
        #expect(records.map(\.reason) == [.unsupported])
        #expect(records.first?.detail == "an S3 notification: it names objects and holds no events")
        #expect(
            try decodeMessage(text.replacing("Notification", with: "SubscriptionConfirmation")).map(\.reason) == [
                .unsupported
            ])
    }

    @Test func subscriptionsHandedToLambdaAreUnwrapped() throws {
        let data = base64(gzipped(Array(MessageDecoderTests.subscription([flowLine]).utf8)))
        #expect(try decodeMessage(#"{"awslogs":{"data":"\#(data)"}}"#).map(\.kind) == [.vpcFlow])
        let escaped = data.replacing("/", with: "\\/")
        #expect(try decodeMessage(#"{"awslogs":{"data":"\#(escaped)"}}"#).map(\.kind) == [.vpcFlow])
    }

    @Test func envelopesInsideEachOtherAreLimited() throws {
        var bytes = Array(flowLine.utf8)
        for depth in 1...6 {
            bytes = gzipped(bytes)
            let records = try decodeMessage(bytes)
            #expect(records.map(\.reason) == [depth <= 4 ? nil : .nestingTooDeep], "depth \(depth)")
        }
        var text = trailRecord
        for depth in 1...6 {
            text = #"{"detail-type":"x","detail":\#(text)}"#
            #expect(try decodeMessage(text).map(\.reason) == [depth <= 4 ? nil : .nestingTooDeep], "depth \(depth)")
        }
    }

    @Test func gzipBombIsRefusedInBoundedMemory() throws {
        let bomb = gzipBomb(of: 258 * 40_000 + 1)
        #expect(bomb.count < 70_000)
        let limits = DecodingLimits(expandedBytesMax: 1 << 20)
        let records = try decodeMessage(bomb, limits: limits)
        #expect(records.map(\.reason) == [.tooLarge])
        #expect(records.first?.detail == "expands to more than 1048576 bytes")
        #expect(records.first?.bytes == bomb)
    }

    @Test func layersOfCompressionShareOneLimit() throws {
        let inner = gzipped(Array(repeating: 0x20, count: 700_000))
        let limits = DecodingLimits(expandedBytesMax: 1 << 20)
        #expect(try decodeMessage(inner, limits: limits).isEmpty)
        #expect(try decodeMessage(gzipped(inner), limits: limits).map(\.reason) == [.tooLarge])
    }

    @Test func gzipMembersFollowEachOther() throws {
        let member = gzipped(Array("\(flowLine)\n".utf8))
        #expect(try decodeMessage(member + member + member).count == 3)
        #expect(try decodeMessage(member + [0, 0, 0]).count == 1)
        #expect(try decodeMessage(member + [7]).map(\.reason) == [.invalidCompression])
    }

    @Test func everyPrefixOfAGzipMessageIsRejectedOnce() throws {
        let whole = gzipped(Array(flowLine.utf8))
        for length in 3..<whole.count {
            let records = try decodeMessage(Array(whole[..<length]))
            #expect(records.map(\.reason) == [.invalidCompression], "\(length) bytes")
        }
        var corrupt = whole
        corrupt[corrupt.count - 6] ^= 1
        #expect(try decodeMessage(corrupt).map(\.reason) == [.invalidCompression])
    }

    @Test func everyPrefixOfAnEnvelopeIsAccountedFor() throws {
        let message = Array(MessageDecoderTests.subscription([flowLine, trailRecord]).utf8)
        for length in 1..<message.count {
            let records = try decodeMessage(Array(message[..<length]))
            #expect(records.count == 1 && records[0].reason != nil, "\(length) bytes")
        }
    }

    @Test func unknownBytesHaveAReason() throws {
        #expect(try decodeMessage(#"{"a":1}"#).map(\.reason) == [.unknownFormat])
        #expect(try decodeMessage([0x80, 0x00, 0x01, 0x02]).map(\.reason) == [.unknownFormat])
        #expect(try decodeMessage([UInt8]()).isEmpty)
        #expect(try decodeMessage("{\"a\":").map(\.reason) == [.truncated])
    }

    @Test func mixedLinesGoToTheirDecoders() throws {
        let text = [flowLine, trailRecord, trailRecord, flowLine, #"{"message":"\#(flowLine)"}"#, trailRecord]
            .joined(separator: "\n")
        let kinds = try decodeMessage(text).map(\.kind)
        #expect(kinds == [.vpcFlow, .cloudTrail, .cloudTrail, .vpcFlow, .vpcFlow, .cloudTrail])
    }

    @Test func kindsWithoutAProjectionAreCountedAndChecked() throws {
        var decoder = MessageDecoder(projections: ProjectionSet())
        var collector = PlainCollector()
        let bytes = Array("\(flowLine)\nbad line\n".utf8)
        #expect(decoder.decode(bytes.span.bytes, firstRecord: 0, to: &collector) == 2)
        #expect(collector.records.map(\.reason) == [nil, .wrongFieldCount])
        #expect(collector.records[0].fields.isEmpty)
    }
}
