import TelemetryModel
import Testing

@testable import Decoding

/// Points of one cumulative counter, in minutes after a start in 2026 and values.
private struct Point {
    var minute: Int
    var value: Double
    /// In minutes; `nil` when the start is not said.
    var start: Int?

    init(_ minute: Int, _ value: Double, start: Int? = 0) {
        (self.minute, self.value, self.start) = (minute, value, start)
    }

    static func nanoseconds(_ minute: Int) -> UInt64 { UInt64(1_768_467_600_000_000_000 + minute * 60_000_000_000) }
    static func milliseconds(_ minute: Int) -> Int64 { Int64(nanoseconds(minute) / 1_000_000) }
}

@Suite struct CumulativeMetricTests {
    private static let paths = [
        "metric_name", "kind", "temporality", "value.sum", "value.count", "value.max", "dimensions", "start_timestamp",
    ]

    /// The sums and the notes of points that come one message each.
    private func decode(
        _ messages: [[UInt8]], _ cumulative: MetricOptions.Cumulative = .differences, counters: Set<String> = [],
        json: Bool = false
    ) -> (sums: [String], counts: [String], notes: [String], events: [RecordingConsumer.Event]) {
        let options = MetricOptions(cumulative: cumulative, counters: counters)
        let projection = metricProjection(CumulativeMetricTests.paths)
        var binary = OTLPDecoder(projection: projection, limits: DecodingLimits(), framing: .bare, options: options)
        var text = OTLPJSONDecoder(projection: projection, limits: DecodingLimits(), options: options)
        var consumer = RecordingConsumer()
        for message in messages {
            let span = unsafe message.span.bytes
            let records =
                json
                ? text.decode(span, firstRecord: 0, to: &consumer) : binary.decode(span, firstRecord: 0, to: &consumer)
            #expect(records > 0)
        }
        #expect(consumer.rejected.isEmpty)
        return (
            consumer.events.map { $0.fields["value.sum"] ?? "-" },
            consumer.events.map { $0.fields["value.count"] ?? "-" },
            consumer.notes, consumer.events
        )
    }

    /// A request with one sum of temporality 2.
    private func sum(
        _ point: Point, instance: String = "a", isMonotonic: Bool = true, temporality: UInt64 = 2,
        attributes: [(String, String)] = []
    ) -> [UInt8] {
        otlpRequest(resource: [("service.name", "shop"), ("service.instance.id", instance)]) { scope in
            scope.message(2) { metric in
                metric.text(1, "requests")
                metric.message(7) { sum in
                    sum.message(1) { message in
                        if let start = point.start { message.fixed64(2, Point.nanoseconds(start)) }
                        message.fixed64(3, Point.nanoseconds(point.minute))
                        message.double(4, point.value)
                        for (key, value) in attributes { message.attribute(7, key, value) }
                    }
                    sum.varint(2, temporality)
                    sum.varint(3, isMonotonic ? 1 : 0)
                }
            }
        }
    }

    @Test func differencesFollowFromStartAndReset() {
        let points = [Point(1, 100), Point(2, 200), Point(3, 300), Point(5, 50, start: 4), Point(6, 20, start: 4)]
        let decoded = decode(points.map { sum($0) })
        #expect(decoded.sums == ["100.0", "100.0", "100.0", "50.0", "20.0"])
        #expect(decoded.counts == ["1.0", "1.0", "1.0", "1.0", "1.0"])
        #expect(decoded.notes == ["reset requests"])
        #expect(decoded.events.allSatisfy { $0.fields["value.max"] == nil && $0.fields["kind"] == "counter" })
    }

