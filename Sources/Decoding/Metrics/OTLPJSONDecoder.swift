import TelemetryModel

/// Decodes OpenTelemetry metrics in JSON ("OTLP/JSON"): one `ExportMetricsServiceRequest`, or several after one another, as
/// JSON lines are.
///
/// The events are those of `OTLPDecoder`, to which each document is handed in protobuf. Names of members may be in lower camel
/// case or as in the `.proto` files; integers may be numbers or strings; members that are not known are skipped.
///
/// Text that is not JSON is rejected as one record, up to the end of its line. A member of the wrong type costs the record
/// around it: a point, a metric, or what a scope or a resource holds. Payloads that consumers see hold the text and, behind
/// it, its translation; a record's place is that of the record in the text.
public struct OTLPJSONDecoder: ~Copyable {
    /// Bytes of text and translation that are kept for the next message.
    private static let keptBytesMax = 4 << 20

    /// Points with the flag "no recorded value", since the decoder was made.
    public var pointsWithoutValue: Int { decoder.pointsWithoutValue }

    var sourceTimes: SourceTimes {
        get { decoder.sourceTimes }
        set { decoder.sourceTimes = newValue }
    }

    private var decoder: OTLPDecoder
    private var translator = OTLPTranslator()
    private let nestingMax: Int

    public init(projection: Projection, limits: DecodingLimits, options: MetricOptions = MetricOptions()) {
        decoder = OTLPDecoder(projection: projection, limits: limits, framing: .bare, options: options)
        // The translation recurses once for each object; 256 take far less than a thread's stack.
        nestingMax = min(max(limits.nestingMax, 1), 256)
    }

    /// Decodes a payload. Returns how many records it held: events and rejections together. `firstRecord` is the index of
    /// the first of them.
    public mutating func decode(
        _ payload: RawSpan, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        // The translation follows the text, and takes less than three times as much.
        guard payload.byteCount <= Int(UInt32.max) / 4 else {
            let fault = MetricFault(.tooLarge, "a message of 1 GiB or more", at: 0)
            decoder.reject(fault, place: 0..<payload.byteCount, in: payload, record: firstRecord, to: &consumer)
            return 1
        }
        var translator = OTLPTranslator()
        swap(&translator, &self.translator)
        translator.begin(payload)
        var record = firstRecord
        var start = payload.skippingWhiteSpace(from: 0)
        while start < payload.byteCount {
            var reader = JSONReader(payload, at: start, nestingMax: nestingMax)
            do throws(JSONError) {
                switch try translator.translate(&reader, textBytes: payload.byteCount) {
                case .success(let request):
                    let message = unsafe translator.output.span.bytes
                    record += decoder.decode(
                        translated: request, origins: translator.origins, in: message, firstRecord: record,
                        to: &consumer)
                case .failure(let fault):
                    decoder.reject(fault, place: start..<reader.offset, in: payload, record: record, to: &consumer)
                    record += 1
                }
                start = payload.skippingWhiteSpace(from: reader.offset)
            } catch {
                let end = max(payload.lineEnd(from: start), start + 1)
                let fault = MetricFault(error.reason, error.detail, at: error.offset)
                decoder.reject(
                    fault, place: start..<payload.trimmed(start..<end), in: payload, record: record, to: &consumer)
                record += 1
                start = payload.skippingWhiteSpace(from: end)
            }
        }
        if translator.output.capacity <= OTLPJSONDecoder.keptBytesMax { swap(&translator, &self.translator) }
        return record - firstRecord
    }
}
