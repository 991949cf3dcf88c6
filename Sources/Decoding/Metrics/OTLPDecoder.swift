import TelemetryModel

/// Decodes OpenTelemetry metrics in protobuf: `ExportMetricsServiceRequest`, alone or framed as CloudWatch sends it.
///
/// Each data point is one record, and becomes one metric event or one rejection. A point flagged as having no recorded
/// value is neither: there is nothing to record, and it only adds to `pointsWithoutValue`. So the events and the
/// rejections of a message add up to the number that `decode` returns.
///
/// What is malformed is rejected as the smallest message around the fault that means something by itself: a point, a
/// metric, what a scope or a resource holds, or the rest of the request. Each of those is one record. All else goes on.
///
/// The event's time is `time_unix_nano`, the end of the point's interval; where that is 0, `sourceTimes` has it. For CloudWatch's metric streams that is the end
/// of the period; CloudWatch does not document which end of it the `timestamp` of its JSON format represents.
///
/// Points of CloudWatch's metric streams (summaries named "amazonaws.com/…" with the attributes `MetricName` and `Namespace`)
/// are given back CloudWatch's own names: metric, namespace, dimensions, unit. For all others the metric's name is taken as
/// it is, the namespace from the resource's `service.namespace` and `service.name` or else from the scope, and the dimensions
/// from the point's attributes, numbers and nested values as text.
public struct OTLPDecoder: ~Copyable {
    public enum Framing: Sendable, Hashable {
        /// The payload is one request.
        case bare
        /// Requests follow one another, each after its length as a varint: CloudWatch's "OpenTelemetry 1.0" format.
        case varintDelimited
    }

    /// Points with the flag "no recorded value", since the decoder was made.
    public private(set) var pointsWithoutValue = 0

    /// The time of points that have none.
    var sourceTimes = SourceTimes()

    let limits: DecodingLimits
    private let framing: Framing
    /// Attributes' values may hold this many values inside one another. The levels above them are fixed.
    let nestingMax: Int
    var rows: MetricRows
    /// Where messages were in the text that they were translated from; empty when the message is the original.
    private var origins: [OTLPOrigin] = []
    /// The name of a percentile, composed for each quantile.
    var percentile: [UInt8] = []

    public init(
        projection: Projection, limits: DecodingLimits, framing: Framing, options: MetricOptions = MetricOptions()
    ) {
        self.limits = limits
        self.framing = framing
        // Values inside values are read by recursion; 256 levels take far less than a thread's stack.
        nestingMax = min(max(limits.nestingMax, 1), 256)
        rows = MetricRows(projection: projection, options: options)
    }

    /// Decodes a payload. Returns how many records it held: events and rejections together. `firstRecord` is the index of
    /// the first of them.
    public mutating func decode(
        _ payload: RawSpan, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        rows.beginMessage(firstRecord: firstRecord)
        guard rows.canPlace(payload, to: &consumer) else { return 1 }
        switch framing {
        case .bare:
            decodeRequest(0..<payload.byteCount, in: payload, to: &consumer)
        case .varintDelimited:
            var frames = ProtobufReader(payload, 0..<payload.byteCount)
            while frames.offset < frames.end {
                let start = frames.offset
                do {
                    let request = try frames.lengthDelimited()
                    decodeRequest(request, in: payload, to: &consumer)
                } catch {
                    reject(error, place: start..<payload.byteCount, in: payload, to: &consumer)
                    break
                }
            }
        }
        rows.flush(payload, to: &consumer)
        return rows.recordIndex - firstRecord
    }

    /// Decodes a request that was translated from other text. `payload` holds both the text and the request, and `origins` say
    /// which part of the text each message came from, in the order of the messages.
    mutating func decode(
        translated request: Range<Int>, origins: consuming [OTLPOrigin], in payload: RawSpan, firstRecord: Int,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        self.origins = origins
        rows.beginMessage(firstRecord: firstRecord)
        decodeRequest(request, in: payload, to: &consumer)
        rows.flush(payload, to: &consumer)
        self.origins = []
        return rows.recordIndex - firstRecord
    }

    /// Hands over text that could not be translated at all.
    mutating func reject(
        _ fault: MetricFault, place: Range<Int>, in payload: RawSpan, record: Int,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        rows.beginMessage(firstRecord: record)
        rows.reject(fault, place: place, in: payload, to: &consumer)
    }

    /// Whether series have to be distinguished.
    private var isKeyed: Bool { rows.options.cumulative == .differences }

    // MARK: Levels, from the outside in

    private mutating func decodeRequest(
        _ range: Range<Int>, in message: RawSpan, to consumer: inout some EventConsumer & ~Copyable
    ) {
        var reader = ProtobufReader(message, range)
        var holdsResource = range.isEmpty
        while true {
            let start = reader.offset
            do throws(MetricFault) {
                guard let field = try reader.next() else {
                    if holdsResource { return }
                    throw MetricFault(.unknownFormat, "a message without resource_metrics", at: range.lowerBound)
                }
                guard field.number == 1 else { continue }
                holdsResource = true
                let resourceMetrics = try field.bytes()
                decodeResourceMetrics(resourceMetrics, in: message, to: &consumer)
            } catch {
                // What came before is whole and has been decoded; what follows cannot be delimited.
                let start = holdsResource ? start : range.lowerBound
                reject(error, place: start..<range.upperBound, in: message, to: &consumer)
                return
            }
        }
    }

