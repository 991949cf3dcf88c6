import CSimd
import Text

/// The pieces of RFC 8259's grammar that both the reader and the scanner need, over borrowed bytes.
///
/// Every access is checked against the span: an offset outside traps, and outside data never leads to one.
extension RawSpan {
    /// Eight bytes as a little-endian number, those past the end as zero.
    @inline(__always)
    func eightBytes(_ offset: Int) -> UInt64 {
        if offset &+ 8 <= byteCount {
            return UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        return lastBytes(offset)
    }

    /// Not inlined: it is the larger part of what calls it, and needed at a payload's end alone.
    @inline(never)
    private func lastBytes(_ offset: Int) -> UInt64 {
        var value: UInt64 = 0
        var place = offset
        while place < byteCount {
            value |= UInt64(byte(place)) &<< UInt64((place &- offset) &* 8)
            place &+= 1
        }
        return value
    }

    /// `csimd_json_string_stops16` at `offset`, which is at least 16 bytes before the end.
    @inline(__always)
    func stringStops(_ offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset &+ 16 <= byteCount, "a vector outside the span")
        return unsafe withUnsafeBytes { buffer in
            unsafe csimd_json_string_stops16(
                buffer.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self) + offset)
        }
    }

    /// Whether the bytes from `offset` are exactly `text`'s.
    func hasBytes(of text: StaticString, at offset: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard offset >= 0, offset <= byteCount, count <= byteCount - offset else { return false }
        for place in 0..<count where text.byte(place) != byte(offset + place) { return false }
        return true
    }

    /// The offset of the first byte that is not part of valid UTF-8 (RFC 3629), or `nil`.
    func utf8Fault(in range: Range<Int>) -> Int? {
        var place = range.lowerBound
        let end = range.upperBound
        while place < end {
            if place &+ 8 <= end, eightBytes(place) & 0x8080_8080_8080_8080 == 0 {
                place &+= 8
                continue
            }
            let lead = byte(place)
            if lead < 0x80 {
                place &+= 1
                continue
            }
            let length =
                switch lead {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 0
                }
            guard length > 0, place &+ length <= end else { return place }
            let second = byte(place &+ 1)
            // The second byte's range shuts out overlong forms, surrogates and what lies past U+10FFFF.
            let allowed: ClosedRange<UInt8> =
                switch lead {
                case 0xE0: 0xA0...0xBF
                case 0xED: 0x80...0x9F
                case 0xF0: 0x90...0xBF
                case 0xF4: 0x80...0x8F
                default: 0x80...0xBF
                }
            guard allowed.contains(second) else { return place }
            for follower in 2..<max(2, length) where byte(place &+ follower) & 0xC0 != 0x80 { return place }
            place &+= length
        }
        return nil
    }

    /// The end of the number that begins at `start`, by RFC 8259's grammar.
    func numberEnd(from start: Int) throws(JSONError) -> (end: Int, isInteger: Bool) {
        let count = byteCount
        var place = start
        func digits() -> Bool {
            let first = place
            while place < count, byte(place) &- 0x30 < 10 { place &+= 1 }
            return place > first
        }
        func fault() -> JSONError {
            place >= count ? JSONError(.truncated, at: count) : JSONError(.invalidNumber, at: place)
        }
        if place < count, byte(place) == 0x2D { place &+= 1 }
        if place < count, byte(place) == 0x30 {
            place &+= 1
            if place < count, byte(place) &- 0x30 < 10 { throw fault() }
        } else if !digits() {
            throw fault()
        }
        var isInteger = true
        if place < count, byte(place) == 0x2E {
            isInteger = false
            place &+= 1
            if !digits() { throw fault() }
        }
        if place < count, byte(place) | 0x20 == 0x65 {
            isInteger = false
            place &+= 1
            if place < count, byte(place) == 0x2B || byte(place) == 0x2D { place &+= 1 }
            if !digits() { throw fault() }
        }
        return (place, isInteger)
    }

    /// The four hexadecimal digits at `offset`, or `nil`.
    func hexadecimal4(_ offset: Int) -> UInt32? {
        guard offset &+ 4 <= byteCount else { return nil }
        var value: UInt32 = 0
        for place in offset..<offset &+ 4 {
            let byte = byte(place)
            let digit: UInt8 =
                switch byte {
                case 0x30...0x39: byte &- 0x30
                case 0x41...0x46, 0x61...0x66: (byte | 0x20) &- 0x57
                default: 16
                }
            if digit > 15 { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// The Unicode scalar that the escape sequence at `offset` (of its backslash) represents, and where it ends.
    ///
    /// Half of a surrogate pair represents no character. The grammar allows it, and software that cuts text writes it, so that it
    /// is read as U+FFFD, as Unicode advises, and costs nothing else.
    func escape(at offset: Int) throws(JSONError) -> (scalar: UInt32, end: Int) {
        guard offset &+ 1 < byteCount else { throw JSONError(.truncated, at: byteCount) }
        switch byte(offset &+ 1) {
        case 0x22: return (0x22, offset &+ 2)
        case 0x5C: return (0x5C, offset &+ 2)
        case 0x2F: return (0x2F, offset &+ 2)
        case 0x62: return (0x08, offset &+ 2)
        case 0x66: return (0x0C, offset &+ 2)
        case 0x6E: return (0x0A, offset &+ 2)
        case 0x72: return (0x0D, offset &+ 2)
        case 0x74: return (0x09, offset &+ 2)
        case 0x75:
            guard let high = hexadecimal4(offset &+ 2) else {
                throw JSONError(offset &+ 6 > byteCount ? .truncated : .invalidEscape, at: offset)
            }
            guard (0xD800..<0xE000).contains(high) else { return (high, offset &+ 6) }
            guard high < 0xDC00, offset &+ 12 <= byteCount, byte(offset &+ 6) == 0x5C, byte(offset &+ 7) == 0x75,
                let low = hexadecimal4(offset &+ 8), (0xDC00..<0xE000).contains(low)
            else { return (0xFFFD, offset &+ 6) }
            return (0x10000 + (high - 0xD800) << 10 + (low - 0xDC00), offset &+ 12)
        default:
            throw JSONError(.invalidEscape, at: offset)
        }
    }

    /// Reads on from the first byte inside a string to its closing quote, checking all of RFC 8259's rules for strings.
    func stringContents(from start: Int) throws(JSONError) -> JSONString {
        let count = byteCount
        var place = start
        var hasEscapes = false
        var isASCII = true
        while true {
            if place &+ 16 <= count {
                let stops = stringStops(place)
                let nearest = UInt32(truncatingIfNeeded: (stops | 0x1_0000).trailingZeroBitCount)
                if stops >> 16 & (1 &<< nearest &- 1) != 0 { isASCII = false }
                place &+= Int(nearest)
                if nearest == 16 { continue }
            } else {
                guard place < count else { throw JSONError(.truncated, at: count) }
                let byte = byte(place)
                if byte >= 0x20, byte != 0x22, byte != 0x5C {
                    if byte >= 0x80 { isASCII = false }
                    place &+= 1
                    continue
                }
            }
            let stop = byte(place)
            if stop == 0x22 { break }
            guard stop == 0x5C else { throw JSONError(.controlCharacter, at: place) }
            hasEscapes = true
            place = try escape(at: place).end
        }
        if !isASCII, let fault = utf8Fault(in: start..<place) { throw JSONError(.invalidUTF8, at: fault) }
        return JSONString(contents: start..<place, hasEscapes: hasEscapes)
    }
}

extension StaticString {
    /// A byte of a literal of the program's own.
    @inline(__always)
    func byte(_ place: Int) -> UInt8 {
        precondition(place >= 0 && place < utf8CodeUnitCount, "a place outside the literal")
        return unsafe utf8Start[place]
    }
}
