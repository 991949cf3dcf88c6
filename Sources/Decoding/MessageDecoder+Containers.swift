import TelemetryModel
import Text

/// Arrays whose elements are decoded as they come, and the objects around them.
extension MessageDecoder {
    /// Text of log events that is gathered before it is decoded.
    private static let linesBytesMax = 256 << 10

    /// What comes next in an array.
    mutating func element(
        _ text: RawSpan, from place: Int, in kind: OpenContainer.Kind, _ part: TextPart,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        let layer = part.layer
        let index = layer.open.count - 1
        let byte = text.byte(place)
        if byte == 0x5D {
            if layer.open[index].isAfterComma {
                reject(RecordFault(JSONError(.expectedValue, at: place)), place..<place, of: text, to: &consumer)
            }
            layer.open.removeLast()
            return .on(place + 1)
        }
        if !layer.open[index].expectsValue {
            if byte == 0x2C {
                layer.endValue(expectsValue: true)
                return .on(place + 1)
            }
            // A comma that is missing costs no record.
            if byte != 0x7B { return betweenElements(text, from: place, part, to: &consumer) }
        } else if byte == 0x2C {
            reject(RecordFault(JSONError(.expectedValue, at: place)), place..<place, of: text, to: &consumer)
            return .on(place + 1)
        }
        switch kind {
        case .values where byte == 0x7B: return value(text, from: place, inArray: true, part, to: &consumer)
        case .logEvents where byte == 0x7B: return logEvents(text, from: place, part, to: &consumer)
        default: break
        }
        var reader = JSONReader(text, at: place, nestingMax: limits.nestingMax)
        let range: Range<Int>
        do throws(JSONError) {
            range = try reader.skipValue()
        } catch {
            if error.code == .truncated, !part.isLast { return wait(place, limits.expandedBytesMax, part) }
            return broken(text, from: place, error, inArray: true, part, to: &consumer)
        }
        layer.endValue()
        take(text.extracting(range), of: kind, in: part.layer, to: &consumer)
        return .on(range.upperBound)
    }

    /// Takes an element that is there as a whole.
    private mutating func take(
        _ element: RawSpan, of kind: OpenContainer.Kind, in layer: DecodingLayer,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        guard element.byte(0) == 0x7B else {
            return reject(EnvelopeFault(.invalidField, "a record must be a JSON object"), element, to: &consumer)
        }
        switch kind {
        case .wrapped(let wrapping): unwrapElement(element, wrapping, in: layer, to: &consumer)
        case .resourceMetrics:
            var document = Array("{\"resourceMetrics\":[".utf8)
            unsafe element.withUnsafeBytes { unsafe document.append(contentsOf: $0) }
            document.append(contentsOf: "]}".utf8)
            unsafe decodeOTLP(document.span.bytes, to: &consumer)
        case .values, .logEvents, .members: break
        }
    }

    /// What is after an element and is neither a comma nor a bracket.
    private mutating func betweenElements(
        _ text: RawSpan, from place: Int, _ part: TextPart, to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        let layer = part.layer
        guard layer.isMidLine else {
            // The document was cut off, and another text begins.
            layer.open.removeAll()
            reject(RecordFault(JSONError(.truncated, at: place)), place..<place, of: text, to: &consumer)
            return .on(place)
        }
        var end = place
        scan: while end < text.byteCount {
            switch text.byte(end) {
            case 0x2C, 0x5D, 0x7B, 0x0A: break scan
            default: end += 1
            }
        }
        if end == text.byteCount, !part.isLast { return wait(place, limits.recordBytesMax, part) }
        let range = place..<text.trimmed(place..<end)
        reject(RecordFault(JSONError(.expectedCommaOrEnd, at: place)), range, of: text, to: &consumer)
        return .on(end)
    }

    /// What is left of the object around an array: its other members, in which nothing is looked for but a further array.
    mutating func members(
        _ text: RawSpan, from place: Int, of member: OpenContainer.Member, _ part: TextPart,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        let layer = part.layer
        do throws(JSONError) {
            switch text.byte(place) {
            case 0x7D:
                layer.open.removeLast()
                layer.prefersEnvelopes = true
                return .on(place + 1)
            case 0x2C:
                let (key, value) = try text.member(at: place + 1)
                if let elements = member.elements(under: JSONKeys.of(key, in: text)), text.byte(value) == 0x5B {
                    layer.open.append(OpenContainer(kind: elements))
                    return .on(value + 1)
                }
                var reader = JSONReader(text, at: value, nestingMax: limits.nestingMax)
                let end = try reader.skipValue().upperBound
                // A number or word at the end of the text may go on.
                if end == text.byteCount, !part.isLast { return wait(place, limits.expandedBytesMax, part) }
                return .on(end)
            default: throw JSONError(.expectedCommaOrEnd, at: place)
            }
        } catch {
            if error.code == .truncated, !part.isLast { return wait(place, limits.expandedBytesMax, part) }
            // At the start of a line something else begins.
            let end = layer.isMidLine || text.byte(place) == 0x2C ? text.lineEnd(from: place) : place
            if end == text.byteCount, !part.mustResync {
                layer.isBroken = true
                return wait(place, MessageDecoder.brokenBytesMax, part)
            }
            layer.open.removeAll()
            reject(RecordFault(error), place..<text.trimmed(place..<end), of: text, to: &consumer)
            return .on(end)
        }
    }

