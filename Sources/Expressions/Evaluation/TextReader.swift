import Text

/// Reads the bytes of a text one by one, undoing JSON's escapes where there are any.
///
/// The text is the inside of a JSON string that the decoder found valid; what is malformed all the same reads as U+FFFD.
struct TextReader: ~Escapable {
    private let text: RawSpan
    private let isEscaped: Bool
    private var place = 0
    /// Bytes of a decoded scalar that are still to be given out, the next one lowest.
    private var pending: UInt32 = 0

    @_lifetime(copy text)
    init(_ text: RawSpan, isEscaped: Bool) {
        self.text = text
        self.isEscaped = isEscaped
    }

    @_lifetime(self: copy self)
    mutating func next() -> UInt8? {
        if pending != 0 {
            let byte = UInt8(truncatingIfNeeded: pending)
            pending >>= 8
            return byte
        }
        guard place < text.byteCount else { return nil }
        let byte = text.byte(place)
        place &+= 1
        if byte != UInt8(ascii: "\\") || !isEscaped { return byte }
        return unescape()
    }

    @_lifetime(self: copy self)
    private mutating func unescape() -> UInt8 {
        guard place < text.byteCount else { return UInt8(ascii: "\\") }
        let letter = text.byte(place)
        place &+= 1
        switch letter {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): return scalar()
        default: return letter
        }
    }

    @_lifetime(self: copy self)
    private mutating func scalar() -> UInt8 {
        var value = hexadecimal() ?? 0xFFFD
        if value & 0xFC00 == 0xD800, place &+ 1 < text.byteCount,
            text.byte(place) == UInt8(ascii: "\\"),
            text.byte(place &+ 1) == UInt8(ascii: "u")
        {
            let mark = place
            place &+= 2
            if let low = hexadecimal(), low & 0xFC00 == 0xDC00 {
                value = 0x1_0000 &+ (value & 0x3FF) << 10 &+ (low & 0x3FF)
            } else {
                place = mark
            }
        }
        if value & 0xFFFF_F800 == 0xD800 { value = 0xFFFD }
        switch value {
        case ..<0x80:
            return UInt8(truncatingIfNeeded: value)
        case ..<0x800:
            pending = continuation(value)
            return UInt8(truncatingIfNeeded: 0xC0 | value >> 6)
        case ..<0x1_0000:
            pending = continuation(value >> 6) | continuation(value) << 8
            return UInt8(truncatingIfNeeded: 0xE0 | value >> 12)
        default:
            pending = continuation(value >> 12) | continuation(value >> 6) << 8 | continuation(value) << 16
            return UInt8(truncatingIfNeeded: 0xF0 | value >> 18)
        }
    }

    private func continuation(_ value: UInt32) -> UInt32 { 0x80 | value & 0x3F }

    @_lifetime(self: copy self)
    private mutating func hexadecimal() -> UInt32? {
        guard text.byteCount &- place >= 4 else {
            place = text.byteCount
            return nil
        }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = text.byte(place)
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte &- 0x30
            case 0x41...0x46: digit = byte &- 0x37
            case 0x61...0x66: digit = byte &- 0x57
            default: return nil
            }
            value = value << 4 | UInt32(digit)
            place &+= 1
        }
        return value
    }
}
