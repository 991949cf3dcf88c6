import CSimd
import TelemetryModel
import Text

/// Text as it comes: what is complete is decoded in place, the rest waits for more.
extension MessageDecoder {
    /// From so many bytes on an envelope is not waited for: it is opened as far as it is known.
    static let earlyBytesMin = 64 << 10
    /// How long the end of a broken value is looked for before its line's end must do.
    static let brokenBytesMax = 1 << 20
    /// Parts of a text are no larger: places in rows are 32 bits wide.
    private static let spanBytesMax = 1 << 30

    /// Takes the next bytes of a text.
    mutating func takeText(
        _ bytes: RawSpan, in layer: DecodingLayer, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        var rest = bytes
        while rest.byteCount > MessageDecoder.spanBytesMax {
            takePart(rest.extracting(0..<MessageDecoder.spanBytesMax), in: layer, isLast: false, to: &consumer)
            rest = rest.extracting(MessageDecoder.spanBytesMax..<rest.byteCount)
        }
        takePart(rest, in: layer, isLast: isLast, to: &consumer)
    }

    private mutating func takePart(
        _ bytes: RawSpan, in layer: DecodingLayer, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) {
        var place = passOversize(bytes, from: 0, in: layer, to: &consumer)
        // What straddles two parts is copied up to its end, and decoding goes on in place.
        while !layer.pending.isEmpty, layer.skip == nil {
            if place == bytes.byteCount, !isLast { return }
            let before = layer.pending.count
            let end = pieceEnd(bytes, from: place, pending: before)
            layer.append(bytes.extracting(place..<end))
            place = end
            let isAtEnd = place == bytes.byteCount
            let endsLine = layer.pending.last == 0x0A && layer.pending.count < MessageDecoder.earlyBytesMin
            guard endsLine || layer.pending.count >= layer.retryAt || (isAtEnd && isLast) else { continue }
            let consumed = decodePending(in: layer, isLast: isAtEnd && isLast, to: &consumer)
            if isAtEnd && isLast, layer.skip == nil { return }
            if consumed >= before, layer.skip == nil {
                place -= layer.pending.count
                layer.pending.removeAll(keepingCapacity: true)
            } else {
                place = passOversize(bytes, from: place, in: layer, to: &consumer)
            }
        }
        if layer.skip != nil {
            if isLast { rejectOversize(in: layer, to: &consumer) }
            return
        }
        let part = bytes.extracting(place..<bytes.byteCount)
        let consumed = decodeText(part, in: layer, isLast: isLast, to: &consumer)
        guard consumed < part.byteCount else { return }
        layer.append(part.extracting(consumed..<part.byteCount))
        hold(in: layer, to: &consumer)
    }

    /// How much to add to what is pending before it is looked at: a line, or as much again.
    private func pieceEnd(_ bytes: RawSpan, from place: Int, pending: Int) -> Int {
        let end = min(bytes.byteCount, place + max(pending, MessageDecoder.earlyBytesMin))
        let line = bytes.extracting(place..<end)
        return place + (line.newline(from: 0).map { $0 + 1 } ?? line.byteCount)
    }

    /// Decodes what is pending as far as it is complete. Returns how many of its bytes that was.
    @discardableResult
    mutating func decodePending(
        in layer: DecodingLayer, isLast: Bool = false, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        if layer.skip != nil { return 0 }
        var whole: [UInt8] = []
        swap(&whole, &layer.pending)
        let consumed = unsafe decodeText(whole.span.bytes, in: layer, isLast: isLast, to: &consumer)
        whole.removeSubrange(0..<consumed)
        swap(&whole, &layer.pending)
        hold(in: layer, to: &consumer)
        return consumed
    }

    // MARK: From one part of the text to the next

