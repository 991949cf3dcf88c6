import TelemetryModel

/// gzip around what is decoded: all at once by libdeflate where all of it is there and within the limits, and else step by step by
/// zlib. Both hand it on in the same parts, so that the same records and faults come of it.
extension MessageDecoder {
    /// Bytes inflated before they are decoded: small enough for a level-2 cache.
    static let inflatedChunkBytes = 256 << 10
    /// Compressed bytes that are kept while nothing has come out of them.
    static let prefixBytesMax = 64 << 10

    // MARK: At once

    /// Inflates the whole of a layer's bytes. False, with nothing changed, where that is for zlib: what is broken or too large.
    mutating func inflateWhole(_ bytes: RawSpan, in layer: DecodingLayer) -> Bool {
        let isLimited = !isStream || layer.depth > 0
        let room = isLimited ? limits.expandedBytesMax - expandedBytes : Int.max
        guard wholeInflater.inflate(bytes, into: &layer.inflated, outputMax: min(room, inflatedWholeMax)) else {
            return false
        }
        layer.handed = 0
        inner(of: layer).begin()
        return true
    }

    /// The same for a stream of which nothing was taken yet.
    mutating func beginWhole(_ bytes: RawSpan) -> Bool {
        let layer = outermost
        guard case .undecided = layer.mode, layer.pending.isEmpty, bytes.byteCount >= 3, GzipInflater.isGzip(bytes),
            inflateWhole(bytes, in: layer)
        else { return false }
        layer.mode = .gzip
        return true
    }

    /// Hands the next part of what was inflated at once to the layer below. False when nothing is left.
    mutating func handInflated(
        _ bytes: RawSpan, isMessage: Bool, in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable
    ) -> Bool {
        // Moved out, so that its bytes can be borrowed while the rest changes.
        var buffer: [UInt8] = []
        swap(&buffer, &layer.inflated)
        defer {
            // The next file of a stream takes about as much, and new memory costs a tenth of what inflating into it does.
            let isKept = isStream && layer.depth == 0
            if layer.isStopped, !isKept, buffer.capacity > MessageDecoder.keptBytesMax { buffer = [] }
            swap(&buffer, &layer.inflated)
        }
        let part = layer.handed..<min(layer.handed + MessageDecoder.inflatedChunkBytes, buffer.count)
        layer.handed = part.upperBound
        let isEnd = part.isEmpty || !consumer.wantsMore
        if !isEnd {
            layer.hasOutput = true
            if !isStream || layer.depth > 0 {
                let room = limits.expandedBytesMax - expandedBytes + 1
                expandedBytes += part.count
                layer.expandedBytes += part.count
                // Not its own doing: what is in it has expanded as well.
                if expandedBytes > limits.expandedBytesMax {
                    let offset = consumed(of: bytes, upTo: part.lowerBound + min(room, part.count), in: layer)
                    let fault = EnvelopeFault(GzipError(cause: .tooLarge, offset: offset), limits: limits)
                    fail(fault, bytes, isWhole: isMessage, in: layer, to: &consumer)
                    return false
                }
            }
        }
        unsafe take(buffer.span.bytes.extracting(part), in: inner(of: layer), isLast: isEnd, to: &consumer)
        if let failure = inner(of: layer).failure {
            fail(failure, bytes, isWhole: isMessage, in: layer, to: &consumer)
        } else if isEnd || inner(of: layer).isStopped {
            layer.mode = .stopped
        }
        return !layer.isStopped
    }

    /// How many compressed bytes zlib takes for the first `count` of what comes out.
    private mutating func consumed(of bytes: RawSpan, upTo count: Int, in layer: DecodingLayer) -> Int {
        var scratch: [UInt8] = []
        var taken = 0
        var made = 0
        do throws(GzipError) {
            try layer.inflater.begin()
            repeat {
                scratch.removeAll(keepingCapacity: true)
                taken += try layer.inflater.inflate(
                    bytes.extracting(taken..<bytes.byteCount), into: &scratch,
                    outputMax: min(MessageDecoder.inflatedChunkBytes, count - made))
                made += scratch.count
            } while made < count && !scratch.isEmpty
        } catch {}
        return layer.inflater.consumed
    }

    // MARK: Step by step