    // Each level is read twice: its own fields first, as fields may come in any order and the resource after the metrics it
    // describes, then the messages that it holds.
    private mutating func decodeResourceMetrics(
        _ range: Range<Int>, in message: RawSpan, to consumer: inout some EventConsumer & ~Copyable
    ) {
        do {
            var resource = OTLPResource()
            var fields = ProtobufReader(message, range)
            while let field = try fields.next() {
                switch field.number {
                case 1:
                    resource = try OTLPResource(
                        field.bytes(), in: message, nestingMax: nestingMax, isKeyed: isKeyed)
                case 2: _ = try field.bytes()
                case 3: _ = try message.protobufText(field)
                default: break
                }
            }
            var reader = ProtobufReader(message, range)
            while let field = try reader.next() {
                guard field.number == 2 else { continue }
                decodeScopeMetrics(field.contents, resource: resource, in: message, to: &consumer)
            }
        } catch {
            reject(error, place: range, in: message, to: &consumer)
        }
    }

    private mutating func decodeScopeMetrics(
        _ range: Range<Int>, resource: OTLPResource, in message: RawSpan,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        do {
            var scope = OTLPScope(resource: resource)
            var fields = ProtobufReader(message, range)
            while let field = try fields.next() {
                switch field.number {
                case 1: try scope.read(field.bytes(), in: message, nestingMax: nestingMax, isKeyed: isKeyed)
                case 2: _ = try field.bytes()
                case 3: _ = try message.protobufText(field)
                default: break
                }
            }
            var reader = ProtobufReader(message, range)
            while let field = try reader.next() {
                guard field.number == 2 else { continue }
                decodeMetric(field.contents, scope: &scope, in: message, to: &consumer)
            }
        } catch {
            reject(error, place: range, in: message, to: &consumer)
        }
    }

    private mutating func decodeMetric(
        _ range: Range<Int>, scope: inout OTLPScope, in message: RawSpan,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        do {
            var metric = try OTLPMetric(range, in: message, nestingMax: nestingMax)
            var reader = ProtobufReader(message, range)
            while let field = try reader.next() {
                // A message field that is written twice is one message in two parts.
                guard field.number == metric.pointsField else { continue }
                var points = ProtobufReader(message, field.contents)
                while let point = try points.next() {
                    guard point.number == 1 else { continue }
                    decodePoint(point.contents, metric: &metric, scope: &scope, in: message, to: &consumer)
                }
            }
        } catch {
            reject(error, place: range, in: message, to: &consumer)
        }
    }

    private mutating func decodePoint(
        _ range: Range<Int>, metric: inout OTLPMetric, scope: inout OTLPScope, in message: RawSpan,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        guard let kind = metric.kind else { return }
        do throws(MetricFault) {
            guard range.count <= limits.recordBytesMax else {
                throw MetricFault(
                    .tooLarge, "a data point of more than \(limits.recordBytesText)", at: range.lowerBound)
            }
            let point = try OTLPPoint(range, kind: kind, in: message)
            if point.hasNoRecordedValue {
                pointsWithoutValue &+= 1
                return
            }
            let time = try sourceTimes.checked(
                try point.time(at: range.lowerBound), named: "time_unix_nano", at: range.lowerBound)
            rows.beginRow(message, to: &consumer)
            do throws(MetricFault) {
                try fillRow(
                    point, at: range, time: time, metric: &metric, scope: &scope, in: message, to: &consumer)
            } catch {
                rows.abandonRow()
                throw error
            }
            rows.commitRow(time: time, place: original(of: range)?.place ?? range)
        } catch {
            reject(error, place: range, in: message, to: &consumer)
        }
    }

    // MARK: Rejections

    private mutating func reject(
        _ fault: MetricFault, place: Range<Int>, in message: RawSpan,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        guard let origin = original(of: place) else {
            rows.reject(fault, place: place, in: message, to: &consumer)
            return
        }
        let fault = origin.fault ?? MetricFault(fault.reason, fault.detail, at: origin.place.lowerBound)
        rows.reject(fault, place: origin.place, in: message, to: &consumer)
    }

    /// Where a message came from, if it was translated.
    private func original(of message: Range<Int>) -> OTLPOrigin? {
        guard !origins.isEmpty else { return nil }
        var (low, high) = (0, origins.count - 1)
        // The first origin is the whole document's, so there is always one at or before the message.
        while low < high {
            let middle = (low + high + 1) / 2
            if origins[middle].message <= message.lowerBound { low = middle } else { high = middle - 1 }
        }
        return origins[low]
    }
}

/// Where in a text a translated message was.
struct OTLPOrigin {
    /// Offset of the message's contents.
    var message: Int
    var place: Range<Int>
    /// What was wrong with the text. The message then holds nothing that could be read.
    var fault: MetricFault?
}