    /// Decodes a text from the layer's position in it. Returns how many bytes are done with: all of them when it is the last
    /// of the text.
    private mutating func decodeText(
        _ text: RawSpan, in layer: DecodingLayer, isLast: Bool, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        searchBudget = text.byteCount * 4
        layer.isBroken = false
        let mustResync = isLast || text.byteCount > MessageDecoder.brokenBytesMax
        let part = TextPart(layer: layer, isLast: isLast, mustResync: mustResync)
        var place = 0
        while true {
            if foreign != nil, layer.depth == textDepth, place < text.byteCount {
                let end = text.lastLineEnd(isLast: isLast, from: place)
                if end == place {
                    layer.pendingMax = limits.recordBytesMax
                    return place
                }
                place =
                    takeForeignLines(
                        text.extracting(0..<end), from: place, in: layer, carries: carries(part), to: &consumer)
                    ?? place
                if foreign != nil { continue }
            }
            while place < text.byteCount {
                let byte = text.byte(place)
                if byte == 0x0A { layer.isMidLine = false }
                // A record separator is before each text of a JSON sequence (RFC 7464).
                if JSONByte.isWhiteSpace(byte) || (byte == 0x1E && layer.open.isEmpty) {
                    place &+= 1
                } else if layer.open.isEmpty, byte == 0xEF, text.hasBytes(of: "\u{FEFF}", at: place) {
                    place &+= 3
                } else {
                    break
                }
            }
            guard place < text.byteCount else { break }
            let step =
                switch layer.open.last?.kind {
                case nil: topLevel(text, from: place, part, to: &consumer)
                case .members(let member)?: members(text, from: place, of: member, part, to: &consumer)
                case .some(let kind): element(text, from: place, in: kind, part, to: &consumer)
                }
            switch step {
            case .wait(let start):
                layer.pendingMax = max(layer.pendingMax, 1)
                return start
            case .on(let next):
                if next > place { layer.isMidLine = text.byte(next &- 1) != 0x0A }
                place = next
            }
            if isStream, layer.depth == textDepth { expandedBytes = 0 }
            if !consumer.wantsMore {
                layer.open.removeAll()
                return text.byteCount
            }
        }
        if isLast, layer.depth == textDepth { endForeignLines(to: &consumer) }
        if isLast, !layer.open.isEmpty {
            layer.open.removeAll()
            reject(RecordFault(JSONError(.truncated, at: place)), place..<place, of: text, to: &consumer)
        }
        return text.byteCount
    }

    private mutating func topLevel(
        _ text: RawSpan, from place: Int, _ part: TextPart, to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        let byte = text.byte(place)
        if byte == 0x7B { return value(text, from: place, inArray: false, part, to: &consumer) }
        guard byte == 0x5B else {
            if JSONByte.isControl(byte), let step = controls(text, from: place, part, to: &consumer) { return step }
            return line(text, from: place, part, to: &consumer)
        }
        let first = text.skippingWhiteSpace(from: place + 1)
        if first == text.byteCount, !part.isLast { return wait(place, limits.recordBytesMax, part) }
        guard first < text.byteCount, JSONByte.isBracket(text.byte(first)) || text.byte(first) == 0x5D else {
            return line(text, from: place, part, to: &consumer)
        }
        part.layer.open.append(OpenContainer(kind: .values))
        return .on(place + 1)
    }

