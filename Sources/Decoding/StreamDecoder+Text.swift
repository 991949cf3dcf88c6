import CSimd
import TelemetryModel

/// The stream below its compression: decides between lines and a document, and holds what is incomplete.
struct StreamText: ~Copyable {
    private enum Layout { case undecided, lines, document }

    private var messages: MessageDecoder
    private var layout = Layout.undecided
    /// The first bytes while undecided, then the line that is not complete yet, or the document so far.
    private var pending: [UInt8] = []
    /// Bytes of a line or document that is too large; `pending` then holds its first ones. 0 when there is none.
    private(set) var bytesDiscarded = 0
    private(set) var recordsSeen = 0

    /// So many first bytes tell text from protobuf, and a JSON document from JSON lines unless a line is longer.
    private static let undecidedBytesMax = 64 << 10

    init(messages: consuming MessageDecoder) {
        self.messages = messages
    }

    mutating func beginSource() {
        messages.beginSource()
        layout = .undecided
        pending.removeAll(keepingCapacity: pending.capacity <= MessageDecoder.keptBytesMax)
        bytesDiscarded = 0
        recordsSeen = 0
    }

    mutating func take(_ bytes: RawSpan, to consumer: inout some EventConsumer & ~Copyable) {
        switch layout {
        case .lines: takeLines(bytes, to: &consumer)
        case .document: gather(bytes)
        case .undecided:
            append(bytes)
            guard let decided = decide(isAtEnd: false) else { return }
            settle(decided, to: &consumer)
        }
    }

    mutating func finish(to consumer: inout some EventConsumer & ~Copyable) {
        if layout == .undecided { settle(decide(isAtEnd: true) ?? .document, to: &consumer) }
        if bytesDiscarded > 0 { return rejectDiscarded(to: &consumer) }
        decodePending(to: &consumer)
        endForeignLines(to: &consumer)
    }

    /// Rejects what is incomplete, for a stream that could not be read to its end.
    mutating func fail(_ fault: EnvelopeFault, to consumer: inout some EventConsumer & ~Copyable) {
        if layout == .undecided { settle(decide(isAtEnd: true) ?? .document, to: &consumer) }
        endForeignLines(to: &consumer)
        let kept = min(pending.count, StreamDecoder.prefixBytesMax)
        let local = EnvelopeFault(
            fault.reason, "\(fault.detail), at byte \(fault.offset) of the compressed stream", at: kept)
        pending.removeLast(pending.count - kept)
        recordsSeen += unsafe messages.reject(local, pending.span.bytes, recordsSeen, to: &consumer)
        pending.removeAll()
        bytesDiscarded = 0
    }

    // MARK: Lines or a document

    private mutating func settle(_ decided: Layout, to consumer: inout some EventConsumer & ~Copyable) {
        layout = decided
        var first: [UInt8] = []
        swap(&first, &pending)
        unsafe take(first.span.bytes, to: &consumer)
    }

    /// What the first bytes say; `nil` when more are needed.
    private func decide(isAtEnd: Bool) -> Layout? {
        if messages.format == .vpcFlow {
            // As far as the place of a tar archive's mark.
            if !isAtEnd, pending.count < 512 { return nil }
            return unsafe ForeignContent.of(pending.span.bytes) == nil ? .lines : .document
        }
        if messages.format.isProtobuf { return .document }
        let bytes = unsafe pending.span.bytes
        let mayDecide = isAtEnd || bytes.byteCount >= StreamText.undecidedBytesMax
        let start = bytes.skippingWhiteSpace(from: 0)
        guard start < bytes.byteCount else { return isAtEnd ? .document : nil }
        // A protobuf message may begin with bytes that are white space or brackets as text.
        if bytes.byteCount < 256, !mayDecide { return nil }
        if ForeignContent.of(bytes) != nil { return .document }
        if BinaryShape.isBinary(bytes) || bytes.hasBytes(of: "H4sI", at: start) { return .document }
        switch bytes.byte(start) {
        case 0x5B: return .document
        case 0x7B:
            let end = messages.lineEnd(bytes, from: start)
            let lineIsWhole = end < bytes.byteCount || (bytes.byteCount > 0 && bytes.byte(end - 1) == 0x0A)
            guard lineIsWhole else {
                if !mayDecide { return nil }
                return messages.shape(bytes, at: start) == .records ? .document : .lines
            }
            // A document printed over several lines has no closing brace at the end of the first.
            let last = bytes.trimmed(start..<end)
            return bytes.byte(last - 1) == 0x7D ? .lines : .document
        default: return .lines
        }
    }

