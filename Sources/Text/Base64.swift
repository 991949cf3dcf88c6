/// Base64 (RFC 4648), without Foundation.
public enum Base64 {
    private static let padding: UInt8 = 0x3D

    // MARK: Digits

    /// The digit of section 4's alphabet for six bits; `value` is below 64.
    static func digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: value &+ 0x41
        case 26..<52: value &- 26 &+ 0x61
        case 52..<62: value &- 52 &+ 0x30
        case 62: 0x2B
        default: 0x2F
        }
    }

    /// 0 to 63, or -1 for a byte outside the alphabet.
    @inline(__always)
    static func value(_ digit: UInt8) -> Int8 {
        switch digit {
        case 0x41...0x5A: Int8(digit &- 0x41)
        case 0x61...0x7A: Int8(digit &- 0x61 &+ 26)
        case 0x30...0x39: Int8(digit &- 0x30 &+ 52)
        case 0x2B: 62
        case 0x2F: 63
        default: -1
        }
    }

    /// One digit for each value, which must be below 64. Four values are three bytes, so that a multiple of four of
    /// them is base64 without padding of their bits one after the other.
    public static func digits(ofSixBits sixBits: [UInt8]) -> [UInt8] { sixBits.map(digit) }

    /// The values that digits stand for; `nil` when one is none of the alphabet.
    public static func sixBits(ofDigits digits: some Sequence<UInt8>) -> [UInt8]? {
        let values = digits.map(value)
        return values.contains(-1) ? nil : values.map { UInt8(bitPattern: $0) }
    }

    // MARK: Texts

    /// Appends the bytes in the alphabet of section 4, with padding.
    public static func encode(_ bytes: RawSpan, to text: inout [UInt8]) {
        var place = 0
        while place < bytes.byteCount {
            let count = min(3, bytes.byteCount &- place)
            var group: UInt32 = 0
            for index in 0..<3 {
                group = group << 8 | (index < count ? UInt32(bytes.byte(place &+ index)) : 0)
            }
            for index in 0..<4 {
                let value = UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * index)) & 63
                text.append(index <= count ? digit(value) : padding)
            }
            place &+= count
        }
    }

    public static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        unsafe encode(bytes.span.bytes, to: &text)
        return text
    }

    /// Appends what `text` stands for, in the alphabet of section 4 with padding, and returns `nil`; or returns the offset of
    /// the byte that makes it invalid, having appended what was before it. Bits behind the last byte are not looked at.
    public static func decode(_ text: RawSpan, into output: inout [UInt8]) -> Int? {
        let count = text.byteCount
        guard count % 4 == 0 else { return count }
        guard count > 0 else { return nil }
        output.reserveCapacity(output.count + count / 4 * 3)
        var padded = 0
        if text.byte(count - 1) == padding { padded = text.byte(count - 2) == padding ? 2 : 1 }
        var place = 0
        while place < count - 4 || (padded == 0 && place < count) {
            let word =
                Int32(value(text.byte(place))) << 18 | Int32(value(text.byte(place + 1))) << 12
                | Int32(value(text.byte(place + 2))) << 6 | Int32(value(text.byte(place + 3)))
            guard word >= 0 else { return (place..<place + 4).first { value(text.byte($0)) < 0 } ?? place }
            output.append(UInt8(truncatingIfNeeded: word >> 16))
            output.append(UInt8(truncatingIfNeeded: word >> 8))
            output.append(UInt8(truncatingIfNeeded: word))
            place += 4
        }
        guard padded > 0 else { return nil }
        let first = value(text.byte(place))
        let second = value(text.byte(place + 1))
        let third = padded == 1 ? value(text.byte(place + 2)) : 0
        guard first >= 0, second >= 0, third >= 0 else {
            return (place..<place + 4).first { value(text.byte($0)) < 0 } ?? place
        }
        let word = UInt32(first) << 18 | UInt32(second) << 12 | UInt32(third) << 6
        output.append(UInt8(truncatingIfNeeded: word >> 16))
        if padded == 1 { output.append(UInt8(truncatingIfNeeded: word >> 8)) }
        return nil
    }

    /// Replaces `output` by what `text` stands for in any form that means only one thing: without padding, in the alphabet of
    /// section 5, which is safe in addresses, and, where it may be `broken`, in lines as MIME and `base64` write it. False
    /// when it is none.
    public static func decodeLoose(_ text: RawSpan, broken: Bool = true, into output: inout [UInt8]) -> Bool {
        output.removeAll(keepingCapacity: true)
        var plain: [UInt8] = []
        plain.reserveCapacity(text.byteCount + 3)
        for place in 0..<text.byteCount {
            switch text.byte(place) {
            case 0x0A, 0x0D, 0x20, 0x09: if !broken { return false }
            case 0x2D: plain.append(0x2B)
            case 0x5F: plain.append(0x2F)
            case let byte: plain.append(byte)
            }
        }
        // One digit alone is no byte.
        if plain.count % 4 > 1, plain.last != padding {
            while plain.count % 4 != 0 { plain.append(padding) }
        }
        return unsafe decode(plain.span.bytes, into: &output) == nil
    }
}