    @Test func firstPointOfASeriesThatBeganBeforeTheStreamIsItsBase() {
        #expect(
            decode([Point(1, 1000, start: -61), Point(2, 1100, start: -61)].map { sum($0) }).sums == ["-", "100.0"])
        #expect(
            decode([Point(1, 1000, start: nil), Point(2, 1100, start: nil)].map { sum($0) }).sums == ["-", "100.0"])
        // A start at the point's own time says that the beginning is not known.
        let decoded = decode([Point(1, 1000, start: 1), Point(2, 1100, start: 1)].map { sum($0) })
        #expect(decoded.sums == ["-", "100.0"] && decoded.notes == ["base requests"])
    }

    @Test func valueThatFallsWithoutAStartTimeBeganAgain() {
        let points = [(1, 10.0), (2, 15), (3, 4), (4, 6)].map { Point($0.0, $0.1, start: nil) }
        let decoded = decode(points.map { sum($0) })
        #expect(decoded.sums == ["-", "5.0", "4.0", "2.0"])
        #expect(decoded.notes == ["base requests", "reset requests"])
    }

    @Test func pointsOutOfOrderAddNothingAndAreSaid() {
        let decoded = decode([Point(1, 10), Point(3, 30), Point(2, 20), Point(3, 30), Point(4, 40)].map { sum($0) })
        #expect(decoded.sums == ["10.0", "20.0", "-", "-", "10.0"])
        #expect(decoded.notes == ["out_of_order requests"])
    }

    @Test func seriesAreToldApartByResourceAndAttributesInAnyOrder() {
        let (a, b) = ([("x", "1"), ("y", "2")], [("y", "2"), ("x", "1")])
        let decoded = decode([
            sum(Point(1, 10), attributes: a), sum(Point(2, 12), attributes: b),
            sum(Point(2, 100), instance: "b", attributes: a), sum(Point(3, 15), attributes: a),
            sum(Point(3, 7), attributes: [("x", "2"), ("y", "1")]),
        ])
        #expect(decoded.sums == ["10.0", "2.0", "100.0", "3.0", "7.0"])
    }

    @Test func twoProcessesUnderOneNameDoNotDisturbEachOther() {
        let points = [
            Point(1, 10, start: 0), Point(1, 100, start: -1), Point(2, 20, start: 0), Point(2, 110, start: -1),
        ]
        #expect(decode(points.map { sum($0) }).sums == ["10.0", "100.0", "10.0", "10.0"])
    }

    @Test func upDownCounterHasItsChangeAsSumAndItsLevelAsMaximum() {
        let decoded = decode([Point(1, 5), Point(2, 8), Point(3, 6)].map { sum($0, isMonotonic: false) })
        #expect(decoded.sums == ["5.0", "3.0", "-2.0"] && decoded.notes.isEmpty)
        #expect(decoded.events.map { $0.fields["value.max"] } == ["5.0", "8.0", "6.0"])
    }

    @Test func deltaAndGaugeStayAsTheyAre() {
        let delta = decode([Point(1, 5), Point(2, 3)].map { sum($0, temporality: 1) })
        #expect(delta.sums == ["5.0", "3.0"] && delta.events[0].fields["temporality"] == "delta")
        let gauges = [Point(1, 5), Point(2, 3)].map { point in
            otlpRequest { scope in
                scope.message(2) { metric in
                    metric.text(1, "level")
                    metric.message(5) { gauge in
                        gauge.message(1) { message in
                            message.fixed64(3, Point.nanoseconds(point.minute))
                            message.double(4, point.value)
                        }
                    }
                }
            }
        }
        #expect(decode(gauges, .refused).sums == ["5.0", "3.0"])
        #expect(decode(gauges, counters: ["level"]).sums == ["-", "3.0"])
    }

    @Test func histogramsDifferInCountAndSum() {
        for (field, attribute) in [(9, 11), (10, 12)] {
            let messages = [(1, 4, 8.0), (2, 10, 11.0), (3, 3, 2.0)].map { minute, count, sum in
                otlpRequest { scope in
                    scope.message(2) { metric in
                        metric.text(1, "latency")
                        metric.message(field) { histogram in
                            histogram.message(1) { message in
                                message.fixed64(2, Point.nanoseconds(0))
                                message.fixed64(3, Point.nanoseconds(minute))
                                message.fixed64(4, UInt64(count))
                                message.double(5, sum)
                                message.double(attribute, 0.5)
                                message.double(attribute + 1, 9)
                            }
                            histogram.varint(2, 2)
                        }
                    }
                }
            }
            let decoded = decode(messages)
            #expect(decoded.counts == ["4.0", "6.0", "3.0"] && decoded.sums == ["8.0", "3.0", "2.0"])
            // The extremes are those since the start, and no period's.
            #expect(decoded.events.allSatisfy { $0.fields["value.max"] == nil })
        }
    }

    @Test func refusedPointsHaveNoAmountsAndAreNamed() {
        let decoded = decode([Point(1, 100), Point(2, 200)].map { sum($0) }, .refused)
        #expect(decoded.sums == ["-", "-"] && decoded.counts == ["-", "-"])
        #expect(decoded.notes == ["refused requests", "refused requests"])
    }

    @Test func asDeliveredKeepsTheValueAndSaysItsTemporality() {
        let decoded = decode([sum(Point(1, 100))], .asDelivered)
        #expect(decoded.sums == ["100.0"] && decoded.events[0].fields["temporality"] == "cumulative")
        #expect(decoded.events[0].fields["start_timestamp"] == "\(Point.milliseconds(0))")
    }

    @Test(arguments: ["2", "\"2\"", "\"AGGREGATION_TEMPORALITY_CUMULATIVE\""])
    func jsonSaysTheSame(temporality: String) {
        let messages = [(60, 100), (120, 130)].map { seconds, value in
            Array(
                """
                {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"requests","sum":{"dataPoints":[
                {"startTimeUnixNano":"1768467600000000000","timeUnixNano":"\(1_768_467_600 + seconds)000000000",
                "asInt":"\(value)"}],"aggregationTemporality":\(temporality),"isMonotonic":true}}]}]}]}
                """.utf8)
        }
        #expect(decode(messages, json: true).sums == ["100.0", "30.0"])
    }

    @Test func seriesPastTheBoundAreForgottenAndSaid() {
        var table = CumulativeSeries(seriesMax: 4)
        func advance(_ name: String, _ minute: Int, _ value: Double, start: Int) -> String {
            let bytes = Array(name.utf8)
            let point = CumulativePoint(
                key: SeriesKey(.metric, 0..<bytes.count, of: unsafe bytes.span.bytes),
                start: Timestamp(nanoseconds: Int64(Point.nanoseconds(start))),
                time: Timestamp(nanoseconds: Int64(Point.nanoseconds(minute))), sum: value, count: nil)
            let (amounts, outcome) = table.advance(point)
            return "\(amounts.sum.map { "\($0)" } ?? "-") \(outcome?.rawValue ?? "")"
        }
        for (minute, name) in ["a", "b", "c", "d", "e"].enumerated() {
            // The fifth makes room, and nobody can tell whether it was counted before.
            #expect(advance(name, minute + 1, 10, start: 0) == (name == "e" ? "- forgotten" : "10.0 "))
        }
        // a was forgotten: what it counted was counted before.
        #expect(advance("a", 6, 25, start: 0) == "- forgotten")
        #expect(advance("a", 7, 27, start: 0) == "2.0 ")
        #expect(advance("d", 7, 12, start: 0) == "2.0 ")
        // One that began after all that is forgotten is new.
        #expect(advance("f", 8, 5, start: 7) == "5.0 ")
    }
}

