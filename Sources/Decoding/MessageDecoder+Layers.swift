import TelemetryModel
import Text

/// Layers around the text: what the bytes are, gzip, base64, protobuf.
extension MessageDecoder {
    /// So many first bytes say what a layer is.
    static let headBytesMax = 1024
    /// Bytes inflated before they are decoded: small enough for a level-2 cache.
    static let inflatedChunkBytes = 256 << 10
    /// Compressed bytes that are kept while nothing has come out of them.
    static let prefixBytesMax = 64 << 10

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

    private mutating func settle(
        _ mode: DecodingLayer.Mode, depth: Int, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let layer = layer(depth)
        layer.mode = mode
        var head: [UInt8] = []
        swap(&head, &layer.pending)
        unsafe take(head.span.bytes, depth: depth, isLast: isLast, to: &consumer)
    }

    private mutating func decidePending(depth: Int, isLast: Bool) -> DecodingLayer.Mode? {
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

    // MARK: gzip

    private mutating func inflate(
        _ bytes: RawSpan, depth: Int, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let layer = layer(depth)
        let isBeginning = layer.retryAt == 0
        let consumedBefore = isBeginning ? 0 : layer.inflater.consumed
        // Moved out, so that its bytes can be borrowed while the rest changes.
        var buffer: [UInt8] = []
        swap(&buffer, &layer.inflated)
        defer { swap(&buffer, &layer.inflated) }
        let isLimited = !isStream || depth > 0
        var taken = 0
        do throws(GzipError) {
            if layer.retryAt == 0 {
                try layer.inflater.begin()
                self.layer(depth + 1).begin()
                layer.retryAt = 1
            }
            while true {
                buffer.removeAll(keepingCapacity: true)
                let room = isLimited ? limits.expandedBytesMax - expandedBytes + 1 : Int.max
                taken += try layer.inflater.inflate(
                    bytes.extracting(taken..<bytes.byteCount), into: &buffer,
                    outputMax: min(MessageDecoder.inflatedChunkBytes, room))
                if buffer.isEmpty || !consumer.wantsMore { break }
                layer.hasOutput = true
                if isLimited {
                    expandedBytes += buffer.count
                    layer.expandedBytes += buffer.count
                    if expandedBytes > limits.expandedBytesMax {
                        throw GzipError(cause: .tooLarge, offset: layer.inflater.consumed)
                    }
                }
                unsafe take(buffer.span.bytes, depth: depth + 1, isLast: false, to: &consumer)
                if let failure = self.layer(depth + 1).failure {
                    return fail(failure, bytes, isWhole: isLast && isBeginning, depth: depth, to: &consumer)
                }
                // Something as a whole that is too large: nothing that it goes on to expand to can become a record.
                if case .stopped = self.layer(depth + 1).mode {
                    layer.mode = .stopped
                    return
                }
            }
            if isLast {
                try layer.inflater.end()
                let nothing: [UInt8] = []
                unsafe take(nothing.span.bytes, depth: depth + 1, isLast: true, to: &consumer)
                if let failure = self.layer(depth + 1).failure {
                    return fail(failure, bytes, isWhole: isBeginning, depth: depth, to: &consumer)
                }
                layer.mode = .stopped
            }
        } catch {
            // What was inflated before the fault counts.
            if error.cause != .tooLarge {
                unsafe take(buffer.span.bytes, depth: depth + 1, isLast: false, to: &consumer)
            }
            if !buffer.isEmpty { layer.hasOutput = true }
            let nothing: [UInt8] = []
            // Before what follows the end of the stream, all of it is there.
            if error.cause == .trailingBytes {
                unsafe take(nothing.span.bytes, depth: depth + 1, isLast: true, to: &consumer)
            }
            let fault = EnvelopeFault(error, limits: limits)
            if isStream, depth == 0, error.cause != .tooLarge {
                let place = layer.hasOutput ? min(layer.inflater.consumed - consumedBefore, bytes.byteCount) : 0
                return failStream(
                    fault, bytes.extracting(place..<bytes.byteCount), isLast: isLast, to: &consumer)
            }
            return fail(fault, bytes, isWhole: isLast && isBeginning, depth: depth, to: &consumer)
        }
        // So that a stream which ends before anything comes out of it is kept.
        if layer.hasOutput {
            layer.pending.removeAll()
        } else if layer.pending.count < MessageDecoder.prefixBytesMax {
            layer.append(bytes.extracting(0..<min(bytes.byteCount, MessageDecoder.prefixBytesMax)))
        }
    }

    /// Ends the compression around a stream at a fault: what was inflated and is not complete is one dead letter, and the
    /// compressed bytes from there on are another, where there are any.
    private mutating func failStream(
        _ fault: EnvelopeFault, _ compressed: RawSpan, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let layer = layer(0)
        layer.mode = .stopped
        let rest = stopInner(below: 0, to: &consumer)
        let place = "\(fault.detail), at byte \(fault.offset) of the compressed stream"
        if !rest.isEmpty {
            let local = EnvelopeFault(fault.reason, "\(place): what was inflated last", at: rest.count)
            unsafe reject(local, rest.span.bytes, to: &consumer)
        }
        setAside(
            EnvelopeFault(fault.reason, "\(place): the compressed bytes"), compressed,
            isOptional: !rest.isEmpty, isLast: isLast, depth: 0, to: &consumer)
    }

    /// Ends a layer at a fault of its compression: one rejection represents all that is lost. It holds the compressed bytes where
    /// they are at hand, and else what was inflated and not decoded.
    private mutating func fail(
        _ fault: EnvelopeFault, _ bytes: RawSpan, isWhole: Bool, depth: Int,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        let layer = layer(depth)
        layer.mode = .stopped
        expandedBytes -= layer.expandedBytes
        if isWhole {
            stopInner(below: depth, to: &consumer)
            return reject(fault, bytes, to: &consumer)
        }
        if depth > 0, case .gzip = self.layer(depth - 1).mode {
            layer.failure = fault
            return
        }
        let rest = stopInner(below: depth, to: &consumer)
        let local = EnvelopeFault(
            fault.reason, "\(fault.detail), at byte \(fault.offset) of the compressed stream", at: rest.count)
        unsafe reject(local, rest.span.bytes, to: &consumer)
    }

    /// Decodes what is complete in the layers below, and returns what is not.
    @discardableResult
    private mutating func stopInner(
        below depth: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> [UInt8] {
        var rest: [UInt8] = []
        var inner = depth + 1
        while inner <= MessageDecoder.envelopeDepthMax {
            let layer = layer(inner)
            if case .undecided = layer.mode {
                if let mode = decidePending(depth: inner, isLast: true) {
                    settle(mode, depth: inner, isLast: false, to: &consumer)
                }
            }
            if case .text = layer.mode { decodePending(depth: inner, to: &consumer) }
            // What is already handed over in part ends first.
            endParts(depth: inner, to: &consumer)
            if !layer.pending.isEmpty { rest = layer.pending }
            let isGzip = if case .gzip = layer.mode { true } else { false }
            layer.begin(.stopped)
            if !isGzip { break }
            inner += 1
        }
        endForeignLines(to: &consumer)
        return rest
    }
}
