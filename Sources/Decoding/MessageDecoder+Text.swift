import CSimd
import TelemetryModel

/// Text: lines of flow logs, JSON values one after another, and envelopes among them.
extension MessageDecoder {
    mutating func decodeText(
        _ text: RawSpan, depth: Int, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        var record = firstRecord
        var place = text.hasBytes(of: "\u{FEFF}", at: 0) ? 3 : 0
        if depth == 0, foreign != nil,
            let end = takeForeignLines(text, from: place, depth: depth, &record, to: &consumer)
        {
            place = end
        }
        while true {
            place = text.skippingWhiteSpace(from: place)
            guard place < text.byteCount, consumer.wantsMore else { return record - firstRecord }
            let byte = text.byte(place)
            if byte == 0x7B || byte == 0x5B {
                place = decodeValues(text, from: place, depth: depth, &record, to: &consumer)
            } else if let end = takeForeignLines(text, from: place, depth: depth, &record, to: &consumer) {
                place = end
            } else if format == .auto || format == .vpcFlow {
                let lines = decoders.flowLog.decodeLines(
                    text.extracting(place..<text.byteCount), firstRecord: record, stopsAtObjects: true, to: &consumer)
                record += lines.records
                place += lines.end
            } else {
                let end = runEnd(text, from: place, target: format.target)
                record += decoders.decode(
                    text.extracting(place..<end), as: format.target ?? .flowLog, firstRecord: record, to: &consumer)
                place = end
            }
        }
    }

    /// Decodes the object or the array at `start`, with what follows it as far as the same decoder takes it. Returns
    /// where to go on.
    private mutating func decodeValues(
        _ text: RawSpan, from start: Int, depth: Int, _ record: inout Int,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        let shape = shape(text, at: start)
        if shape == .unknown,
            let content = ForeignContent.ofObject(text, at: start, nestingMax: limits.nestingMax)
        {
            return rejectValue(
                text, from: start, &record, because: content.detail(), reason: content.reason, to: &consumer)
        }
        if shape == .unknown || shape.holdsRecords {
            let answers = shape == .metricData && format == .metricStreamJSON
            guard let target = answers ? .metricData : format.target ?? shape.target, !format.isProtobuf else {
                return rejectValue(text, from: start, &record, to: &consumer)
            }
            if target == .flowLog {
                // An object that is no envelope, among flow logs: a line with the wrong number of fields.
                let end = lineEnd(text, from: start)
                record += decoders.decode(
                    text.extracting(start..<end), as: .flowLog, firstRecord: record, to: &consumer)
                return end
            }
            if shape == .records, isStorageNotification(text, at: start) {
                return rejectValue(
                    text, from: start, &record, because: "an S3 notification: it names objects and holds no events",
                    to: &consumer)
            }
            let end = runEnd(text, from: start, target: target)
            record += decoders.decode(text.extracting(start..<end), as: target, firstRecord: record, to: &consumer)
            return end
        }
        return decodeEnvelopes(text, from: start, shape, depth: depth, &record, to: &consumer)
    }

    /// The shape of the object at `start`, or of the first object of the array there.
    func shape(_ text: RawSpan, at start: Int) -> JSONShape {
        var place = start
        if text.byte(place) == 0x5B { place = text.skippingWhiteSpace(from: place + 1) }
        guard place < text.byteCount, text.byte(place) == 0x7B else { return .unknown }
        return JSONShape.of(text, at: place, nestingMax: limits.nestingMax)
    }

    /// The start of the first line after `start` that is for another decoder, or the end.
    ///
    /// Only a line after one that ended with a closing bracket can be. Most begin with the same key as the first, and are not
    /// looked at any further.
    private func runEnd(_ text: RawSpan, from start: Int, target: RecordDecoders.Target?) -> Int {
        var place = start
        while true {
            let next = lineEnd(text, from: place)
            guard next < text.byteCount else { return text.byteCount }
            let byte = text.byte(next)
            let isBracket = byte == 0x7B || byte == 0x5B
            if isBracket, !beginsAlike(text, start, next), endsValue(text, before: next) {
                let shape = shape(text, at: next)
                if shape != .unknown, !shape.holdsRecords { return next }
                if let own = shape.target, format == .auto, own != target { return next }
            } else if !isBracket, format == .auto, beginsText(byte), endsValue(text, before: next) {
                return next
            }
            place = next
        }
    }

    /// Whether two lines have the first sixteen bytes in common: an opening bracket and the better part of a key.
    private func beginsAlike(_ text: RawSpan, _ first: Int, _ second: Int) -> Bool {
        guard second + 16 <= text.byteCount else { return false }
        return text.eightBytes(first) == text.eightBytes(second)
            && text.eightBytes(first + 8) == text.eightBytes(second + 8)
    }

    /// Whether a line beginning with `byte` is no part of a JSON value printed over several lines.
    private func beginsText(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x22, 0x2C, 0x5D, 0x7D: false
        default: !JSONByte.isWhiteSpace(byte)
        }
    }

    private func endsValue(_ text: RawSpan, before offset: Int) -> Bool {
        let end = text.trimmed(0..<offset)
        return end > 0 && (text.byte(end - 1) == 0x7D || text.byte(end - 1) == 0x5D)
    }

    /// The start of the next line, or the end of the text.
    func lineEnd(_ text: RawSpan, from start: Int) -> Int {
        let rest = text.extracting(start..<text.byteCount)
        let length = unsafe rest.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            return unsafe csimd_find(base.assumingMemoryBound(to: UInt8.self), bytes.count, 0x0A)
        }
        return min(start + length + 1, text.byteCount)
    }

    /// Whether `{"Records": […]}` holds S3's notifications. Their records have the same keys as CloudTrail's.
    private func isStorageNotification(_ text: RawSpan, at start: Int) -> Bool {
        var reader = JSONReader(text, at: start, nestingMax: limits.nestingMax)
        do throws(JSONError) {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard reader.isEqual(key, "Records") else {
                    try reader.skipValue()
                    continue
                }
                guard try reader.kind() == .array else { return false }
                try reader.beginArray()
                guard try reader.nextElement(), try reader.kind() == .object else { return false }
                try reader.beginObject()
                while let inner = try reader.nextKey() {
                    if reader.isEqual(inner, "eventSource") {
                        guard try reader.kind() == .string else { return false }
                        return reader.isEqual(try reader.string(), "aws:s3")
                    }
                    try reader.skipValue()
                }
                return false
            }
        } catch {
            return false
        }
        return false
    }

    /// Rejects one value that no decoder takes. Returns where to go on.
    func rejectValue(
        _ text: RawSpan, from start: Int, _ record: inout Int, because detail: String? = nil,
        reason: RejectionReason = .unsupported, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        var reader = JSONReader(text, at: start, nestingMax: limits.nestingMax)
        do throws(JSONError) {
            let range = try reader.skipValue()
            let fault =
                detail.map { EnvelopeFault(reason, $0) }
                ?? EnvelopeFault(.unknownFormat, "a JSON value whose keys belong to no known format")
            record += reject(fault, text.extracting(range), record, to: &consumer)
            return range.upperBound
        } catch {
            let end = text.lineEnd(from: start)
            let fault = EnvelopeFault(error.reason, error.detail, at: error.offset - start)
            record += reject(fault, text.extracting(start..<text.trimmed(start..<end)), record, to: &consumer)
            return end
        }
    }
}
