import TelemetryModel

/// Decodes messages of any format in any envelope: compression, CloudWatch Logs, EventBridge, Firehose, SNS.
///
/// With the format `auto` the bytes decide, message by message and, for JSON lines, line by line. With any other format only
/// envelopes are recognised, and what is in them is taken for that format. Positions count the records inside.
///
/// Uses one thread; buffers are kept from message to message.
public struct MessageDecoder: ~Copyable {
    /// Envelopes and compressions inside each other.
    static let envelopeDepthMax = 4
    /// Buffers larger than this are not kept for the next message.
    static let keptBytesMax = 4 << 20

    let format: InputFormat
    let limits: DecodingLimits
    var decoders: RecordDecoders
    private var inflater = GzipInflater()
    /// One for each level of envelopes, so that a level's bytes stay while the next one is unwrapped.
    private var buffers: [[UInt8]]
    /// Lines of something that is not read, and that may go on in the next part of a stream.
    var foreign: ForeignRun?
    /// Whether what comes is part of a stream, so that a run of such lines stays open at its end.
    private(set) var carriesForeign = false
    /// Bytes that the message has expanded to so far, over all its layers.
    private var expandedBytes = 0

    /// The time of the Kafka record: that of events which have none of their own, and none of a CloudWatch Logs event around
    /// them. Where there is none either, they are rejected.
    public var sourceTime: Timestamp? {
        get { decoders.sourceTimes.record }
        set { decoders.sourceTimes.setRecord(newValue) }
    }

    /// `flowFields` are the columns of flow logs before any header line; version 2 when `nil`.
    public init(
        format: InputFormat = .auto, projections: ProjectionSet, limits: DecodingLimits = DecodingLimits(),
        flowFields: FlowLogFieldList? = nil
    ) {
        self.format = format
        self.limits = limits
        decoders = RecordDecoders(projections: projections, limits: limits, flowFields: flowFields)
        buffers = Array(repeating: [], count: MessageDecoder.envelopeDepthMax + 1)
    }

    /// Forgets what belonged to the source before, such as a header line of a flow log: for each file or Kafka message.
    public mutating func beginSource() {
        decoders.flowLog.beginSource()
        foreign = nil
    }

    /// Decodes a message whose first record has the index `firstRecord`. Returns how many records there were, decoded and
    /// rejected together.
    public mutating func decode(
        _ message: RawSpan, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        expandedBytes = 0
        return unwrap(message, depth: 0, firstRecord: firstRecord, to: &consumer)
    }

    /// Decodes whole lines of a stream that is known to be text.
    mutating func decodeLines(
        _ lines: RawSpan, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        expandedBytes = 0
        carriesForeign = true
        defer { carriesForeign = false }
        return decodeText(lines, depth: 0, firstRecord: firstRecord, to: &consumer)
    }

    /// Takes bytes that may be compressed, protobuf or text.
    mutating func unwrap(
        _ bytes: RawSpan, depth: Int, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        if bytes.byteCount == 0 { return 0 }
        if depth > MessageDecoder.envelopeDepthMax {
            let fault = EnvelopeFault(
                .nestingTooDeep, "more than \(MessageDecoder.envelopeDepthMax) envelopes inside each other")
            return reject(fault, bytes, firstRecord, to: &consumer)
        }
        if GzipInflater.isGzip(bytes) {
            return inflate(bytes, depth: depth, firstRecord: firstRecord, to: &consumer)
        }
        // How base64 of gzip begins.
        if bytes.hasBytes(of: "H4sI", at: 0) {
            return decodeBase64(bytes, depth: depth, firstRecord: firstRecord, to: &consumer)
        }
        if let content = ForeignContent.of(bytes) {
            return reject(EnvelopeFault(content.reason, content.detail()), bytes, firstRecord, to: &consumer)
        }
        if let target = binaryTarget(bytes) {
            return decoders.decode(bytes, as: target, firstRecord: firstRecord, to: &consumer)
        }
        if format == .auto, BinaryShape.isBinary(bytes) {
            let fault = EnvelopeFault(.unknownFormat, "neither text, gzip nor a protobuf format that is known")
            return reject(fault, bytes, firstRecord, to: &consumer)
        }
        return decodeText(bytes, depth: depth, firstRecord: firstRecord, to: &consumer)
    }

    /// The decoder for a message of protobuf; `nil` for text.
    private func binaryTarget(_ bytes: RawSpan) -> RecordDecoders.Target? {
        if format == .auto {
            guard BinaryShape.isBinary(bytes) else { return nil }
            switch BinaryShape.of(bytes) {
            case .otlp: return .otlp
            case .delimitedOTLP: return .delimitedOTLP
            case .remoteWrite: return .remoteWrite
            case .unknown: return nil
            }
        }
        guard format.isProtobuf else { return nil }
        let start = bytes.skippingWhiteSpace(from: 0)
        if start < bytes.byteCount, bytes.byte(start) == 0x7B || bytes.byte(start) == 0x5B {
            let shape = shape(bytes, at: start)
            if shape != .unknown, !shape.holdsRecords { return nil }
        }
        return format.target
    }

    private mutating func inflate(
        _ bytes: RawSpan, depth: Int, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        var buffer = takeBuffer(depth)
        defer { keepBuffer(&buffer, depth) }
        do throws(GzipError) {
            try inflater.inflateAll(bytes, into: &buffer, sizeMax: limits.expandedBytesMax - expandedBytes)
        } catch {
            return reject(EnvelopeFault(error, limits: limits), bytes, firstRecord, to: &consumer)
        }
        expandedBytes += buffer.count
        return unsafe unwrap(buffer.span.bytes, depth: depth + 1, firstRecord: firstRecord, to: &consumer)
    }

    /// Takes text that is base64 of something that may be wrapped itself.
    mutating func decodeBase64(
        _ text: RawSpan, depth: Int, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        if depth > MessageDecoder.envelopeDepthMax {
            return unwrap(text, depth: depth, firstRecord: firstRecord, to: &consumer)
        }
        var buffer = takeBuffer(depth)
        defer { keepBuffer(&buffer, depth) }
        let end = text.trimmed(0..<text.byteCount)
        if let offset = StandardBase64.decode(text.extracting(0..<end), into: &buffer) {
            let fault = EnvelopeFault(.invalidCompression, "not valid base64", at: offset)
            return reject(fault, text, firstRecord, to: &consumer)
        }
        return unsafe unwrap(buffer.span.bytes, depth: depth + 1, firstRecord: firstRecord, to: &consumer)
    }

    /// The buffer of a level, empty. The caller gives it back.
    mutating func takeBuffer(_ depth: Int) -> [UInt8] {
        var buffer: [UInt8] = []
        swap(&buffer, &buffers[depth])
        buffer.removeAll(keepingCapacity: true)
        return buffer
    }

    mutating func keepBuffer(_ buffer: inout [UInt8], _ depth: Int) {
        if buffer.capacity <= MessageDecoder.keptBytesMax { swap(&buffer, &buffers[depth]) }
    }

    /// Hands over `bytes` as one record that does not decode. Returns 1.
    func reject(
        _ fault: EnvelopeFault, _ bytes: RawSpan, _ record: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        consumer.reject(
            Rejection(
                reason: fault.reason, detail: fault.detail, recordIndex: record,
                byteOffset: min(fault.offset, bytes.byteCount), original: bytes))
        return 1
    }
}
