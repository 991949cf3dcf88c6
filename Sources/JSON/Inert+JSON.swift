import Text

extension Inert {
    /// A JSON document that a terminal shows and does not obey: active characters in its strings become escapes, `\u009b`, which
    /// every reader takes for the same characters. Whitespace between tokens is left as it is.
    ///
    /// It works on whole documents, or lines of them, because such characters stand in strings only where JSON is valid.
    /// What is published or printed for people passes through here; records of the pipeline's own keep the fewest escapes.
    public static func json(_ document: [UInt8]) -> [UInt8] {
        let text = unsafe document.span.bytes
        let first = firstBeyondASCII(text)
        if first == document.count { return document }
        var escaped = Array(document[..<first])
        escaped.reserveCapacity(document.count + 16)
        var place = first
        while place < document.count {
            let length = appendEscape(of: text, at: place, to: &escaped)
            if length == 0 { escaped.append(document[place]) }
            place += max(1, length)
        }
        return escaped
    }

    /// The place of the first byte from DEL on, or the end: nearly all documents have none, and are looked at eight bytes at a time.
    private static func firstBeyondASCII(_ text: RawSpan) -> Int {
        var place = 0
        while place &+ 8 <= text.byteCount {
            // Any bytes are a valid integer, and the load checks its bounds.
            let word = unsafe text.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
            // DEL and one more sets the high bit; a carry comes only out of a byte that has it already.
            if (word | (word &+ 0x0101_0101_0101_0101)) & 0x8080_8080_8080_8080 != 0 { break }
            place &+= 8
        }
        while place < text.byteCount, text.byte(place) < 0x7F { place &+= 1 }
        return place
    }

    /// Appends the escape of an active character from DEL on whose UTF-8 begins at `place`, and returns how many bytes it has there;
    /// 0, and nothing appended, where there is none.
    public static func appendEscape(of text: RawSpan, at place: Int, to json: inout [UInt8]) -> Int {
        guard let (scalar, length) = scalar(text, at: place), scalar.isActive else { return 0 }
        for unit in UTF16.encode(scalar)! {
            let digits = String(unit, radix: 16)
            json.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8)
        }
        return length
    }

    /// The character from DEL on that begins at `place`; nil for ASCII and for what is no UTF-8.
    private static func scalar(_ text: RawSpan, at place: Int) -> (Unicode.Scalar, length: Int)? {
        let lead = text.byte(place)
        if lead == 0x7F { return ("\u{7F}", 1) }
        let length: Int
        var value: UInt32
        switch lead {
        case 0xC2..<0xE0: (length, value) = (2, UInt32(lead & 0x1F))
        case 0xE0..<0xF0: (length, value) = (3, UInt32(lead & 0x0F))
        case 0xF0..<0xF5: (length, value) = (4, UInt32(lead & 0x07))
        default: return nil
        }
        guard place + length <= text.byteCount else { return nil }
        for next in place + 1..<place + length {
            let byte = text.byte(next)
            guard byte & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        return Unicode.Scalar(value).map { ($0, length) }
    }
}
