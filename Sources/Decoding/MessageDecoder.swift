import TelemetryModel

/// Decodes messages of any format in any envelope: compression, CloudWatch Logs, EventBridge, Firehose, SNS, SQS, Kinesis.
///
/// With the format `auto` the bytes decide, value by value and line by line. With any other format only envelopes are
/// recognised, and what is in them is taken for that format. Positions count the records inside.
///
/// A message is taken apart as a stream is (see `StreamDecoder`), so that both give the same for the same bytes.
///
/// Uses one thread; buffers are kept from message to message.
public struct MessageDecoder: ~Copyable {
    /// Envelopes and compressions inside each other.
    static let envelopeDepthMax = 16
    /// Buffers larger than this are not kept for the next message.
    static let keptBytesMax = 4 << 20

    let format: InputFormat
    let limits: DecodingLimits
    var decoders: RecordDecoders
    /// One for each level of envelopes, made when it is first needed.
    private(set) var layers = [DecodingLayer(depth: 0)]
    /// Bytes that the message, or the value of a stream, has expanded to so far, over all its layers.
    var expandedBytes = 0
    var wholeInflater = WholeGzipInflater()
    /// So many bytes at most are inflated at once: 64 MiB of a file, as 5 MB of CloudTrail expand to, and 16 MiB of a message,
    /// of which each counting thread may hold one.
    var inflatedWholeMax: Int
    /// Whether layer 0 is a stream, whose own length and compression have no limit.
    let isStream: Bool
    /// The layer of the outermost text: below gzip, and gzip inside it.
    var textDepth: Int {
        var depth = 0
        while depth < layers.count - 1, case .gzip = layers[depth].mode { depth += 1 }
        return depth
    }
    /// Lines of something that is not read, and that may go on in the next part of a stream.
    var foreign: ForeignRun?
    /// Subscriptions that only said that they are there.
    var controlMessages = 0
    /// Bytes that looking for the ends of broken values may still read in the text at hand, so that text made of nothing but
    /// openings costs a bounded multiple of its length.
    var searchBudget = 0
    /// The index of the next record in its source.
    var nextRecord = 0

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
        self.init(format: format, projections: projections, limits: limits, flowFields: flowFields, isStream: false)
    }

    init(
        format: InputFormat, projections: ProjectionSet, limits: DecodingLimits, flowFields: FlowLogFieldList?,
        isStream: Bool
    ) {
        self.format = format
        self.limits = limits
        self.isStream = isStream
        inflatedWholeMax = min(limits.expandedBytesMax, isStream ? 64 << 20 : 16 << 20)
        decoders = RecordDecoders(projections: projections, limits: limits, flowFields: flowFields)
    }

    /// Decodes a message that is a source by itself: what belonged to the one before, such as a header line of a flow log, is forgotten.
    /// Returns how many records there were, decoded and rejected together.
    public mutating func decode(_ message: RawSpan, to consumer: inout some EventConsumer & ~Copyable) -> Int {
        // What nearly every message is.
        beginSource(as: BinaryShape.beginsAsJSON(message) ? .text : .undecided)
        take(message, in: outermost, isLast: true, to: &consumer)
        return nextRecord
    }

    /// Makes ready for another source.
    mutating func beginSource(as mode: DecodingLayer.Mode = .undecided) {
        decoders.flowLog.beginSource()
        foreign = nil
        outermost.begin(mode)
        nextRecord = 0
        expandedBytes = 0
    }

    /// What is outermost: the file or message.
    var outermost: DecodingLayer { layers[0] }

    /// The level of what is wrapped in another.
    mutating func inner(of layer: DecodingLayer) -> DecodingLayer {
        let depth = layer.depth + 1
        while layers.count <= depth { layers.append(DecodingLayer(depth: layers.count)) }
        return layers[depth]
    }

    /// Hands over `bytes` as one record that does not decode, or as a part of one.
    mutating func reject(
        _ fault: EnvelopeFault, _ bytes: RawSpan, part: Rejection.Part = .whole,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        if part.beginsRecord { nextRecord += 1 }
        consumer.reject(
            Rejection(
                reason: fault.reason, detail: fault.detail, recordIndex: nextRecord - 1,
                byteOffset: min(fault.offset, bytes.byteCount), original: bytes, part: part))
    }

    /// The same for a part of a text; `fault` counts from the text's start.
    mutating func reject(
        _ fault: RecordFault, _ range: Range<Int>, of text: RawSpan, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let local = EnvelopeFault(fault.reason, fault.detail, at: max(fault.offset - range.lowerBound, 0))
        reject(local, text.extracting(range), to: &consumer)
    }
}