    // MARK: Log events

    /// The log events of a subscription from `start` on, each message a line of its own.
    private mutating func logEvents(
        _ text: RawSpan, from start: Int, _ part: TextPart, to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        let layer = part.layer
        var lines: [UInt8] = []
        swap(&lines, &layer.unwrapped)
        defer { swap(&lines, &layer.unwrapped) }
        lines.removeAll(keepingCapacity: true)
        var place = start
        while true {
            var reader = JSONReader(text, at: place, nestingMax: limits.nestingMax)
            var message: JSONString?
            var time: Timestamp?
            do throws(JSONError) {
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    if reader.isEqual(key, "message"), try reader.kind() == .string {
                        message = try reader.string()
                    } else if reader.isEqual(key, "timestamp"), try reader.kind() == .number {
                        let number = try reader.number()
                        let milliseconds = try? text.integer(in: number.range, isInteger: number.isInteger) as Int64
                        time = milliseconds.flatMap { Timestamp(milliseconds: $0) }
                    } else {
                        try reader.skipValue()
                    }
                }
            } catch {
                decodeLines(&lines, in: part.layer, to: &consumer)
                layer.endValue(expectsValue: true)
                if error.code == .truncated, !part.isLast { return wait(place, limits.expandedBytesMax, part) }
                return broken(text, from: place, error, inArray: true, part, to: &consumer)
            }
            if let message, !message.contents.isEmpty {
                if message.hasEscapes {
                    reader.unescape(message, into: &lines)
                } else {
                    unsafe text.extracting(message.contents).withUnsafeBytes { unsafe lines.append(contentsOf: $0) }
                }
                lines.append(0x0A)
                decoders.sourceTimes.noteEvent(time, endingAt: lines.count)
            } else {
                // What came before goes first, so that the consumer sees records in their order.
                decodeLines(&lines, in: part.layer, to: &consumer)
                let what = message == nil ? "the log event has no message" : "the log event's message is empty"
                reject(RecordFault(.missingField, what, at: place), place..<reader.offset, of: text, to: &consumer)
            }
            if lines.count >= MessageDecoder.linesBytesMax { decodeLines(&lines, in: part.layer, to: &consumer) }
            let next = text.skippingWhiteSpace(from: reader.offset)
            let following = next < text.byteCount ? text.skippingWhiteSpace(from: next + 1) : next
            guard next < text.byteCount, text.byte(next) == 0x2C, following < text.byteCount,
                text.byte(following) == 0x7B
            else {
                decodeLines(&lines, in: part.layer, to: &consumer)
                layer.endValue()
                return .on(reader.offset)
            }
            place = following
        }
    }

    /// Decodes the messages of log events, each of which has the time of its event, and empties the buffer.
    private mutating func decodeLines(
        _ lines: inout [UInt8], in layer: DecodingLayer, to consumer: inout some EventConsumer & ~Copyable
    ) {
        if lines.isEmpty { return }
        let sourceTimes = decoders.sourceTimes
        sourceTimes.placeEvents(in: unsafe lines.span.bytes)
        unsafe unwrapText(lines.span.bytes, in: inner(of: layer), to: &consumer)
        sourceTimes.forgetEvents()
        lines.removeAll(keepingCapacity: true)
    }
}

extension OpenContainer.Member {
    /// How the elements of an array under a key are decoded, when it is the member's.
    func elements(under key: JSONKeys) -> OpenContainer.Kind? {
        switch (self, key) {
        case (.records, .records): .values
        case (.logEvents, .logEvents): .logEvents
        case (.firehoseRecords, .firehoseRecords): .wrapped(.data)
        case (.messages, .messages): .wrapped(.upperBody)
        case (.events, .events): .wrapped(.trailEvent)
        case (.resourceMetrics, .resourceMetrics): .resourceMetrics
        default: nil
        }
    }
}