    // MARK: Lines

    private mutating func takeLines(_ bytes: RawSpan, to consumer: inout some EventConsumer & ~Copyable) {
        var place = 0
        if !pending.isEmpty || bytesDiscarded > 0 {
            // The incomplete line comes first.
            let end = messages.lineEnd(bytes, from: 0)
            let part = bytes.extracting(0..<end)
            let isComplete = end > 0 && bytes.byte(end - 1) == 0x0A
            gather(part)
            guard isComplete else { return }
            if bytesDiscarded > 0 { rejectDiscarded(to: &consumer) } else { decodePending(to: &consumer) }
            place = end
        }
        var end = bytes.byteCount
        while end > place, bytes.byte(end - 1) != 0x0A { end -= 1 }
        if end > place {
            recordsSeen += messages.decodeLines(
                bytes.extracting(place..<end), firstRecord: recordsSeen, to: &consumer)
        }
        if end < bytes.byteCount { gather(bytes.extracting(end..<bytes.byteCount)) }
    }

    private mutating func decodePending(to consumer: inout some EventConsumer & ~Copyable) {
        guard !pending.isEmpty else { return }
        var whole: [UInt8] = []
        swap(&whole, &pending)
        let records =
            layout == .lines
            ? unsafe messages.decodeLines(whole.span.bytes, firstRecord: recordsSeen, to: &consumer)
            : unsafe messages.decode(whole.span.bytes, firstRecord: recordsSeen, to: &consumer)
        recordsSeen += records
        whole.removeAll(keepingCapacity: whole.capacity <= MessageDecoder.keptBytesMax)
        swap(&whole, &pending)
    }

    // MARK: What is incomplete

    private mutating func append(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe pending.append(contentsOf: $0) }
    }

    /// Adds to the line or document that is incomplete, up to its limit.
    private mutating func gather(_ bytes: RawSpan) {
        if bytesDiscarded > 0 {
            bytesDiscarded += bytes.byteCount
            return
        }
        let count = pending.count + bytes.byteCount
        // A line under the smaller limit need not be looked at.
        if layout != .lines || count > messages.limits.recordBytesMax, count > sizeMax {
            let kept = StreamDecoder.prefixBytesMax
            if pending.count < kept {
                append(bytes.extracting(0..<min(bytes.byteCount, kept - pending.count)))
            }
            // Copied, so that the large buffer is freed now and not at the end of the stream.
            pending = Array(pending.prefix(kept))
            bytesDiscarded = count
        } else {
            append(bytes)
        }
    }

    /// How large the line or document at hand may become.
    private var sizeMax: Int {
        guard layout == .lines else { return messages.limits.expandedBytesMax }
        let bytes = unsafe pending.span.bytes
        let start = bytes.skippingWhiteSpace(from: 0)
        guard start < bytes.byteCount, bytes.byte(start) == 0x7B else { return messages.limits.recordBytesMax }
        let shape = messages.shape(bytes, at: start)
        let isOneRecord = shape == .cloudTrail || shape == .metricStream || shape == .unknown
        return isOneRecord ? messages.limits.recordBytesMax : messages.limits.expandedBytesMax
    }

    /// Hands over lines of something that is not read, which were kept together.
    private mutating func endForeignLines(to consumer: inout some EventConsumer & ~Copyable) {
        recordsSeen += messages.endForeignLines(firstRecord: recordsSeen, to: &consumer)
    }

    private mutating func rejectDiscarded(to consumer: inout some EventConsumer & ~Copyable) {
        endForeignLines(to: &consumer)
        let what = layout == .lines ? "a line" : "a document"
        let limit = layout == .lines ? messages.limits.recordBytesMax : messages.limits.expandedBytesMax
        let fault = EnvelopeFault(
            .tooLarge,
            "\(what) of \(bytesDiscarded) bytes, and the limit is \(limit); its first \(pending.count) bytes are kept")
        recordsSeen += unsafe messages.reject(fault, pending.span.bytes, recordsSeen, to: &consumer)
        pending.removeAll()
        bytesDiscarded = 0
    }
}
