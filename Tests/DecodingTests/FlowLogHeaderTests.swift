import Decoding
import TelemetryModel
import Testing

/// Header lines as AWS, its templates and people write them, and what becomes of the lines below one that can't be read.
@Suite struct FlowLogHeaderTests {
    private static let names = [
        "version", "account-id", "interface-id", "dstaddr", "srcaddr", "srcport", "dstport", "protocol", "packets",
        "bytes",
        "start", "end", "action", "log-status",
    ]
    /// As version 2 has it, but for the two addresses in the other order: read by another list it would be wrong in silence.
    private static let values = [
        "2", "111122223333", "eni-0c", "10.0.1.5", "198.51.100.7", "443", "51234", "6", "84", "840", "1768467600",
        "1768467660", "ACCEPT", "OK",
    ]

    private static func text(_ header: String, separator: String = " ") -> [UInt8] {
        Array("\(header)\n\(values.joined(separator: separator))\n".utf8)
    }

    private static let spellings: [String] = {
        let plain = names.joined(separator: " ")
        let braced = names.map { "${\($0)}" }
        let quoted = names.map { "\"\($0)\"" }
        var spellings = [plain, plain.replacing(" ", with: "  ") + "\r", "  " + plain, plain.uppercased()]
        spellings += ["\t", ",", ", "].map { names.joined(separator: $0) }
        spellings += ["\u{FEFF}" + plain, names.joined(separator: "\u{A0}")]
        spellings += [braced.joined(separator: " "), quoted.joined(separator: " "), quoted.joined(separator: ",")]
        return spellings
    }()

    @Test(arguments: spellings)
    func headerIsReadHoweverItIsWritten(header: String) throws {
        for separator in [" ", header.contains(",") ? "," : header.contains("\t") ? "\t" : " "] {
            let records = try decodeFlowLog(FlowLogHeaderTests.text(header, separator: separator))
            #expect(records.map(\.reason) == [nil])
            #expect(records.first?.fields["srcaddr"] == .text("198.51.100.7"))
            #expect(records.first?.fields["bytes"] == .integer(840))
        }
    }

    /// Files that were put after one another.
    @Test func headerBehindAByteOrderMarkInTheMiddleIsRead() throws {
        let file =
            "\u{FEFF}"
            + String(decoding: FlowLogHeaderTests.text(FlowLogHeaderTests.names.joined(separator: " ")), as: UTF8.self)
        let other = "srcaddr dstaddr action start\n10.0.0.1 10.0.0.2 REJECT 1768467600\n"
        let records = try decodeFlowLog(Array((other + file).utf8))
        #expect(records.map(\.reason) == [nil, nil])
        #expect(records.last?.fields["srcaddr"] == .text("198.51.100.7"))
    }

    @Test func quotedValuesBetweenCommasAreRead() throws {
        let header = FlowLogHeaderTests.names.joined(separator: ",")
        let line = FlowLogHeaderTests.values.map { "\"\($0)\"" }.joined(separator: ",")
        let records = try decodeFlowLog(Array("\(header)\r\n\(line)\r\n\(line),7\r\n".utf8))
        #expect(records.map(\.reason) == [nil, .wrongFieldCount])
        #expect(records[0].fields["action"] == .text("ACCEPT"))
        #expect(records[1].detail == "the line has 15 fields, expected the 14 of its field list")
    }

    @Test(arguments: [
        "ver$ion account-id interface-id dstaddr srcaddr srcport dstport protocol packets bytes start end action log-status",
        "version;account-id;interface-id;dstaddr;srcaddr;srcport;dstport;protocol;packets;bytes;start;end;action;log-status",
        "# version account-id interface-id dstaddr srcaddr srcport dstport protocol packets bytes start end action log-status",
        "version account-id,interface-id,dstaddr,srcaddr,srcport,dstport,protocol,packets,bytes,start,end,action,log-status",
        "version,account-id,,dstaddr,srcaddr,srcport,dstport,protocol,packets,bytes,start,end,action,log-status",
    ])
    func linesBelowARefusedHeaderAreReadByNoOtherList(header: String) throws {
        let line = FlowLogHeaderTests.values.joined(separator: " ")
        let good = "srcaddr start\n10.0.0.1 1768467600"
        for before in ["", good + "\n"] {
            let text = "\(before)\(header)\n\(line)\n\n\(line)\n\(good)\n"
            let records = try decodeFlowLog(Array(text.utf8))
            let expected: [RejectionReason?] = [.invalidField, .refusedHeader, .refusedHeader, nil]
            #expect(records.map(\.reason) == (before.isEmpty ? [] : [nil]) + expected)
            #expect(records.last?.fields["srcaddr"] == .text("10.0.0.1"))
            #expect(
                records.first { $0.reason == .invalidField }?.detail.hasPrefix("a header line that can't be read")
                    == true)
        }
    }

    @Test func refusedHeaderCostsNothingOfTheNextSource() throws {
        var decoder = FlowLogDecoder(projection: Projection(kind: .vpcFlow, fields: []))
        var collector = PlainCollector()
        let header = Array("version;account-id;start;end".utf8)
        _ = decoder.decode(header.span.bytes, firstRecord: 0, to: &collector)
        decoder.beginSource()
        let line = Array(flowLine.utf8)
        _ = decoder.decode(line.span.bytes, firstRecord: 0, to: &collector)
        #expect(collector.records.map(\.reason) == [.invalidField, nil])
    }

    @Test func fieldNamedTwiceIsReadByItsFirstColumn() throws {
        let header = "version interface-id dstaddr srcaddr bytes bytes start end action Bytes"
        let records = try decodeFlowLog(
            Array("\(header)\n2 eni-1 10.0.1.5 198.51.100.7 840 x 1768467600 1768467660 ACCEPT -".utf8))
        #expect(records.map(\.reason) == [nil])
        #expect(records.first?.fields["srcaddr"] == .text("198.51.100.7"))
        #expect(records.first?.fields["bytes"] == .integer(840))
    }

    @Test func longNamesAreRefusedAndCutInTheDetail() throws {
        let header = "version srcaddr start end " + String(repeating: "x", count: 380_000)
        let records = try decodeFlowLog(Array(header.utf8))
        #expect(records.map(\.reason) == [.invalidField])
        #expect(records[0].detail.utf8.count < 300)
    }

    @Test func columnsThatNoVersionKnowsArePrinted() throws {
        let text = """
            version srcaddr start shiny-new-field
            2 10.0.0.1 1768467600 seven
            version start other_field
            2 1768467601 -
            2 1768467602 8
            """
        let records = try decodeAnyMessage(text)
        #expect(records.map { $0.fields["shiny_new_field"] } == [.text("seven"), nil, nil])
        #expect(records.map { $0.fields["other_field"] } == [nil, nil, .text("8")])
        #expect(records.map { $0.fields["start"] != nil } == [true, true, true])
    }
}
