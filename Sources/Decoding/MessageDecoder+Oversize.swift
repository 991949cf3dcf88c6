import TelemetryModel

/// What is too large to be decoded: from a stream it goes to the dead letters whole, as one record, in parts as it comes.
///
/// Of a message the first part is kept: the message itself is where it came from. What was compressed is kept up to
/// `expandedBytesMax`, so that a small file can't fill a disk.
extension MessageDecoder {
    /// Bytes of a part, a multiple of three. More than the 900,000 that a dead letter in Kafka holds.
    static let partBytesMax = 3 * 349_525

    private var partBytes: Int { min(MessageDecoder.partBytesMax, max(limits.recordBytesMax / 3 * 3, 3)) }

    /// Keeps what is incomplete for later, unless it is too large: then it goes out in parts up to where it ends.
    mutating func hold(in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable) {
        let count = layer.pending.count
        guard count > 0 else {
            layer.retryAt = 0
            return
        }
        guard count > layer.pendingMax else {
            layer.retryAt = min(count * 2, layer.pendingMax + 1)
            return
        }
        layer.retryAt = 0
        // The end of a broken value is not looked for any further.
        if layer.isBroken { return }
        var skip = OversizeSkip(isLine: !JSONByte.isBracket(layer.pending[0]))
        let taken = unsafe skip.take(layer.pending.span.bytes)
        var whole: [UInt8] = []
        swap(&whole, &layer.pending)
        layer.skip = skip
        unsafe keep(whole.span.bytes.extracting(0..<taken), in: layer, to: &consumer)
        guard skip.isAtEnd else { return }
        rejectOversize(in: layer, to: &consumer)
        layer.pending = Array(whole[taken...])
    }

    /// Takes the rest of what is too large. Returns where it ends.
    mutating func passOversize(
        _ bytes: RawSpan, from place: Int, in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        guard var skip = layer.skip else { return place }
        let rest = bytes.extracting(place..<bytes.byteCount)
        let taken = skip.take(rest)
        layer.skip = skip
        keep(rest.extracting(0..<taken), in: layer, to: &consumer)
        if skip.isAtEnd { rejectOversize(in: layer, to: &consumer) }
        return place + taken
    }

    /// Adds bytes to the part at hand, and hands over each part that is full before another begins.
    private mutating func keep(
        _ bytes: RawSpan, in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let keptMax = !isStream ? partBytes : layer.depth > 0 ? limits.expandedBytesMax : Int.max
        var place = 0
        while place < bytes.byteCount, let skip = layer.skip, skip.kept < keptMax {
            if layer.pending.count == partBytes { rejectPart(in: layer, to: &consumer) }
            let end = min(bytes.byteCount, place + min(partBytes - layer.pending.count, keptMax - skip.kept))
            layer.append(bytes.extracting(place..<end))
            layer.skip?.kept += end - place
            place = end
        }
    }

    private mutating func rejectPart(in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable) {
        guard let skip = layer.skip else { return }
        endForeignLines(to: &consumer)
        layer.skip?.parts += 1
        var part: [UInt8] = []
        swap(&part, &layer.pending)
        let fault = EnvelopeFault(
            .tooLarge, "\(skip.name) of more than \(limitText(of: layer))")
        unsafe reject(fault, part.span.bytes, part: skip.parts == 0 ? .first : .middle, to: &consumer)
        part.removeAll(keepingCapacity: true)
        swap(&part, &layer.pending)
    }

    /// Hands over the last part, or the only one.
    mutating func rejectOversize(in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable) {
        guard let skip = layer.skip else { return }
        endForeignLines(to: &consumer)
        var part: [UInt8] = []
        swap(&part, &layer.pending)
        while skip.isLine, part.last == 0x0A || part.last == 0x0D { part.removeLast() }
        layer.skip = nil
        layer.isMidLine = !skip.isLine
        if !layer.open.isEmpty { layer.endValue() }
        let cut = skip.kept < skip.bytes ? "; its first \(skip.kept) bytes are kept" : ""
        let fault = EnvelopeFault(
            .tooLarge, "\(skip.name) of \(skip.bytes) bytes, more than \(limitText(of: layer))\(cut)")
        unsafe reject(fault, part.span.bytes, part: skip.parts == 0 ? .whole : .last, to: &consumer)
    }

    private func limitText(of layer: DecodingLayer) -> String {
        layer.pendingMax == limits.expandedBytesMax ? limits.expandedBytesText : limits.recordBytesText
    }
}