    /// Takes the next bytes of a layer that is gzip.
    mutating func inflate(
        _ bytes: RawSpan, in layer: DecodingLayer, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let isBeginning = layer.retryAt == 0
        if isLast, isBeginning, inflateWhole(bytes, in: layer) {
            while handInflated(bytes, isMessage: true, in: layer, to: &consumer) {}
            return
        }
        let consumedBefore = isBeginning ? 0 : layer.inflater.consumed
        // Moved out, so that its bytes can be borrowed while the rest changes.
        var buffer: [UInt8] = []
        swap(&buffer, &layer.inflated)
        defer { swap(&buffer, &layer.inflated) }
        let isLimited = !isStream || layer.depth > 0
        var taken = 0
        do throws(GzipError) {
            if layer.retryAt == 0 {
                try layer.inflater.begin()
                inner(of: layer).begin()
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
                unsafe take(buffer.span.bytes, in: inner(of: layer), isLast: false, to: &consumer)
                if let failure = inner(of: layer).failure {
                    return fail(failure, bytes, isWhole: isLast && isBeginning, in: layer, to: &consumer)
                }
                // Something as a whole that is too large: nothing that it goes on to expand to can become a record.
                if case .stopped = inner(of: layer).mode {
                    layer.mode = .stopped
                    return
                }
            }
            if isLast {
                try layer.inflater.end()
                let nothing: [UInt8] = []
                unsafe take(nothing.span.bytes, in: inner(of: layer), isLast: true, to: &consumer)
                if let failure = inner(of: layer).failure {
                    return fail(failure, bytes, isWhole: isBeginning, in: layer, to: &consumer)
                }
                layer.mode = .stopped
            }
        } catch {
            // What was inflated before the fault counts.
            if error.cause != .tooLarge {
                unsafe take(buffer.span.bytes, in: inner(of: layer), isLast: false, to: &consumer)
            }
            if !buffer.isEmpty { layer.hasOutput = true }
            let nothing: [UInt8] = []
            // Before what follows the end of the stream, all of it is there.
            if error.cause == .trailingBytes {
                unsafe take(nothing.span.bytes, in: inner(of: layer), isLast: true, to: &consumer)
            }
            let fault = EnvelopeFault(error, limits: limits)
            if isStream, layer.depth == 0, error.cause != .tooLarge {
                let place = layer.hasOutput ? min(layer.inflater.consumed - consumedBefore, bytes.byteCount) : 0
                return failStream(
                    fault, bytes.extracting(place..<bytes.byteCount), isLast: isLast, to: &consumer)
            }
            return fail(fault, bytes, isWhole: isLast && isBeginning, in: layer, to: &consumer)
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
        let layer = outermost
        layer.mode = .stopped
        let rest = stopInner(below: layer, to: &consumer)
        let place = "\(fault.detail), at byte \(fault.offset) of the compressed stream"
        if !rest.isEmpty {
            let local = EnvelopeFault(fault.reason, "\(place): what was inflated last", at: rest.count)
            unsafe reject(local, rest.span.bytes, to: &consumer)
        }
        setAside(
            EnvelopeFault(fault.reason, "\(place): the compressed bytes"), compressed,
            isOptional: !rest.isEmpty, isLast: isLast, in: layer, to: &consumer)
    }

    /// Ends a layer at a fault of its compression: one rejection represents all that is lost. It holds the compressed bytes where
    /// they are at hand, and else what was inflated and not decoded.
    private mutating func fail(
        _ fault: EnvelopeFault, _ bytes: RawSpan, isWhole: Bool, in layer: DecodingLayer,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        layer.mode = .stopped
        expandedBytes -= layer.expandedBytes
        if isWhole {
            stopInner(below: layer, to: &consumer)
            return reject(fault, bytes, to: &consumer)
        }
        if layer.depth > 0, case .gzip = layers[layer.depth - 1].mode {
            layer.failure = fault
            return
        }
        let rest = stopInner(below: layer, to: &consumer)
        let local = EnvelopeFault(
            fault.reason, "\(fault.detail), at byte \(fault.offset) of the compressed stream", at: rest.count)
        unsafe reject(local, rest.span.bytes, to: &consumer)
    }

    /// Decodes what is complete in the layers below, and returns what is not.
    @discardableResult
    private mutating func stopInner(
        below layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable
    ) -> [UInt8] {
        var rest: [UInt8] = []
        var outer = layer
        while outer.depth < MessageDecoder.envelopeDepthMax {
            let layer = inner(of: outer)
            if case .undecided = layer.mode {
                if let mode = decidePending(in: layer, isLast: true) {
                    settle(mode, in: layer, isLast: false, to: &consumer)
                }
            }
            if case .text = layer.mode { decodePending(in: layer, to: &consumer) }
            // What is already handed over in part ends first.
            endParts(in: layer, to: &consumer)
            if !layer.pending.isEmpty { rest = layer.pending }
            let isGzip = if case .gzip = layer.mode { true } else { false }
            layer.begin(.stopped)
            if !isGzip { break }
            outer = layer
        }
        endForeignLines(to: &consumer)
        return rest
    }
}
