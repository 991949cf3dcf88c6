import Decoding
import TelemetryModel
import Testing

@Suite struct FlowLogDecoderTests {
    let line =
        "2 123456789012 eni-0a1b2c3d 10.0.0.5 203.0.113.9 49152 443 6 12 3400 1795168800 1795168859 ACCEPT OK"

    @Test func versionTwoIsReadWithoutAHeader() throws {
        let records = try decodeFlowLog(Array(line.utf8))
        let record = try #require(records.first)
        #expect(records.count == 1)
        #expect(record.time == 1_795_168_800_000_000_000)
        #expect(record.fields["srcaddr"] == .text("10.0.0.5"))
        #expect(record.fields["account_id"] == .text("123456789012"))
        #expect(record.fields["bytes"] == .integer(3400))
        #expect(record.fields["log_status"] == .text("OK"))
        #expect(record.fields.count == 14)
        #expect(String(decoding: record.bytes, as: UTF8.self) == line)
    }

    @Test func everyVersionsFieldsAreReadByAHeaderLine() throws {
        let fields = FlowLogField.allCases
        let values = fields.enumerated().map { index, field in
            switch field {
            case .start, .end: "1795168800"
            case .action: "REJECT"
            case .logStatus: "OK"
            default:
                switch field.valueType {
                case .integer: "\(index)"
                case .address: "2001:db8::\(index)"
                case .text: "value-\(index)"
                }
            }
        }
        for name in [\FlowLogField.hyphenName, \FlowLogField.rawValue] {
            let text = fields.map { $0[keyPath: name] }.joined(separator: " ") + "\r\n" + values.joined(separator: " ")
            let records = try decodeFlowLog(Array(text.utf8), project: fields.map(\.rawValue))
            let record = try #require(records.first)
            #expect(records.count == 1)
            for (field, value) in zip(fields, values) {
                let expected: PlainValue =
                    field.valueType == .integer ? .integer(Int64(value) ?? -1) : .text(value)
                #expect(record.fields[field.rawValue] == expected, "\(field)")
            }
        }
    }

    @Test func headerHoldsUntilTheNextSource() throws {
        var decoder = FlowLogDecoder(
            projection: Projection(kind: .vpcFlow, fields: [FieldPath(keys: "srcaddr")]))
        var collector = PlainCollector()
        let header = Array("start srcaddr\n1795168800 10.0.0.1\n".utf8)
        #expect(decoder.decode(header.span.bytes, firstRecord: 0, to: &collector) == 1)
        let more = Array("1795168801 10.0.0.2\n".utf8)
        #expect(decoder.decode(more.span.bytes, firstRecord: 1, to: &collector) == 1)
        decoder.beginSource()
        #expect(decoder.decode(more.span.bytes, firstRecord: 0, to: &collector) == 1)
        #expect(collector.events.map(\.fields) == [["srcaddr": .text("10.0.0.1")], ["srcaddr": .text("10.0.0.2")]])
        #expect(collector.rejections.map(\.reason) == [.wrongFieldCount])
    }

