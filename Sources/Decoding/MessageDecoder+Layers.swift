import TelemetryModel
import Text

/// Layers around the text: what the bytes are, gzip, base64, protobuf.
extension MessageDecoder {
    /// So many first bytes say what a layer is.
    static let headBytesMax = 1024

    /// Takes the whole of what an envelope holds.
    mutating func unwrap(_ bytes: RawSpan, depth: Int, to consumer: inout some EventConsumer & ~Copyable) {
        if depth > MessageDecoder.envelopeDepthMax { return reject(MessageDecoder.tooDeep, bytes, to: &consumer) }
        layer(depth).begin()
        take(bytes, depth: depth, isLast: true, to: &consumer)
    }

    /// Takes the whole of what is known to be text.
    mutating func unwrapText(_ text: RawSpan, depth: Int, to consumer: inout some EventConsumer & ~Copyable) {
        if depth > MessageDecoder.envelopeDepthMax { return reject(MessageDecoder.tooDeep, text, to: &consumer) }
        layer(depth).begin(.text)
        take(text, depth: depth, isLast: true, to: &consumer)
    }

    private static let tooDeep = EnvelopeFault(
        .nestingTooDeep, "more than \(MessageDecoder.envelopeDepthMax) envelopes inside each other")

    /// Takes the next bytes of a layer.
    mutating func take(
        _ bytes: RawSpan, depth: Int, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let layer = layer(depth)
        switch layer.mode {
        case .undecided:
            if layer.pending.isEmpty, let mode = decide(bytes, depth: depth, isLast: isLast) {
                layer.mode = mode
                return take(bytes, depth: depth, isLast: isLast, to: &consumer)
            }
            layer.append(bytes)
            if let mode = decidePending(depth: depth, isLast: isLast) {
                settle(mode, depth: depth, isLast: isLast, to: &consumer)
            }
        case .gzip: inflate(bytes, depth: depth, isLast: isLast, to: &consumer)
        case .base64, .binary, .foreign, .tooDeep: gather(bytes, depth: depth, isLast: isLast, to: &consumer)
        case .text: takeText(bytes, depth: depth, isLast: isLast, to: &consumer)
        case .setAside(let fault, let part):
            takeAside(fault, part, bytes, isLast: isLast, depth: depth, to: &consumer)
        case .stopped: break
        }
    }

    mutating func settle(
        _ mode: DecodingLayer.Mode, depth: Int, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let layer = layer(depth)
        layer.mode = mode
        var head: [UInt8] = []
        swap(&head, &layer.pending)
        unsafe take(head.span.bytes, depth: depth, isLast: isLast, to: &consumer)
    }

    mutating func decidePending(depth: Int, isLast: Bool) -> DecodingLayer.Mode? {
        let layer = layer(depth)
        var head: [UInt8] = []
        swap(&head, &layer.pending)
        defer { swap(&head, &layer.pending) }
        return unsafe decide(head.span.bytes, depth: depth, isLast: isLast)
    }

    /// What the first bytes of a layer say that it is; `nil` when more are needed.
    private func decide(_ head: RawSpan, depth: Int, isLast: Bool) -> DecodingLayer.Mode? {
        let mayDecide = isLast || head.byteCount >= MessageDecoder.headBytesMax
        if head.byteCount >= 3 || isLast, GzipInflater.isGzip(head) {
            return depth < MessageDecoder.envelopeDepthMax ? .gzip : .tooDeep
        }
        if BinaryShape.beginsAsJSON(head) { return .text }
        if !mayDecide { return nil }
        // How base64 of gzip begins.
        if head.hasBytes(of: "H4sI", at: head.skippingWhiteSpace(from: 0)) {
            return depth < MessageDecoder.envelopeDepthMax ? .base64 : .tooDeep
        }
        if let content = ForeignContent.of(head) { return .foreign(content) }
        if format.isProtobuf { return .binary(format.target) }
        guard format == .auto, BinaryShape.isBinary(head) else { return .text }
        switch BinaryShape.of(head) {
        case .otlp: return .binary(.otlp)
        case .delimitedOTLP: return .binary(.delimitedOTLP)
        case .remoteWrite: return .binary(.remoteWrite)
        case .unknown: return .binary(nil)
        }
    }

    // MARK: Whole messages

    /// Takes what is decoded as a whole, and so has to be there as a whole.
    private mutating func gather(
        _ bytes: RawSpan, depth: Int, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let layer = layer(depth)
        if isLast, layer.pending.isEmpty { return decodeWhole(bytes, depth: depth, to: &consumer) }
        let count = layer.pending.count + bytes.byteCount
        guard count <= limits.expandedBytesMax else {
            var fault = EnvelopeFault(
                .tooLarge,
                "a message of more than \(limits.expandedBytesText), the limit of what is decoded as a whole")
            if case .foreign(let content) = layer.mode { fault = EnvelopeFault(content.reason, content.detail()) }
            return setAside(fault, bytes, isLast: isLast, depth: depth, to: &consumer)
        }
        layer.append(bytes)
        guard isLast else { return }
        var whole: [UInt8] = []
        swap(&whole, &layer.pending)
        unsafe decodeWhole(whole.span.bytes, depth: depth, to: &consumer)
    }

    private mutating func decodeWhole(
        _ bytes: RawSpan, depth: Int, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let layer = layer(depth)
        defer { layer.mode = .stopped }
        switch layer.mode {
        case .binary(let target?):
            nextRecord += decoders.decode(bytes, as: target, firstRecord: nextRecord, to: &consumer)
        case .base64: decodeBase64(bytes, depth: depth, to: &consumer)
        case .foreign(let content):
            reject(EnvelopeFault(content.reason, content.detail()), bytes, to: &consumer)
        case .tooDeep: reject(MessageDecoder.tooDeep, bytes, to: &consumer)
        default:
            let fault = EnvelopeFault(.unknownFormat, "neither text, gzip nor a protobuf format that is known")
            reject(fault, bytes, to: &consumer)
        }
    }

    /// Takes text that is base64 of something that may be wrapped itself.
    mutating func decodeBase64(_ text: RawSpan, depth: Int, to consumer: inout some EventConsumer & ~Copyable) {
        var buffer: [UInt8] = []
        swap(&buffer, &layer(depth).unwrapped)
        defer { swap(&buffer, &layer(depth).unwrapped) }
        buffer.removeAll(keepingCapacity: true)
        let range = text.skippingWhiteSpace(from: 0)..<text.byteCount
        let contents = text.extracting(range.lowerBound..<max(range.lowerBound, text.trimmed(range)))
        if let offset = Base64.decode(contents, into: &buffer),
            !Base64.decodeLoose(contents, into: &buffer)
        {
            let fault = EnvelopeFault(.invalidCompression, "not valid base64", at: offset)
            return reject(fault, text, to: &consumer)
        }
        unsafe unwrap(buffer.span.bytes, depth: depth + 1, to: &consumer)
    }
}
