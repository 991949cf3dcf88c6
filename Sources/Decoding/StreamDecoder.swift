import TelemetryModel

/// Decodes a stream of bytes, such as a file or standard input, chunk by chunk as it comes.
///
/// Records are decoded in place as soon as they are complete, wherever lines break and whatever holds them: an array is not
/// waited for, nor the object around it, nor the compression around both. Only a record that straddles two chunks is copied.
/// So memory stays bounded by the limits and the chunk, whatever the length of the stream. A protobuf message, and
/// an envelope that holds one text, are gathered up to `expandedBytesMax`. Record indexes run over the whole stream.
///
/// A record over `recordBytesMax` is rejected in parts as it comes, and what follows it goes on.
public struct StreamDecoder: ~Copyable {
    private var messages: MessageDecoder
    private var isFinished = false
    /// Whether parts of what was inflated at once are left.
    private var hasInflated = false

    /// Records so far, decoded and rejected.
    public var recordsSeen: Int { messages.nextRecord }
    /// Bytes fed so far, as they came.
    public private(set) var bytesSeen = 0

    public init(
        format: InputFormat = .auto, projections: ProjectionSet, limits: DecodingLimits = DecodingLimits(),
        flowFields: FlowLogFieldList? = nil
    ) {
        messages = MessageDecoder(
            format: format, projections: projections, limits: limits, flowFields: flowFields, isStream: true)
        messages.beginSource()
    }

    /// Makes ready for another stream, keeping the memory.
    public mutating func beginSource() {
        messages.beginSource()
        bytesSeen = 0
        isFinished = false
        hasInflated = false
    }

    /// Takes the next bytes of the stream.
    ///
    /// With `isWhole` they are all there is before `finish`. Then gzip that expands to at most 64 MiB is inflated at
    /// once, which is faster, and decoded in parts: `resume` goes on with the next one. The same comes of it.
    public mutating func feed(
        _ chunk: RawSpan, isWhole: Bool = false, to consumer: inout some EventConsumer & ~Copyable
    ) {
        bytesSeen += chunk.byteCount
        hasInflated = isWhole && messages.beginWhole(chunk)
        if !hasInflated { return messages.take(chunk, in: messages.outermost, isLast: false, to: &consumer) }
        _ = resume(to: &consumer)
    }

    /// Takes the next part of what was inflated at once; false when there was none.
    public mutating func resume(to consumer: inout some EventConsumer & ~Copyable) -> Bool {
        guard hasInflated else { return false }
        let nothing: [UInt8] = []
        unsafe hasInflated = messages.handInflated(
            nothing.span.bytes, isMessage: false, in: messages.outermost, to: &consumer)
        return true
    }

    /// Takes what is left when the stream has ended.
    public mutating func finish(to consumer: inout some EventConsumer & ~Copyable) {
        if isFinished { return }
        isFinished = true
        while resume(to: &consumer) {}
        let nothing: [UInt8] = []
        unsafe messages.take(nothing.span.bytes, in: messages.outermost, isLast: true, to: &consumer)
    }
}
