/// Base64 as RFC 4648, section 4, defines it: the standard alphabet, with padding.
enum StandardBase64 {
    /// Appends what `text` stands for, and returns `nil`; or returns the offset of the byte that makes it invalid.
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
