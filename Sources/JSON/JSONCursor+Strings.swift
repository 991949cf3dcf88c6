extension JSONCursor {
    public mutating func string() throws(JSONCursorError) -> String {
        guard try peek() == 0x22 else { throw failure(.expected("a string")) }
        let start = offset + 1
        let shape = try scanString()
        let body = bytes[start..<(offset - 1)]
        // The bytes were checked, so that decoding replaces nothing.
        return shape.hasEscapes ? unescaped(body) : String(decoding: body, as: UTF8.self)
    }

    mutating func skipString() throws(JSONCursorError) {
        _ = try scanString()
    }

    private struct StringShape {
        var hasEscapes = false
        var isASCII = true
    }

    /// Takes a string from its opening to its closing quote, checking escapes and UTF-8.
    private mutating func scanString() throws(JSONCursorError) -> StringShape {
        let start = offset + 1
        var shape = StringShape()
        offset = start
        while true {
            offset = unsafe JSONCursor.plainTextEnd(bytes.span.bytes, from: offset)
            guard offset < bytes.count else { throw failure(.endOfInput) }
            let byte = bytes[offset]
            if byte == 0x22 { break }
            if byte == 0x5C {
                shape.hasEscapes = true
                _ = try escape()
            } else if byte < 0x20 {
                throw failure(.controlCharacter)
            } else {
                if byte >= 0x80 { shape.isASCII = false }
                offset += 1
            }
        }
        if !shape.isASCII { try checkUTF8(start..<offset) }
        offset += 1
        isFirst = false
        return shape
    }

    /// The place after what is ASCII and means nothing special, taken eight bytes at a time.
    @inline(__always)
    private static func plainTextEnd(_ text: RawSpan, from start: Int) -> Int {
        var place = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        while place <= text.byteCount &- 8 {
            // Bounds are checked; any eight bytes are an integer.
            let word = unsafe text.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
            // Subtracting one from each byte borrows from a zero byte: quotes and backslashes as zeros, and what is below
            // 0x20. A borrow may mark a byte above another that is marked, which costs a second look and nothing else.
            let quotes = word ^ 0x2222_2222_2222_2222
            let backslashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
            let special = word | (quotes &- ones) | (backslashes &- ones) | (word &- 0x2020_2020_2020_2020)
            if special & 0x8080_8080_8080_8080 != 0 { break }
            place &+= 8
        }
        return place
    }

    private func checkUTF8(_ range: Range<Int>) throws(JSONCursorError) {
        do {
            _ = try UTF8Span(validating: bytes.span.extracting(range))
        } catch {
            throw JSONCursorError(offset: range.lowerBound + error.byteOffsets.lowerBound, reason: .invalidUTF8)
        }
    }

    /// Takes an escape and returns the scalar that it spells.
    private mutating func escape() throws(JSONCursorError) -> Unicode.Scalar {
        guard offset + 1 < bytes.count else {
            throw JSONCursorError(offset: bytes.count, reason: .endOfInput)
        }
        if bytes[offset + 1] == 0x75 { return try unicodeEscape() }
        guard let byte = JSONCursor.escaped(bytes[offset + 1]) else { throw failure(.invalidEscape) }
        offset += 2
        return Unicode.Scalar(byte)
    }

    private static func escaped(_ letter: UInt8) -> UInt8? {
        switch letter {
        case 0x22, 0x5C, 0x2F: letter
        case 0x62: 0x08
        case 0x66: 0x0C
        case 0x6E: 0x0A
        case 0x72: 0x0D
        case 0x74: 0x09
        default: nil
        }
    }

    /// Takes `\uXXXX`, or the two that spell one scalar together; a surrogate without its other half is no text.
    private mutating func unicodeEscape() throws(JSONCursorError) -> Unicode.Scalar {
        let start = offset
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard (0xD800...0xDBFF).contains(unit), offset + 1 < bytes.count, bytes[offset] == 0x5C,
            bytes[offset + 1] == 0x75
        else { throw JSONCursorError(offset: start, reason: .invalidEscape) }
        let low = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(UInt32(unit - 0xD800) << 10 + UInt32(low - 0xDC00) + 0x10000)
        else { throw JSONCursorError(offset: start, reason: .invalidEscape) }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONCursorError) -> UInt16 {
        var value: UInt16 = 0
        for place in offset + 2..<offset + 6 {
            guard place < bytes.count else { throw JSONCursorError(offset: bytes.count, reason: .endOfInput) }
            let byte = bytes[place]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46, 0x61...0x66: digit = (byte | 0x20) - 0x61 + 10
            default: throw failure(.invalidEscape)
            }
            value = value << 4 | UInt16(digit)
        }
        offset += 6
        return value
    }

    /// A body that was scanned, its escapes replaced.
    private func unescaped(_ body: ArraySlice<UInt8>) -> String {
        var cursor = JSONCursor(bytes)
        cursor.offset = body.startIndex
        var text: [UInt8] = []
        text.reserveCapacity(body.count)
        while cursor.offset < body.endIndex {
            if bytes[cursor.offset] == 0x5C, let scalar = try? cursor.escape() {
                text.append(contentsOf: UTF8.encode(scalar)!)
            } else {
                text.append(bytes[cursor.offset])
                cursor.offset += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