    /// Control characters alone in their line or before a value, such as the zeros of a file that was not written to
    /// its end: they cost nothing but themselves. `nil` when something else follows in the line, which they then belong to.
    private mutating func controls(
        _ text: RawSpan, from place: Int, _ part: TextPart, to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep? {
        var end = place
        while end < text.byteCount, JSONByte.isControl(text.byte(end)) { end += 1 }
        if end == text.byteCount, !part.isLast { return wait(place, limits.recordBytesMax, part) }
        guard
            end == text.byteCount || JSONByte.isBracket(text.byte(end))
                || text.byte(end) == 0x0A || text.byte(end) == 0x0D
        else { return nil }
        reject(
            RecordFault(.invalidJSON, "control characters where a record belongs", at: place), place..<end, of: text,
            to: &consumer)
        return .on(end)
    }

    func wait(_ place: Int, _ bytesMax: Int, _ part: TextPart) -> TextStep {
        part.layer.pendingMax = bytesMax
        return .wait(place)
    }

    // MARK: Lines

    /// What begins with no bracket: lines of flow logs, or what belongs to nothing.
    private mutating func line(
        _ text: RawSpan, from place: Int, _ part: TextPart, to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        let isMidLine = part.layer.isMidLine
        if isMidLine { return foreign(text, from: place, isMidLine: true, part, to: &consumer) }
        let end = text.lastLineEnd(isLast: part.isLast, from: place)
        if end == place { return wait(place, limits.recordBytesMax, part) }
        if let end = takeForeignLines(
            text.extracting(0..<end), from: place, in: part.layer, carries: carries(part), to: &consumer)
        {
            return .on(end)
        }
        guard format == .auto || format == .vpcFlow else {
            return foreign(text, from: place, isMidLine: false, part, to: &consumer)
        }
        let lines = decoders.flowLog.decodeLines(
            text.extracting(place..<end), firstRecord: nextRecord, stopsAtObjects: true, to: &consumer)
        nextRecord += lines.records
        if lines.end > 0 { return .on(min(place + lines.end, end)) }
        // It begins as no line does, and nothing else takes it.
        let newline = min(text.nextLine(from: place), end)
        nextRecord += decoders.decode(
            text.extracting(place..<newline), as: .flowLog, firstRecord: nextRecord, to: &consumer)
        return .on(newline)
    }

    /// Whether lines of something that is not read may go on in the next part.
    private func carries(_ part: TextPart) -> Bool {
        isStream && !part.isLast && part.layer.depth == textDepth
    }

    /// A line that is no record: one rejection, however many values it would be read as. What is behind a value in its line
    /// goes no further than the next object.
    private mutating func foreign(
        _ text: RawSpan, from place: Int, isMidLine: Bool, _ part: TextPart,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        var end = place
        while end < text.byteCount, text.byte(end) != 0x0A, !isMidLine || text.byte(end) != 0x7B { end += 1 }
        if end == text.byteCount, !part.isLast { return wait(place, limits.recordBytesMax, part) }
        let range = place..<text.trimmed(place..<end)
        guard range.count <= limits.recordBytesMax else {
            reject(
                RecordFault(.tooLarge, "more than \(limits.recordBytesText)", at: place), range, of: text, to: &consumer
            )
            return .on(end)
        }
        var reader = JSONReader(text, at: place, nestingMax: limits.nestingMax)
        var fault = RecordFault(.invalidField, "a record must be a JSON object", at: place)
        do throws(JSONError) {
            if isMidLine { throw JSONError(.trailingBytes, at: place) }
            if try reader.skipValue().upperBound != range.upperBound {
                fault = RecordFault(.invalidJSON, "a record must be a JSON object, alone in its line", at: place)
            }
        } catch {
            fault = RecordFault(error)
        }
        reject(fault, range, of: text, to: &consumer)
        return .on(end)
    }

    /// An object that is no envelope, among flow logs: a line with the wrong number of fields.
    mutating func flowLine(
        _ text: RawSpan, from place: Int, _ part: TextPart, to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        let newline = text.newline(from: place)
        if newline == nil, !part.isLast { return wait(place, limits.recordBytesMax, part) }
        let end = newline.map { $0 + 1 } ?? text.byteCount
        nextRecord += decoders.decode(
            text.extracting(place..<end), as: .flowLog, firstRecord: nextRecord, to: &consumer)
        return .on(end)
    }
}

/// What a step needs to know of the text that it is taken in.
struct TextPart {
    let layer: DecodingLayer
    /// Whether no more of the text will come.
    let isLast: Bool
    /// Whether the end of a broken value must be found in what is there.
    let mustResync: Bool
}

enum TextStep {
    /// Decoding goes on at a place.
    case on(Int)
    /// What begins at a place is not complete.
    case wait(Int)
}

extension DecodingLayer {
    /// Notes that a value of the innermost array has ended.
    func endValue(expectsValue: Bool = false) {
        guard let last = open.indices.last else { return }
        open[last].expectsValue = expectsValue
        open[last].isAfterComma = expectsValue
    }
}

extension RawSpan {
    /// The start of the next line, or the end of the text.
    func nextLine(from start: Int) -> Int {
        newline(from: start).map { $0 + 1 } ?? byteCount
    }

    /// The end of the last line that is complete; `start` when there is none.
    func lastLineEnd(isLast: Bool, from start: Int) -> Int {
        var end = byteCount
        if !isLast {
            while end > start, byte(end - 1) != 0x0A { end -= 1 }
        }
        return end
    }

    /// The next line feed.
    func newline(from start: Int) -> Int? {
        let rest = extracting(start..<byteCount)
        let length = unsafe rest.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            return unsafe csimd_find(base.assumingMemoryBound(to: UInt8.self), bytes.count, 0x0A)
        }
        return length < rest.byteCount ? start + length : nil
    }
}
