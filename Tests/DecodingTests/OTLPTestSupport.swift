import Decoding
import TelemetryModel

/// Writes protobuf messages for the tests: enough of the encoding to make any message, also a malformed one.
struct ProtobufWriter {
    var bytes: [UInt8] = []

    static func message(_ build: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        build(&writer)
        return writer.bytes
    }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func tag(_ number: Int, _ wireType: UInt64) { varint(UInt64(number) << 3 | wireType) }

    mutating func varint(_ number: Int, _ value: UInt64) {
        tag(number, 0)
        varint(value)
    }

    mutating func fixed64(_ number: Int, _ value: UInt64) {
        tag(number, 1)
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * shift))) }
    }

    mutating func double(_ number: Int, _ value: Double) { fixed64(number, value.bitPattern) }

    mutating func bytes(_ number: Int, _ value: [UInt8]) {
        tag(number, 2)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func text(_ number: Int, _ value: String) { bytes(number, Array(value.utf8)) }

    mutating func message(_ number: Int, _ build: (inout ProtobufWriter) -> Void) {
        bytes(number, ProtobufWriter.message(build))
    }

    /// A `KeyValue` with a text value.
    mutating func attribute(_ number: Int, _ key: String, _ value: String) {
        attribute(number, key) { $0.text(1, value) }
    }

    mutating func attribute(_ number: Int, _ key: String, value: (inout ProtobufWriter) -> Void) {
        message(number) { pair in
            pair.text(1, key)
            pair.message(2, value)
        }
    }
}

/// The fields of metric events that the tests ask for.
let metricPaths = [
    "account_id", "region", "namespace", "metric_name", "dimensions", "unit", "timestamp", "value.max", "value.min",
    "value.sum", "value.count", "value.quantiles", "value.quantiles.p50", "value.quantiles[\"p99.9\"]",
    "dimensions.InstanceId", "value.statistics",
]

func metricProjection(_ paths: [String] = metricPaths) -> Projection {
    Projection(kind: .metric, fields: paths.map { FieldPath.parse($0)! })
}

/// Keeps copies of all that a decoder hands over, in order.
struct RecordingConsumer: EventConsumer, ~Copyable {
    struct Event: Equatable {
        var index: Int
        var time: Int64
        var fields: [String: String]
        var record: [UInt8]
    }

    struct Rejected: Equatable {
        var index: Int
        var reason: RejectionReason
        var detail: String
        var byteOffset: Int
        var original: [UInt8]
    }

    var events: [Event] = []
    var rejected: [Rejected] = []
    /// What was said of cumulative metrics: "reset requests".
    var notes: [String] = []
    /// Indexes of the records, in the order of the calls.
    var order: [Int] = []

    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        for row in 0..<batch.count {
            let view = batch.row(row, of: payload)
            var fields: [String: String] = [:]
            for (slot, path) in batch.projection.fields.enumerated() {
                let value = view[slot]
                switch value.kind {
                case .absent: continue
                case .null: fields[path.description] = "null"
                case .bool: fields[path.description] = "\(value.boolValue)"
                case .integer: fields[path.description] = "\(value.integerValue)"
                case .double: fields[path.description] = "\(value.doubleValue)"
                case .text, .arenaText, .json, .arenaJSON:
                    fields[path.description] = String(decoding: copy(view.bytes(of: value)), as: UTF8.self)
                }
            }
            events.append(
                Event(
                    index: view.record.index, time: view.time.nanoseconds, fields: fields,
                    record: copy(view.recordBytes)))
            order.append(view.record.index)
        }
    }

    mutating func reject(_ rejection: borrowing Rejection) {
        if !rejection.part.beginsRecord {
            rejected[rejected.count - 1].original += copy(rejection.original)
            rejected[rejected.count - 1].detail = rejection.detail
            return
        }
        rejected.append(
            Rejected(
                index: rejection.recordIndex, reason: rejection.reason, detail: rejection.detail,
                byteOffset: rejection.byteOffset, original: copy(rejection.original)))
        order.append(rejection.recordIndex)
    }

    mutating func note(_ outcome: CumulativeOutcome, metric: RawSpan) {
        notes.append("\(outcome.rawValue) \(String(decoding: copy(metric), as: UTF8.self))")
    }

    private func copy(_ bytes: RawSpan) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }
}

/// What a decoder made of a payload.
struct Decoded: Equatable {
    var events: [RecordingConsumer.Event]
    var rejected: [RecordingConsumer.Rejected]
    var order: [Int]
    var records: Int
}

extension RecordingConsumer {
    consuming func result(records: Int) -> Decoded {
        Decoded(events: events, rejected: rejected, order: order, records: records)
    }
}

func decodeOTLP(
    _ payload: [UInt8], framing: OTLPDecoder.Framing = .bare, limits: DecodingLimits = DecodingLimits(),
    paths: [String] = metricPaths, firstRecord: Int = 0
) -> Decoded {
    var decoder = OTLPDecoder(projection: metricProjection(paths), limits: limits, framing: framing)
    var consumer = RecordingConsumer()
    let span = unsafe payload.span.bytes
    let records = decoder.decode(span, firstRecord: firstRecord, to: &consumer)
    return consumer.result(records: records)
}

/// A request with one resource, one scope and the metrics that `build` writes as field 2.
func otlpRequest(
    resource: [(String, String)] = [], scope: String = "", _ build: (inout ProtobufWriter) -> Void
) -> [UInt8] {
    ProtobufWriter.message { request in
        request.message(1) { resourceMetrics in
            resourceMetrics.message(1) { message in
                for (key, value) in resource { message.attribute(1, key, value) }
            }
            resourceMetrics.message(2) { scopeMetrics in
                scopeMetrics.message(1) { $0.text(1, scope) }
                build(&scopeMetrics)
            }
        }
    }
}

/// A metric as CloudWatch writes it: one summary point with dimensions, minimum, maximum and percentiles.
func cloudWatchMetric(
    _ scope: inout ProtobufWriter, namespace: String = "AWS/EC2", name: String = "CPUUtilization", unit: String = "%",
    dimensions: [(String, String)] = [("InstanceId", "i-1")], time: UInt64 = 1_700_000_040_000_000_000,
    quantiles: [(Double, Double)] = [(0, 1), (0.5, 2), (0.999, 7.5), (1, 9)]
) {
    scope.message(2) { metric in
        metric.text(1, "amazonaws.com/\(namespace)/\(name)")
        metric.text(3, unit)
        metric.message(11) { summary in
            summary.message(1) { point in
                point.fixed64(2, time - 60_000_000_000)
                point.fixed64(3, time)
                point.fixed64(4, 4)
                point.double(5, 18.5)
                for (quantile, value) in quantiles {
                    point.message(6) {
                        if quantile != 0 { $0.double(1, quantile) }
                        if value != 0 { $0.double(2, value) }
                    }
                }
                point.attribute(7, "Namespace", namespace)
                point.attribute(7, "MetricName", name)
                point.attribute(7, "Dimensions") { value in
                    value.message(6) { list in
                        for (key, value) in dimensions { list.attribute(1, key, value) }
                    }
                }
            }
        }
    }
}