    @Test func unknownNamesAreTextUnderTheirSnakeCaseName() throws {
        let records = try decodeFlowLog(
            Array("1795168800 7 x".utf8), fields: "${start} ${shiny-new-field} ${region}")
        #expect(
            records.first?.fields
                == ["start": .integer(1_795_168_800), "shiny_new_field": .text("7"), "region": .text("x")])
    }

    @Test func dataThatBeginsWithALetterIsNoHeader() throws {
        let records = try decodeFlowLog(
            Array("eu-west-1 eni-1 1795168800\nfe80::1 eni-2 1795168801".utf8), fields: "region interface-id start")
        #expect(records.map { $0.fields["interface_id"] } == [.text("eni-1"), .text("eni-2")])
    }

    @Test func endGivesTheTimeWhereStartIsMissing() throws {
        let records = try decodeFlowLog(Array("- 1795168800\n- -\n".utf8), fields: "start end")
        #expect(records.map(\.time) == [1_795_168_800_000_000_000, nil])
        #expect(records.last?.reason == .missingField)
    }

    @Test func fieldListsWithoutATimeTakeTheSourcesTimeOrAreRejected() throws {
        let fields = try FlowLogFieldList("srcaddr")
        var decoder = FlowLogDecoder(projection: Projection(kind: .vpcFlow, fields: []), fields: fields)
        var collector = PlainCollector()
        let bytes = Array("10.0.0.1\n".utf8)
        _ = decoder.decode(bytes.span.bytes, firstRecord: 0, to: &collector)
        decoder.sourceTime = Timestamp(seconds: 1_795_168_800)
        _ = decoder.decode(bytes.span.bytes, firstRecord: 1, to: &collector)
        // A producer's clock that was never set is no time either.
        decoder.sourceTime = Timestamp(milliseconds: 1)
        _ = decoder.decode(bytes.span.bytes, firstRecord: 2, to: &collector)
        #expect(collector.records.map(\.time) == [nil, 1_795_168_800_000_000_000, nil])
        #expect(collector.rejections.map(\.reason) == [.missingField, .missingField])
    }

    @Test func emptyLinesAreNoRecordsAndOddLinesAreRejectedInOrder() throws {
        let text = "\n\(line)\r\n\r\n   \nshort line\n\(line)\n\(line) extra"
        let records = try decodeFlowLog(Array(text.utf8))
        #expect(records.map(\.reason) == [nil, .wrongFieldCount, nil, .wrongFieldCount])
        #expect(records.map(\.index) == [0, 1, 2, 3])
        #expect(String(decoding: records[1].bytes, as: UTF8.self) == "short line")
        #expect(records[1].detail == "the line has 2 fields, expected the 14 of its field list")
    }

    @Test(arguments: [
        ("10.0.0.5", "10.0.0.256", RejectionReason.invalidField, "srcaddr is not an IPv4 or IPv6 address", 28),
        ("10.0.0.5", "010.0.0.5", .invalidField, "srcaddr is not an IPv4 or IPv6 address", 28),
        ("443", "65536", .outOfRange, "dstport is larger than the field can hold", 55),
        ("443", "http", .invalidField, "dstport is not a whole number", 55),
        ("3400", "9223372036854775808", .outOfRange, "bytes is larger than the field can hold", 64),
        ("3400", "99999999999999999999999", .outOfRange, "bytes is larger than the field can hold", 64),
        ("1795168800", "9223372037", .outOfRange, "the time is past the year 2262", 0),
        ("ACCEPT", "ALLOW", .invalidField, "action is neither ACCEPT nor REJECT", 91),
        (" OK", " FINE", .invalidField, "log_status is none of OK, NODATA and SKIPDATA", 98),
        ("eni-", "\t", .invalidField, "a control character inside a line", 15),
    ])
    func faultsAreNamedWithTheirPlace(
        part: String, replacement: String, reason: RejectionReason, detail: String, offset: Int
    ) throws {
        guard let range = line.firstRange(of: part) else { throw LostRecords(counted: 0, seen: 0) }
        var text = line
        text.replaceSubrange(range, with: replacement)
        let records = try decodeFlowLog(Array(text.utf8))
        #expect(records.map(\.reason) == [reason])
        #expect(records.first?.detail == detail)
        #expect(records.first?.byteOffset == offset)
    }

    @Test func fieldsNobodyAskedForAreCheckedAllTheSame() throws {
        let bad = line.replacing("10.0.0.5", with: "10.0.0.5x")
        #expect(try decodeFlowLog(Array(bad.utf8), project: []).map(\.reason) == [.invalidField])
    }

    @Test func everyPrefixOfAMessageIsDecodedOrRejected() throws {
        let message = Array("\(line)\n\(line)".utf8)
        for length in 0...message.count {
            let records = try decodeFlowLog(Array(message[..<length]))
            #expect(records.count == (length == 0 ? 0 : length <= line.utf8.count + 1 ? 1 : 2))
        }
    }

    @Test func badFieldListsAreRefusedWithTheWordToBlame() {
        #expect(throws: FlowLogFieldListError.empty) { try FlowLogFieldList(" ") }
        #expect(throws: FlowLogFieldListError.repeated("start")) { try FlowLogFieldList("start end start") }
        #expect(throws: FlowLogFieldListError.notAName("$start")) { try FlowLogFieldList("$start") }
        #expect(throws: FlowLogFieldListError.tooMany) {
            try FlowLogFieldList((0..<300).map { "f\($0)" }.joined(separator: " "))
        }
    }
}