@Suite struct RemoteWriteCounterTests {
    private let tests = RemoteWriteTests()

    private func decode(
        _ messages: [[UInt8]], _ cumulative: MetricOptions.Cumulative = .differences, counters: Set<String> = []
    ) -> (sums: [String], notes: [String]) {
        var decoder = RemoteWriteDecoder(
            projection: metricProjection(["value.sum"]), limits: DecodingLimits(),
            options: MetricOptions(cumulative: cumulative, counters: counters))
        var consumer = RecordingConsumer()
        for message in messages {
            let block = tests.compress(message)
            _ = decoder.decode(unsafe block.span.bytes, firstRecord: 0, to: &consumer)
        }
        #expect(consumer.rejected.isEmpty)
        return (consumer.events.map { $0.fields["value.sum"] ?? "-" }, consumer.notes)
    }

    private func message(
        _ name: String, _ samples: [(Int, Double)], labels: [(String, String)] = [], type: (String, UInt64)? = nil
    ) -> [UInt8] {
        ProtobufWriter.message { request in
            request.message(1) { series in
                tests.labels(&series, [("__name__", name)] + labels)
                for (minute, value) in samples { tests.sample(&series, value, Point.milliseconds(minute)) }
            }
            if let (family, number) = type {
                request.message(3) { metadata in
                    metadata.varint(1, number)
                    metadata.text(2, family)
                }
            }
        }
    }

