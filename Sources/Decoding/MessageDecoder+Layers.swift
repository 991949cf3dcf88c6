import TelemetryModel
import Text

/// Layers around the text: what the bytes are, gzip, base64, protobuf.
extension MessageDecoder {
    /// So many first bytes say what a layer is.
    static let headBytesMax = 1024

    /// Takes the whole of what an envelope holds.
    mutating func unwrap(_ bytes: RawSpan, in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable) {
        if layer.depth > MessageDecoder.envelopeDepthMax { return reject(MessageDecoder.tooDeep, bytes, to: &consumer) }
        layer.begin()
        take(bytes, in: layer, isLast: true, to: &consumer)
    }

    /// Takes the whole of what is known to be text.
    mutating func unwrapText(
        _ text: RawSpan, in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable
    ) {
        if layer.depth > MessageDecoder.envelopeDepthMax { return reject(MessageDecoder.tooDeep, text, to: &consumer) }
        layer.begin(.text)
        take(text, in: layer, isLast: true, to: &consumer)
    }

    private static let tooDeep = EnvelopeFault(
        .nestingTooDeep, "more than \(MessageDecoder.envelopeDepthMax) envelopes inside each other")

    /// Takes the next bytes of a layer.
    mutating func take(
        _ bytes: RawSpan, in layer: DecodingLayer, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        switch layer.mode {
        case .undecided:
            if layer.pending.isEmpty, let mode = decide(bytes, in: layer, isLast: isLast) {
                layer.mode = mode
                return take(bytes, in: layer, isLast: isLast, to: &consumer)
            }
            layer.append(bytes)
            if let mode = decidePending(in: layer, isLast: isLast) {
                settle(mode, in: layer, isLast: isLast, to: &consumer)
            }
        case .gzip: inflate(bytes, in: layer, isLast: isLast, to: &consumer)
        case .base64, .binary, .foreign, .tooDeep: gather(bytes, in: layer, isLast: isLast, to: &consumer)
        case .text: takeText(bytes, in: layer, isLast: isLast, to: &consumer)
        case .setAside(let fault, let part):
            takeAside(fault, part, bytes, isLast: isLast, in: layer, to: &consumer)
        case .stopped: break
        }
    }

    mutating func settle(
        _ mode: DecodingLayer.Mode, in layer: DecodingLayer, isLast: Bool,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        layer.mode = mode
        var head: [UInt8] = []
        swap(&head, &layer.pending)
        unsafe take(head.span.bytes, in: layer, isLast: isLast, to: &consumer)
    }

    mutating func decidePending(in layer: DecodingLayer, isLast: Bool) -> DecodingLayer.Mode? {
        var head: [UInt8] = []
        swap(&head, &layer.pending)
        defer { swap(&head, &layer.pending) }
        return unsafe decide(head.span.bytes, in: layer, isLast: isLast)
    }

    /// What the first bytes of a layer say that it is; `nil` when more are needed.
    private func decide(_ head: RawSpan, in layer: DecodingLayer, isLast: Bool) -> DecodingLayer.Mode? {
        let mayDecide = isLast || head.byteCount >= MessageDecoder.headBytesMax
        if head.byteCount >= 3 || isLast, GzipInflater.isGzip(head) {
            return layer.depth < MessageDecoder.envelopeDepthMax ? .gzip : .tooDeep
        }
        if BinaryShape.beginsAsJSON(head) { return .text }
        if !mayDecide { return nil }
        // How base64 of gzip begins.
        if head.hasBytes(of: "H4sI", at: head.skippingWhiteSpace(from: 0)) {
            return layer.depth < MessageDecoder.envelopeDepthMax ? .base64 : .tooDeep
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
        _ bytes: RawSpan, in layer: DecodingLayer, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        if isLast, layer.pending.isEmpty { return decodeWhole(bytes, in: layer, to: &consumer) }
        let count = layer.pending.count + bytes.byteCount
        guard count <= limits.expandedBytesMax else {
            var fault = EnvelopeFault(
                .tooLarge,
                "a message of more than \(limits.expandedBytesText), the limit of what is decoded as a whole")
            if case .foreign(let content) = layer.mode { fault = EnvelopeFault(content.reason, content.detail()) }
            return setAside(fault, bytes, isLast: isLast, in: layer, to: &consumer)
        }
        layer.append(bytes)
        guard isLast else { return }
        var whole: [UInt8] = []
        swap(&whole, &layer.pending)
        unsafe decodeWhole(whole.span.bytes, in: layer, to: &consumer)
    }

    private mutating func decodeWhole(
        _ bytes: RawSpan, in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable
    ) {
        defer { layer.mode = .stopped }
        switch layer.mode {
        case .binary(let target?):
            nextRecord += decoders.decode(bytes, as: target, firstRecord: nextRecord, to: &consumer)
        case .base64: decodeBase64(bytes, in: layer, to: &consumer)
        case .foreign(let content):
            reject(EnvelopeFault(content.reason, content.detail()), bytes, to: &consumer)
        case .tooDeep: reject(MessageDecoder.tooDeep, bytes, to: &consumer)
        default:
            let fault = EnvelopeFault(.unknownFormat, "neither text, gzip nor a protobuf format that is known")
            reject(fault, bytes, to: &consumer)
        }
    }

    /// Takes text that is base64 of something that may be wrapped itself.
    mutating func decodeBase64(
        _ text: RawSpan, in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable
    ) {
        var buffer: [UInt8] = []
        swap(&buffer, &layer.unwrapped)
        defer { swap(&buffer, &layer.unwrapped) }
        buffer.removeAll(keepingCapacity: true)
        let range = text.skippingWhiteSpace(from: 0)..<text.byteCount
        let contents = text.extracting(range.lowerBound..<max(range.lowerBound, text.trimmed(range)))
        if let offset = Base64.decode(contents, into: &buffer),
            !Base64.decodeLoose(contents, into: &buffer)
        {
            let fault = EnvelopeFault(.invalidCompression, "not valid base64", at: offset)
            return reject(fault, text, to: &consumer)
        }
        unsafe unwrap(buffer.span.bytes, in: inner(of: layer), to: &consumer)
    }
}
