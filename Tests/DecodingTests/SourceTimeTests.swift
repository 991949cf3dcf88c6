import Decoding
import TelemetryModel
import Testing

/// Records without a time of their own: that of the CloudWatch Logs event, else of the Kafka record, else a dead letter.
@Suite struct SourceTimeTests {
    private static let kafka: Int64 = 1_768_467_600_000_000_000
    private static let timelessLine = "2 123456789012 eni-1 10.0.0.5 203.0.113.9 1 443 6 12 3400 0 - ACCEPT OK"
    private static func metric(_ timestamp: String) -> String {
        #"{"namespace":"n","metric_name":"m",\#(timestamp)"value":{"max":1,"min":1,"sum":1,"count":1}}"#
    }

    private func decode(
        _ text: String, kafka: Timestamp?, flowFields: String? = nil
    ) throws -> [PlainCollector.Record] {
        let fields = try flowFields.map { try FlowLogFieldList($0) }
        var decoder = MessageDecoder(projections: allKinds, flowFields: fields)
        decoder.sourceTime = kafka
        var collector = PlainCollector()
        let bytes = Array(text.utf8)
        let count = decoder.decode(bytes.span.bytes, to: &collector)
        #expect(count == collector.records.count)
        return collector.records
    }

    @Test(arguments: [
        timelessLine, metric(#""timestamp":0,"#), metric(""), metric(#""timestamp":null,"#),
        #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asInt":"7"}]}}]}]}]}"#,
        #"{"eventTime":"1970-01-01T00:00:00Z","eventName":"A"}"#,
    ])
    func timelessRecordsHaveTheTimeOfTheKafkaRecordOrNone(text: String) throws {
        let found = try decode(text, kafka: Timestamp(nanoseconds: SourceTimeTests.kafka))
        #expect(found.map(\.time) == [SourceTimeTests.kafka])
        for none in [nil, Timestamp(nanoseconds: 0), Timestamp(milliseconds: 1)] {
            #expect(try decode(text, kafka: none).map(\.reason) == [.missingField])
        }
    }

    @Test(arguments: [
        "2 123456789012 eni-1 10.0.0.5 203.0.113.9 1 443 6 12 3400 5 6 ACCEPT OK",
        // Seconds where milliseconds are due.
        metric(#""timestamp":1768467600,"#),
        #"{"eventTime":"1970-01-21T11:14:27Z","eventName":"A"}"#,
        // What some programs write for "not set".
        metric(#""timestamp":-1,"#),
        #"{"eventTime":"1969-12-31T23:59:59Z","eventName":"A"}"#,
        #"{"eventTime":"0001-01-01T00:00:00Z","eventName":"A"}"#,
        #"{"eventTime":"1969\u002d12-31T23:59:59Z","eventName":"A"}"#,
    ])
    func otherTimesBefore1971AreRefusedAndNotReplaced(text: String) throws {
        let found = try decode(text, kafka: Timestamp(nanoseconds: SourceTimeTests.kafka))
        #expect(found.map(\.reason) == [.outOfRange])
    }

    @Test func logEventsGiveEachLineItsOwnTime() throws {
        let events = (0..<40).map { index in
            let lines = index % 3 == 0 ? #"10.0.0.1 REJECT\n10.0.0.2 REJECT"# : "10.0.0.1 ACCEPT"
            return #"{"id":"\#(index)","timestamp":\#(1_768_467_600_000 + index),"message":"\#(lines)"}"#
        }
        let text =
            #"{"messageType":"DATA_MESSAGE","logEvents":[\#(events.joined(separator: ",")),{"message":"10.0.0.3 ACCEPT"},{"timestamp":0,"message":"10.0.0.4 ACCEPT"}]}"#
        let records = try decode(
            text, kafka: Timestamp(nanoseconds: SourceTimeTests.kafka), flowFields: "srcaddr action")
        var expected: [Int64?] = []
        for index in 0..<40 {
            let time = SourceTimeTests.kafka + Int64(index) * 1_000_000
            expected += Array(repeating: time, count: index % 3 == 0 ? 2 : 1)
        }
        expected += [SourceTimeTests.kafka, SourceTimeTests.kafka]
        #expect(records.map(\.time) == expected)
        let alone = try decode(text, kafka: nil, flowFields: "srcaddr action")
        #expect(alone.map(\.reason) == expected.dropLast(2).map { _ in nil } + [.missingField, .missingField])
    }

    @Test func logEventsGiveZeroTimestampsTheirTimeToo() throws {
        let text =
            #"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1768467605000,"message":"\#(flowLine)"},{"id":"1","timestamp":1768467606000,"message":"\#(SourceTimeTests.timelessLine)"}]}"#
        let records = try decode(text, kafka: nil)
        #expect(records.map(\.time) == [1_795_168_800_000_000_000, 1_768_467_606_000_000_000])
    }
}
