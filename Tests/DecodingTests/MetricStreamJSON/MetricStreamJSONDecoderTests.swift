import TelemetryModel
import Testing

@testable import Decoding

@Suite struct MetricStreamJSONDecoderTests {
    static func decode(_ text: String, _ fields: [String]) -> RecordingJSONConsumer {
        var decoder = MessageDecoder(
            format: .metricStreamJSON,
            projections: ProjectionSet(metric: Projection(kind: .metric, fields: fields.map(FieldPath.of))))
        var consumer = RecordingJSONConsumer()
        let bytes = Array(text.utf8)
        _ = unsafe decoder.decode(bytes.span.bytes, to: &consumer)
        return consumer
    }

    static func record(
        value: String = "{\"max\":3,\"min\":1.5,\"sum\":1e1,\"count\":4}",
        dimensions: String = "{\"b\":\"2\",\"a\":\"1\"}",
        timestamp: String = "1611929698000"
    ) -> String {
        """
        {"metric_stream_name":"s","account_id":"123456789012","region":"us-east-1","namespace":"AWS/EC2",\
        "metric_name":"DiskWriteOps","dimensions":\(dimensions),"timestamp":\(timestamp),"value":\(value),"unit":"Count"}
        """
    }

    @Test func theEventHasItsShape() {
        let fields = [
            "account_id", "region", "namespace", "metric_name", "dimensions", "dimensions.a", "unit", "timestamp",
            "value.max", "value.min", "value.sum", "value.count", "value.quantiles", "value.statistics",
            "value.quantiles.p99",
        ]
        let consumer = Self.decode("\(Self.record())\n[\(Self.record())]", fields)
        #expect(consumer.rows.count == 2)
        #expect(consumer.rows.first?.time == Timestamp(milliseconds: 1_611_929_698_000))
        #expect(
            consumer.rows.first?.values == [
                "'123456789012'", "'us-east-1'", "'AWS/EC2'", "'DiskWriteOps'", "{\"b\":\"2\",\"a\":\"1\"}", "'1'",
                "'Count'",
                "1611929698000", "3.0d", "1.5d", "10.0d", "4.0d", "-", "-", "-",
            ])
    }

    @Test func additionalStatisticsAreSplit() {
        let value = #"{"max":3,"p99":2.5,"min":1,"tm90":7,"sum":1,"count":1,"p99.9":3,"PR(:300)":0.5,"IQM":1}"#
        let fields = [
            "value.quantiles", "value.statistics", "value.quantiles[\"p99.9\"]", "value.statistics.tm90",
            "value.quantiles.tm90",
        ]
        let consumer = Self.decode(Self.record(value: value), fields)
        #expect(
            consumer.rows.first?.values == [
                "{\"p99\":2.5,\"p99.9\":3}", "{\"tm90\":7,\"PR(:300)\":0.5,\"IQM\":1}", "3.0d", "7.0d", "-",
            ])
    }

    @Test func dimensionsAreCompactWhateverTheInput() {
        let spaced = Self.record(dimensions: "{ \"a b\" : \"x y\" ,\n \"c\":\"d\\\"\" }")
        let expected = #"{"a b":"x y","c":"d\""}"#
        #expect(Self.decode(spaced, ["dimensions"]).rows.first?.values == [expected])
        #expect(Self.decode(Self.record(dimensions: "{}"), ["dimensions"]).rows.first?.values == ["{}"])
    }

    @Test(arguments: [
        ("{\"max\":1,\"min\":1,\"sum\":1}", "1", RejectionReason.missingField),
        ("{\"max\":\"1\",\"min\":1,\"sum\":1,\"count\":1}", "1", .invalidField), ("7", "1", .missingField),
        ("{\"max\":1e999,\"min\":1,\"sum\":1,\"count\":1}", "1", .outOfRange),
        ("{\"max\":1,\"min\":1,\"sum\":1,\"count\":1}", "9223372036854775807", .outOfRange),
        ("{\"max\":1,\"min\":1,\"sum\":1,\"count\":1}", "1.5", .invalidField),
        ("{\"max\":1,\"min\":1,\"sum\":1,\"count\":1}", "\"1\"", .invalidField),
    ])
    func whatIsMissingOrWrongIsRejected(value: String, timestamp: String, reason: RejectionReason) {
        let consumer = Self.decode(Self.record(value: value, timestamp: timestamp) + "\n" + Self.record(), [])
        #expect(consumer.refusals.map(\.reason) == [reason])
        #expect(consumer.rows.count == 1)
    }

    @Test func noPrefixIsAccepted() {
        let text = Self.record()
        for count in 1..<text.utf8.count {
            let prefix = String(decoding: text.utf8.prefix(count), as: UTF8.self)
            #expect(Self.decode(prefix, ["value.max"]).rows.isEmpty)
        }
    }
}
