import Decoding
import TelemetryModel
import Testing

@Suite struct OTLPDecoderTests {
    let resource = [("cloud.provider", "aws"), ("cloud.account.id", "123456789012"), ("cloud.region", "eu-west-1")]

    @Test func cloudWatchPointBecomesTheEventThatItsJSONFormatNames() {
        let decoded = decodeOTLP(otlpRequest(resource: resource) { cloudWatchMetric(&$0) })
        #expect(decoded.rejected.isEmpty && decoded.records == 1)
        #expect(
            decoded.events.first?.fields == [
                "account_id": "123456789012", "region": "eu-west-1", "namespace": "AWS/EC2",
                "metric_name": "CPUUtilization", "dimensions": #"{"InstanceId":"i-1"}"#,
                "dimensions.InstanceId": "i-1", "unit": "Percent", "timestamp": "1700000040000", "value.max": "9.0",
                "value.min": "1.0", "value.sum": "18.5", "value.count": "4.0",
                "value.quantiles": #"{"p50":2.0,"p99.9":7.5}"#, "value.quantiles.p50": "2.0",
                #"value.quantiles["p99.9"]"#: "7.5",
            ])
        #expect(decoded.events.first?.time == 1_700_000_040_000_000_000)
    }

    @Test func summaryWithoutPercentilesHasNoQuantiles() {
        let decoded = decodeOTLP(otlpRequest { cloudWatchMetric(&$0, dimensions: [], quantiles: [(0, 1), (1, 9)]) })
        let fields = decoded.events.first?.fields
        #expect(fields?["value.quantiles"] == nil)
        #expect(fields?["dimensions"] == "{}")
        #expect(fields?["account_id"] == nil)
    }

    @Test(arguments: [
        ("{Count}", "Count"), ("1", "None"), ("%", "Percent"), ("s", "Seconds"), ("us", "Microseconds"),
        ("ms", "Milliseconds"), ("By", "Bytes"), ("kBy", "Kilobytes"), ("TBy", "Terabytes"), ("bit", "Bits"),
        ("MBit", "Megabits"), ("Tbit", "Terabits"), ("By/s", "Bytes/Second"), ("{Count}/s", "Count/Second"),
        ("GBit/s", "Gigabits/Second"), ("By/min", "By/min"), ("furlong", "furlong"), ("/s", "/s"),
    ])
    func unitOfCloudWatchIsGivenBackItsName(code: String, name: String) {
        let decoded = decodeOTLP(otlpRequest { cloudWatchMetric(&$0, unit: code) })
        #expect(decoded.events.first?.fields["unit"] == name)
    }

    @Test func dimensionsAreEscapedAsJSON() {
        let request = otlpRequest { cloudWatchMetric(&$0, dimensions: [("a\"b", "c\\d\n\u{1}é")]) }
        #expect(decodeOTLP(request).events.first?.fields["dimensions"] == #"{"a\"b":"c\\d\n\u0001é"}"#)
    }

    @Test func resourceMayFollowTheMetricsThatItDescribes() {
        let request = ProtobufWriter.message { request in
            request.message(1) { resourceMetrics in
                resourceMetrics.message(2) { cloudWatchMetric(&$0) }
                resourceMetrics.message(1) { $0.attribute(1, "cloud.region", "us-east-1") }
            }
        }
        #expect(decodeOTLP(request).events.first?.fields["region"] == "us-east-1")
    }

    @Test func gaugeAndSumStandForOneObservation() {
        for field in [5, 7] {
            let request = otlpRequest(scope: "my.library") { scope in
                scope.message(2) { metric in
                    metric.text(1, "queue.depth")
                    metric.text(3, "{messages}")
                    metric.message(field) { data in
                        data.message(1) { point in
                            point.fixed64(3, 1_700_000_001_000_000_001)
                            point.fixed64(6, UInt64(bitPattern: -5))
                            point.attribute(7, "queue", "orders")
                            point.attribute(7, "shard") { $0.varint(3, 7) }
                            point.attribute(7, "hot") { $0.varint(2, 1) }
                            point.attribute(7, "load") { $0.double(4, 0.25) }
                            point.attribute(7, "raw") { $0.bytes(7, [0xFF, 0x00]) }
                            point.attribute(7, "tags") { value in
                                value.message(5) { array in
                                    array.message(1) { $0.text(1, "a\"") }
                                    array.message(1) { $0.varint(3, 1) }
                                    array.message(1) { $0.message(6) { $0.attribute(1, "k", "v") } }
                                }
                            }
                        }
                    }
                }
            }
            let decoded = decodeOTLP(request, paths: metricPaths + ["dimensions.tags", "dimensions.shard"])
            #expect(
                decoded.events.first?.fields == [
                    "namespace": "my.library", "metric_name": "queue.depth", "unit": "{messages}",
                    "timestamp": "1700000001000",
                    "value.max": "-5.0", "value.min": "-5.0", "value.sum": "-5.0", "value.count": "1.0",
                    "dimensions":
                        #"{"queue":"orders","shard":"7","hot":"true","load":"0.25","raw":"/wA=","#
                        + #""tags":"[\"a\\\"\",1,{\"k\":\"v\"}]"}"#,
                    "dimensions.tags": #"["a\"",1,{"k":"v"}]"#, "dimensions.shard": "7",
                ])
        }
    }

    @Test func namespaceComesFromTheServiceBeforeTheScope() {
        func namespace(_ resource: [(String, String)]) -> String? {
            let request = otlpRequest(resource: resource, scope: "scope") { scope in
                gauge(&scope, name: "a", points: [1, 2])
            }
            return decodeOTLP(request).events.last?.fields["namespace"]
        }
        #expect(namespace([("service.namespace", "shop"), ("service.name", "cart")]) == "shop/cart")
        #expect(namespace([("service.name", "cart")]) == "cart")
        #expect(namespace([("service.namespace", "shop")]) == "shop")
        #expect(namespace([]) == "scope")
    }

    @Test func histogramHasOnlyWhatWasWritten() {
        for (field, minField) in [(9, 11), (10, 12)] {
            let request = otlpRequest { scope in
                scope.message(2) { metric in
                    metric.text(1, "latency")
                    metric.message(field) { data in
                        data.message(1) { point in
                            point.fixed64(3, 1_700_000_000_005_000_000)
                            point.fixed64(4, 12)
                        }
                        data.message(1) { point in
                            point.fixed64(3, 1_700_000_000_005_000_000)
                            point.fixed64(4, 2)
                            point.double(5, 3)
                            point.double(minField, 1)
                            point.double(minField + 1, 2)
                            if field == 9 { point.bytes(6, [UInt8](repeating: 0, count: 16)) }
                            point.attribute(field == 9 ? 9 : 1, "InstanceId", "i-2")
                        }
                    }
                }
            }
            let decoded = decodeOTLP(request)
            #expect(decoded.rejected.isEmpty && decoded.events.count == 2)
            #expect(
                decoded.events[0].fields == [
                    "metric_name": "latency", "timestamp": "1700000000005", "value.count": "12.0", "dimensions": "{}",
                ])
            #expect(decoded.events[1].fields["value.sum"] == "3.0")
            #expect(decoded.events[1].fields["value.min"] == "1.0" && decoded.events[1].fields["value.max"] == "2.0")
            #expect(decoded.events[1].fields["dimensions.InstanceId"] == "i-2")
        }
    }

    @Test func pointWithoutRecordedValueIsNoRecord() {
        let request = otlpRequest { scope in
            scope.message(2) { metric in
                metric.text(1, "gone")
                metric.message(5) { gauge in
                    gauge.message(1) { point in
                        point.fixed64(3, 1_700_000_000_000_000_001)
                        point.varint(8, 1)
                    }
                }
            }
            gauge(&scope, name: "here", points: [1])
        }
        var decoder = OTLPDecoder(projection: metricProjection(), limits: DecodingLimits(), framing: .bare)
        var consumer = RecordingConsumer()
        let span = unsafe request.span.bytes
        #expect(decoder.decode(span, firstRecord: 0, to: &consumer) == 1)
        #expect(decoder.pointsWithoutValue == 1)
        #expect(consumer.events.count == 1 && consumer.rejected.isEmpty)
    }

    @Test func moreRowsThanABatchHoldsKeepTheirTexts() {
        let values = (0..<1000).map(Double.init)
        let request = otlpRequest(resource: [("service.namespace", "a"), ("service.name", "b")]) { scope in
            gauge(&scope, name: "x", points: values)
        }
        let decoded = decodeOTLP(request, firstRecord: 7)
        #expect(decoded.records == 1000 && decoded.order == Array(7..<1007))
        #expect(decoded.events.allSatisfy { $0.fields["namespace"] == "a/b" })
        #expect(decoded.events.map { $0.fields["value.sum"] } == values.map { "\($0)" })
    }

    @Test func requestsInFramesAreAllRead() {
        let first = otlpRequest { cloudWatchMetric(&$0, name: "A") }
        let second = otlpRequest { cloudWatchMetric(&$0, name: "B") }
        var framed = ProtobufWriter()
        for request in [first, second] {
            framed.varint(UInt64(request.count))
            framed.bytes += request
        }
        let whole = decodeOTLP(framed.bytes, framing: .varintDelimited)
        #expect(whole.events.map { $0.fields["metric_name"] } == ["A", "B"] && whole.order == [0, 1])
        let cut = decodeOTLP(Array(framed.bytes.dropLast()), framing: .varintDelimited)
        #expect(cut.events.count == 1 && cut.rejected.map(\.reason) == [.truncated])
        #expect(cut.rejected.first?.original.count == framed.bytes.count - 1 - first.count - 2)
    }

    func gauge(_ scope: inout ProtobufWriter, name: String, points: [Double]) {
        scope.message(2) { metric in
            metric.text(1, name)
            metric.message(5) { gauge in
                for value in points {
                    gauge.message(1) { point in
                        point.fixed64(3, 1_700_000_000_000_000_000)
                        point.double(4, value)
                    }
                }
            }
        }
    }
}
