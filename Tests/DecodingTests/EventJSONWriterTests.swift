import Decoding
import TelemetryModel
import Testing

/// Writes each event as JSON.
private struct JSONCollector: EventConsumer, ~Copyable {
    var events: [String] = []

    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        let writer = EventJSONWriter(batch.projection)
        for row in 0..<batch.count {
            var bytes: [UInt8] = []
            writer.append(batch.row(row, of: payload), to: &bytes)
            events.append(String(decoding: bytes, as: UTF8.self))
        }
    }

    mutating func reject(_ rejection: borrowing Rejection) {
        events.append(rejection.reason.rawValue)
    }
}

@Suite struct EventJSONWriterTests {
    private func events(_ text: String, flowFields: FlowLogFieldList? = nil) -> [String] {
        var decoder = MessageDecoder(
            projections: ProjectionSet(vpcFlow: EventJSONWriter.fullProjection(.vpcFlow, flowFields: flowFields)),
            flowFields: flowFields)
        var collector = JSONCollector()
        let bytes = Array(text.utf8)
        _ = decoder.decode(bytes.span.bytes, to: &collector)
        return collector.events
    }

    @Test func flowLogsKeepTheirNamesAndLeaveOutDashes() throws {
        let line = "2 123456789012 eni-1 - - - - - - - 1795168800 1795168859 - NODATA"
        #expect(
            events(line) == [
                #"{"version":2,"account_id":"123456789012","interface_id":"eni-1","start":1795168800,"end":1795168859,"log_status":"NODATA"}"#
            ])
    }

    @Test func textIsEscaped() throws {
        let fields = try FlowLogFieldList("start new-field")
        #expect(events("1795168800 a\"b\\é", flowFields: fields) == [#"{"start":1795168800,"new_field":"a\"b\\é"}"#])
    }

    @Test func cloudTrailIsWrittenAsDelivered() {
        let pretty = "{ \"eventTime\" : \"2026-11-20T10:00:00Z\",\n  \"eventName\": \"A B\" , \"n\": [1, 2.50] }"
        #expect(events(pretty) == [#"{"eventTime":"2026-11-20T10:00:00Z","eventName":"A B","n":[1,2.50]}"#])
    }

    @Test func metricsNestTheirValue() {
        var batch = EventBatch(projection: EventJSONWriter.fullProjection(.metric))
        let payload = Array(#"AWS/EC2{"a": "b"}"#.utf8)
        batch.beginRow()
        batch.set(2, .text(offset: 0, length: 7))
        batch.set(4, .place(.json, offset: 7, length: 10))
        batch.set(9, .double(3))
        batch.set(10, .double(0.1))
        batch.commitRow(time: Timestamp(nanoseconds: 0), place: RecordPlace(index: 0, offset: 0, length: 17))
        var output: [UInt8] = []
        EventJSONWriter(batch.projection).append(batch.row(0, of: payload.span.bytes), to: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == #"{"namespace":"AWS/EC2","dimensions":{"a":"b"},"value":{"max":3.0,"min":0.1}}"#)
    }
}
