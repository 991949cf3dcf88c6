import Decoding
import Statistics
import TelemetryModel
import Testing

func decodeOTLPJSON(_ text: [UInt8], limits: DecodingLimits = DecodingLimits(), firstRecord: Int = 0) -> Decoded {
    var decoder = OTLPJSONDecoder(projection: metricProjection(), limits: limits)
    var consumer = RecordingConsumer()
    let span = unsafe text.span.bytes
    let records = decoder.decode(span, firstRecord: firstRecord, to: &consumer)
    return consumer.result(records: records)
}

@Suite struct OTLPJSONDecoderTests {
    /// A gauge with the points given, each an object in JSON.
    static func gauge(_ points: String..., name: String = "m") -> String {
        #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"\#(name)","gauge":{"dataPoints":["#
            + points.joined(separator: ",") + "]}}]}]}]}"
    }

    static let good = #"{"timeUnixNano":"1700000000001000000","asInt":"7"}"#

    static let cloudWatch = #"""
        {"resource_metrics": [{
          "scopeMetrics": [{"metrics": [{
            "summary": {"dataPoints": [{
              "attributes": [
                {"key": "Namespace", "value": {"stringValue": "AWS/EC2"}},
                {"key": "MetricName", "value": {"stringValue": "CPU\u0055tilization"}},
                {"key": "Dimensions", "value": {"kvlistValue": {"values": [
                  {"key": "InstanceId", "value": {"string_value": "i-1"}}, {"key": "q\"", "value": {"intValue": "5"}}]}}}],
              "startTimeUnixNano": "1699999980000000000", "timeUnixNano": 1700000040000000000, "count": "4", "sum": 18.5,
              "quantileValues": [{"value": 1}, {"quantile": 0.5, "value": 2}, {"quantile": "0.999", "value": 7.5},
                {"quantile": 1, "value": 9}], "flags": 0, "unknown": {"a": [1, null]}}]},
            "unit": "%", "name": "amazonaws.com/AWS/EC2/CPUUtilization", "description": null}]}],
          "resource": {"attributes": [{"key": "cloud.region", "value": {"stringValue": "eu-west-1"}}]}}]}
        """#

    @Test func jsonAndProtobufOfOneRequestGiveTheSameEvents() {
        let protobuf = decodeOTLP(
            otlpRequest(resource: [("cloud.region", "eu-west-1")]) { scope in
                scope.message(2) { metric in
                    metric.text(1, "amazonaws.com/AWS/EC2/CPUUtilization")
                    metric.text(3, "%")
                    metric.message(11) { summary in
                        summary.message(1) { point in
                            point.fixed64(3, 1_700_000_040_000_000_000)
                            point.fixed64(4, 4)
                            point.double(5, 18.5)
                            for (quantile, value) in [(0, 1), (0.5, 2), (0.999, 7.5), (1, 9)] {
                                point.message(6) {
                                    $0.double(1, quantile)
                                    $0.double(2, value)
                                }
                            }
                            point.attribute(7, "Namespace", "AWS/EC2")
                            point.attribute(7, "MetricName", "CPUUtilization")
                            point.attribute(7, "Dimensions") { value in
                                value.message(6) { list in
                                    list.attribute(1, "InstanceId", "i-1")
                                    list.attribute(1, "q\"") { $0.varint(3, 5) }
                                }
                            }
                        }
                    }
                }
            })
        let json = decodeOTLPJSON(Array(OTLPJSONDecoderTests.cloudWatch.utf8))
        #expect(json.rejected.isEmpty && json.records == 1)
        #expect(json.events.map(\.fields) == protobuf.events.map(\.fields))
        #expect(json.events.map(\.time) == protobuf.events.map(\.time))
        #expect(json.events.first?.fields["dimensions"] == #"{"InstanceId":"i-1","q\"":"5"}"#)
    }

    @Test func bothFormatsOfAMetricStreamGiveTheSameEvent() {
        let text = #"""
            {"metric_stream_name":"s","account_id":"123456789012","region":"eu-west-1","namespace":"AWS/EC2",
            "metric_name":"CPUUtilization","dimensions":{"InstanceId":"i-1","q":"a\"b\n"},"timestamp":1700000040000,
            "value":{"max":9.0,"min":1.0,"sum":18.5,"count":4.0,"p50":2.0,"p99.9":7.5},"unit":"Percent"}
            """#
        var decoder = MessageDecoder(
            format: .metricStreamJSON, projections: ProjectionSet(metric: metricProjection()))
        var consumer = RecordingConsumer()
        let bytes = Array(text.replacing("\n", with: "").utf8)
        let span = unsafe bytes.span.bytes
        let records = decoder.decode(span, to: &consumer)
        let json = consumer.result(records: records)
        let resource = [("cloud.account.id", "123456789012"), ("cloud.region", "eu-west-1")]
        let otlp = decodeOTLP(
            otlpRequest(resource: resource) { scope in
                cloudWatchMetric(&scope, dimensions: [("InstanceId", "i-1"), ("q", "a\"b\n")])
            })
        #expect(json.events.count == 1)
        #expect(json.events.map(\.fields) == otlp.events.map(\.fields))
        #expect(json.events.map(\.time) == otlp.events.map(\.time))
    }

    @Test func recordStandsWhereThePointIsInTheText() {
        let text = OTLPJSONDecoderTests.gauge(OTLPJSONDecoderTests.good)
        let decoded = decodeOTLPJSON(Array(text.utf8))
        #expect(decoded.events.map(\.record) == [Array(OTLPJSONDecoderTests.good.utf8)])
        #expect(decoded.events.first?.fields["value.sum"] == "7.0")
    }

    @Test(arguments: [
        (#"{"timeUnixNano":"1700000000000000000","asInt":"7.5"}"#, RejectionReason.invalidField),
        (#"{"timeUnixNano":"1700000000000000000","asInt":"9223372036854775808"}"#, .outOfRange),
        (#"{"timeUnixNano":"-1","asInt":"7"}"#, .outOfRange),
        (#"{"timeUnixNano":"1700000000000000000","asDouble":"NaN"}"#, .outOfRange),
        (#"{"timeUnixNano":"1700000000000000000","asDouble":1e999}"#, .outOfRange),
        (#"{"timeUnixNano":"1700000000000000000","asDouble":"seven"}"#, .invalidField),
        (#"{"timeUnixNano":true,"asDouble":1}"#, .invalidField),
        (#"{"timeUnixNano":"1700000000000000000"}"#, .missingField),
        (#"{"asDouble":1}"#, .missingField),
        (#"{"timeUnixNano":"1700000000000000000","asDouble":1,"attributes":{}}"#, .invalidField),
        (#"{"timeUnixNano":"1700000000000000000","asDouble":1,"attributes":[{"key":5}]}"#, .invalidField),
        (
            #"{"timeUnixNano":"1700000000000000000","asDouble":1,"attributes":[{"key":"a","value":{"bytesValue":"a"}}]}"#,
            .invalidField
        ),
        (#""text""#, .invalidField),
        ("null", .invalidField),
    ])
    func badPointIsRejectedWithItsText(point: String, reason: RejectionReason) {
        let good = OTLPJSONDecoderTests.good
        let decoded = decodeOTLPJSON(Array(OTLPJSONDecoderTests.gauge(good, point, good).utf8), firstRecord: 3)
        #expect(decoded.order == [3, 4, 5] && decoded.events.map(\.index) == [3, 5])
        #expect(decoded.rejected.map(\.reason) == [reason])
        #expect(decoded.rejected.map(\.original) == [Array(point.utf8)])
    }

    @Test(arguments: ["1e3", "1000.0", "\"1000\"", "\"1e3\""])
    func integersMayBeWrittenInEveryNotation(number: String) {
        let text = OTLPJSONDecoderTests.gauge(#"{"timeUnixNano":1700000000001000000,"asInt":\#(number)}"#)
        #expect(decodeOTLPJSON(Array(text.utf8)).events.first?.fields["value.max"] == "1000.0")
    }

    @Test func metricWithANameThatIsNoTextIsRejectedAsAWhole() {
        let text = OTLPJSONDecoderTests.gauge(OTLPJSONDecoderTests.good).replacing(#""m""#, with: "5")
        let decoded = decodeOTLPJSON(Array(text.utf8))
        #expect(decoded.events.isEmpty && decoded.rejected.map(\.reason) == [.invalidField])
        #expect(
            decoded.rejected.first.map { String(decoding: $0.original, as: UTF8.self).hasPrefix(#"{"name":5"#) } == true
        )
        #expect(decoded.rejected.first?.byteOffset == 8)
    }

    @Test func linesOfDocumentsGoOnAfterABrokenOne() {
        let good = OTLPJSONDecoderTests.gauge(OTLPJSONDecoderTests.good)
        let text = "\(good)\n{\"resourceMetrics\":[}\n\n[]\n\(good)\n"
        let decoded = decodeOTLPJSON(Array(text.utf8))
        #expect(decoded.order == [0, 1, 2, 3] && decoded.events.map(\.index) == [0, 3])
        #expect(decoded.rejected.map(\.reason) == [.invalidJSON, .invalidField])
        #expect(decoded.rejected.first?.original == Array("{\"resourceMetrics\":[}".utf8))
        #expect(decoded.rejected.first?.byteOffset == 20)
    }

    @Test func nestingBeyondTheLimitIsRefused() {
        let deep = String(repeating: #"{"arrayValue":{"values":["#, count: 100_000)
        let text = OTLPJSONDecoderTests.gauge(#"{"attributes":[{"value":"# + deep)
        #expect(decodeOTLPJSON(Array(text.utf8)).rejected.map(\.reason) == [.nestingTooDeep])
    }

    @Test func everyPrefixIsRejectedOrEmpty() {
        let text = Array(OTLPJSONDecoderTests.cloudWatch.utf8)
        for count in 1..<text.count {
            let decoded = decodeOTLPJSON(Array(text[..<count]))
            OTLPPropertyTests.check(decoded)
            #expect(decoded.events.isEmpty && !decoded.rejected.isEmpty)
        }
    }

    @Test func randomMutationsNeverTrapAndLoseNothing() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("OTLP/JSON mutation seed: \(seed)")
        var random = SeededGenerator(seed: seed)
        let interesting = Array(#"{}[]",:0-.eE\n"#.utf8)
        let text = Array(
            "\(OTLPJSONDecoderTests.cloudWatch)\n\(OTLPJSONDecoderTests.gauge(OTLPJSONDecoderTests.good))".utf8)
        for _ in 0..<2000 {
            var bytes = text
            for _ in 0...Int(random.next() % 4) {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[place] = interesting[Int(random.next() % UInt64(interesting.count))]
                case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 2: bytes.remove(at: place)
                default: bytes.insert(interesting[Int(random.next() % UInt64(interesting.count))], at: place)
                }
            }
            OTLPPropertyTests.check(decodeOTLPJSON(bytes))
        }
    }
}
