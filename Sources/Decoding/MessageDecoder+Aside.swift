import TelemetryModel

/// The rest of a layer of which nothing can be decoded, such as a gzip stream from a fault on: from a file it goes to the dead
/// letters as one record, in parts as it comes.
extension MessageDecoder {
    /// Sets aside what is pending in a layer, `bytes`, and all that follows.
    ///
    /// What was compressed is not kept beyond what is there: a small file must not fill a disk. Nor is a message, which is
    /// where it came from.
    mutating func setAside(
        _ fault: EnvelopeFault, _ bytes: RawSpan, isOptional: Bool = false, isLast: Bool, in layer: DecodingLayer,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        layer.mode = .setAside(fault, parts: 0)
        layer.isAsideOptional = isOptional
        takeAside(fault, 0, bytes, isLast: isLast, in: layer, to: &consumer)
        if isLast || (isStream && layer.depth == 0) { return }
        if case .setAside(_, let parts) = layer.mode {
            endAside(fault, parts, detail: "; what follows is not kept", in: layer, to: &consumer)
        }
    }

    mutating func takeAside(
        _ fault: EnvelopeFault, _ parts: Int, _ bytes: RawSpan, isLast: Bool, in layer: DecodingLayer,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        layer.append(bytes)
        var parts = parts
        var whole: [UInt8] = []
        swap(&whole, &layer.pending)
        var place = 0
        while whole.count - place > MessageDecoder.partBytesMax {
            let end = place + MessageDecoder.partBytesMax
            unsafe reject(
                fault, whole.span.bytes.extracting(place..<end), part: parts == 0 ? .first : .middle, to: &consumer)
            parts += 1
            place = end
        }
        layer.pending = place == 0 ? whole : Array(whole[place...])
        layer.mode = .setAside(fault, parts: parts)
        if isLast { endAside(fault, parts, detail: "", in: layer, to: &consumer) }
    }

    /// Ends a record of which parts are handed over, where the layer that it is in goes no further.
    mutating func endParts(in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable) {
        if case .setAside(let fault, let parts) = layer.mode, parts > 0 {
            endAside(fault, parts, detail: "", in: layer, to: &consumer)
        } else if let skip = layer.skip, skip.parts > 0 {
            rejectOversize(in: layer, to: &consumer)
        }
    }

    private mutating func endAside(
        _ fault: EnvelopeFault, _ parts: Int, detail: String, in layer: DecodingLayer,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        var rest: [UInt8] = []
        swap(&rest, &layer.pending)
        layer.mode = .stopped
        if rest.isEmpty, parts == 0, layer.isAsideOptional { return }
        unsafe reject(
            EnvelopeFault(fault.reason, "\(fault.detail)\(detail)"), rest.span.bytes,
            part: parts == 0 ? .whole : .last, to: &consumer)
    }
}