    @Test(arguments: ["http_requests_total", "rpc_count", "rpc_sum", "rpc_bucket"])
    func countersByTheirNamesBecomeDifferences(name: String) {
        let decoded = decode([message(name, [(1, 100), (2, 130)]), message(name, [(3, 30), (4, 40)])])
        #expect(decoded.sums == ["-", "30.0", "30.0", "10.0"])
        #expect(decoded.notes == ["base \(name)", "reset \(name)"])
    }

    @Test func metadataOfTheMessageDecideBeforeTheName() {
        let samples = [(1, 100.0), (2, 130.0)]
        #expect(decode([message("jobs_total", samples, type: ("jobs_total", 2))]).sums == ["100.0", "130.0"])
        #expect(decode([message("jobs", samples, type: ("jobs", 1))]).sums == ["-", "30.0"])
        // OpenMetrics names a counter's family without its ending.
        #expect(decode([message("jobs_total", samples, type: ("jobs", 1))]).sums == ["-", "30.0"])
        #expect(decode([message("jobs_count", samples, type: ("jobs", 5))]).sums == ["-", "30.0"])
        #expect(decode([message("jobs", samples, type: ("jobs", 5))]).sums == ["100.0", "130.0"])
    }

    @Test func declaredCountersAreCountersAndOthersGauges() {
        let samples = [(1, 100.0), (2, 130.0)]
        #expect(decode([message("jobs", samples)]).sums == ["100.0", "130.0"])
        #expect(decode([message("jobs", samples)], counters: ["jobs"]).sums == ["-", "30.0"])
        #expect(decode([message("jobs", samples)], .refused, counters: ["jobs"]).sums == ["-", "-"])
    }

    @Test func labelsTellSeriesApartInAnyOrder() {
        let decoded = decode([
            message("x_total", [(1, 1)], labels: [("a", "1"), ("b", "2")]),
            message("x_total", [(2, 5)], labels: [("b", "2"), ("a", "1")]),
            message("x_total", [(2, 5)], labels: [("b", "1"), ("a", "2")]),
        ])
        #expect(decoded.sums == ["-", "4.0", "-"])
    }

    @Test func versionTwoSaysTypeAndCreation() {
        let request = ProtobufWriter.message { request in
            for symbol in ["", "__name__", "jobs"] { request.text(4, symbol) }
            request.message(5) { series in
                series.bytes(1, [1, 2])
                tests.sample(&series, 7, Point.milliseconds(1))
                tests.sample(&series, 9, Point.milliseconds(2))
                series.message(5) { $0.varint(1, 1) }
                series.varint(6, UInt64(Point.milliseconds(0)))
            }
        }
        #expect(decode([request]).sums == ["7.0", "2.0"])
    }

    @Test func nativeHistogramsAreCumulativeUnlessTheyAreGauges() {
        func histogram(_ minute: Int, sum: Double, hint: UInt64) -> [UInt8] {
            ProtobufWriter.message { request in
                request.message(1) { series in
                    tests.labels(&series, [("__name__", "latency")])
                    series.message(4) { histogram in
                        histogram.varint(1, UInt64(sum))
                        histogram.double(3, sum)
                        histogram.varint(14, hint)
                        histogram.varint(15, UInt64(Point.milliseconds(minute)))
                    }
                }
            }
        }
        #expect(decode([histogram(1, sum: 4, hint: 0), histogram(2, sum: 6, hint: 2)]).sums == ["-", "2.0"])
        #expect(decode([histogram(1, sum: 4, hint: 3), histogram(2, sum: 6, hint: 3)]).sums == ["4.0", "6.0"])
    }
}
