import TelemetryModel

/// Decodes a stream of bytes, such as a file or standard input, chunk by chunk as it comes.
///
/// Lines (flow logs, JSON lines) are decoded in place as soon as they are complete; only a line that straddles two chunks is
/// copied. One JSON document or protobuf is gathered first, up to `expandedBytesMax`. gzip around either is inflated as it
/// comes. So memory stays bounded by the limits and the chunk, whatever the length of the stream. Record indexes run
/// over the whole stream.
///
/// A line over `recordBytesMax` (over `expandedBytesMax` when it is an envelope or a list of records) is rejected with the
/// first 64 KiB of its bytes.
public struct StreamDecoder: ~Copyable {
    /// How much of something too large is kept for the dead letter.
    static let prefixBytesMax = 64 << 10
    /// Bytes inflated before they are decoded: small enough for a level-2 cache.
    static let inflatedChunkBytes = 256 << 10

    private enum Encoding { case undecided, plain, gzip, stopped }

    private let limits: DecodingLimits
    private var text: StreamText
    private var inflater = GzipInflater()
    private var encoding = Encoding.undecided
    /// The first bytes, while there are too few to tell what they are.
    private var head: [UInt8] = []
    private var inflated: [UInt8] = []

    /// Records so far, decoded and rejected.
    public var recordsSeen: Int { text.recordsSeen }
    /// Bytes fed so far, as they came.
    public private(set) var bytesSeen = 0

    public init(
        format: InputFormat = .auto, projections: ProjectionSet, limits: DecodingLimits = DecodingLimits(),
        flowFields: FlowLogFieldList? = nil
    ) {
        self.limits = limits
        text = StreamText(
            messages: MessageDecoder(format: format, projections: projections, limits: limits, flowFields: flowFields))
    }

    /// Makes ready for another stream, keeping the memory.
    public mutating func beginSource() {
        text.beginSource()
        encoding = .undecided
        head.removeAll(keepingCapacity: true)
        bytesSeen = 0
    }

    /// Takes the next bytes of the stream.
    public mutating func feed(_ chunk: RawSpan, to consumer: inout some EventConsumer & ~Copyable) {
        bytesSeen += chunk.byteCount
        guard encoding == .undecided else { return take(chunk, to: &consumer) }
        unsafe chunk.withUnsafeBytes { unsafe head.append(contentsOf: $0) }
        guard head.count >= 3 else { return }
        decideEncoding(to: &consumer)
    }

    /// Takes what is left when the stream has ended.
    public mutating func finish(to consumer: inout some EventConsumer & ~Copyable) {
        if encoding == .undecided { decideEncoding(to: &consumer) }
        if encoding == .gzip {
            do throws(GzipError) {
                try inflater.end()
            } catch {
                return fail(error, to: &consumer)
            }
        }
        if encoding != .stopped { text.finish(to: &consumer) }
        encoding = .stopped
    }

    private mutating func decideEncoding(to consumer: inout some EventConsumer & ~Copyable) {
        var first: [UInt8] = []
        swap(&first, &head)
        let bytes = unsafe first.span.bytes
        encoding = GzipInflater.isGzip(bytes) ? .gzip : .plain
        if encoding == .gzip {
            do throws(GzipError) {
                try inflater.begin()
            } catch {
                return fail(error, to: &consumer)
            }
        }
        take(bytes, to: &consumer)
    }

    private mutating func take(_ chunk: RawSpan, to consumer: inout some EventConsumer & ~Copyable) {
        switch encoding {
        case .undecided, .stopped: break
        case .plain: text.take(chunk, to: &consumer)
        case .gzip: inflate(chunk, to: &consumer)
        }
    }

    private mutating func inflate(_ chunk: RawSpan, to consumer: inout some EventConsumer & ~Copyable) {
        // Moved out, so that its bytes can be borrowed while the rest changes.
        var buffer: [UInt8] = []
        swap(&buffer, &inflated)
        defer { swap(&buffer, &inflated) }
        var taken = 0
        do throws(GzipError) {
            while true {
                buffer.removeAll(keepingCapacity: true)
                taken += try inflater.inflate(
                    chunk.extracting(taken..<chunk.byteCount), into: &buffer,
                    outputMax: StreamDecoder.inflatedChunkBytes)
                if buffer.isEmpty { return }
                unsafe text.take(buffer.span.bytes, to: &consumer)
                // A bomb: nothing that it goes on to expand to can become a record, so the rest is not inflated.
                if text.bytesDiscarded > limits.expandedBytesMax {
                    text.finish(to: &consumer)
                    encoding = .stopped
                    return
                }
            }
        } catch {
            // What was inflated before the fault counts.
            unsafe text.take(buffer.span.bytes, to: &consumer)
            fail(error, to: &consumer)
        }
    }

    /// Ends the stream at a fault of its compression: one rejection stands for all that is lost.
    private mutating func fail(_ error: GzipError, to consumer: inout some EventConsumer & ~Copyable) {
        text.fail(EnvelopeFault(error, limits: limits), to: &consumer)
        encoding = .stopped
    }
}
