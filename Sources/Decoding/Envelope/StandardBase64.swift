import Text

/// Base64 as RFC 4648, section 4, defines it: the standard alphabet, with padding.
enum StandardBase64 {
    /// Replaces `output` by what `text` represents in any other form that means only one thing: broken into lines as MIME and
    /// `base64` do it, without padding, or in the alphabet of section 5, which is safe in addresses. False when it is none.
    static func decodeLoose(_ text: RawSpan, into output: inout [UInt8]) -> Bool {
        output.removeAll(keepingCapacity: true)
        var plain: [UInt8] = []
        plain.reserveCapacity(text.byteCount + 3)
        for place in 0..<text.byteCount {
            switch text.byte(place) {
            case 0x0A, 0x0D, 0x20, 0x09: break
            case 0x2D: plain.append(0x2B)
            case 0x5F: plain.append(0x2F)
            case let byte: plain.append(byte)
            }
        }
        // One character alone is no byte.
        if plain.count % 4 > 1, plain.last != 0x3D {
            while plain.count % 4 != 0 { plain.append(0x3D) }
        }
        return unsafe decode(plain.span.bytes, into: &output) == nil
    }

    /// Appends what `text` represents, and returns `nil`; or returns the offset of the byte that makes it invalid.
    static func decode(_ text: RawSpan, into output: inout [UInt8]) -> Int? {
        let count = text.byteCount
        guard count % 4 == 0 else { return count }
        guard count > 0 else { return nil }
        output.reserveCapacity(output.count + count / 4 * 3)
        var padding = 0
        if text.byte(count - 1) == 0x3D { padding = text.byte(count - 2) == 0x3D ? 2 : 1 }
        var place = 0
        while place < count - 4 || (padding == 0 && place < count) {
            let word =
                Int32(value(text.byte(place))) << 18 | Int32(value(text.byte(place + 1))) << 12
                | Int32(value(text.byte(place + 2))) << 6 | Int32(value(text.byte(place + 3)))
            guard word >= 0 else { return (place..<place + 4).first { value(text.byte($0)) < 0 } ?? place }
            output.append(UInt8(truncatingIfNeeded: word >> 16))
            output.append(UInt8(truncatingIfNeeded: word >> 8))
            output.append(UInt8(truncatingIfNeeded: word))
            place += 4
        }
        guard padding > 0 else { return nil }
        let first = value(text.byte(place))
        let second = value(text.byte(place + 1))
        let third = padding == 1 ? value(text.byte(place + 2)) : 0
        guard first >= 0, second >= 0, third >= 0 else {
            return (place..<place + 4).first { value(text.byte($0)) < 0 } ?? place
        }
        let word = UInt32(first) << 18 | UInt32(second) << 12 | UInt32(third) << 6
        output.append(UInt8(truncatingIfNeeded: word >> 16))
        if padding == 1 { output.append(UInt8(truncatingIfNeeded: word >> 8)) }
        return nil
    }

    /// 0 to 63, or -1 for a byte outside the alphabet.
    @inline(__always)
    private static func value(_ byte: UInt8) -> Int8 {
        switch byte {
        case 0x41...0x5A: Int8(byte &- 0x41)
        case 0x61...0x7A: Int8(byte &- 0x61 &+ 26)
        case 0x30...0x39: Int8(byte &- 0x30 &+ 52)
        case 0x2B: 62
        case 0x2F: 63
        default: -1
        }
    }
}
