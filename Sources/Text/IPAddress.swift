/// An IPv4 or IPv6 address.
///
/// Read from dotted decimals without leading zeros, which some readers take for octal, and from RFC 4291's forms of IPv6
/// (section 2.2) without a zone. No allocation; the time is that for at most 45 bytes.
public struct IPAddress: BitwiseCopyable, Equatable, Sendable {
    public var isIPv4: Bool
    /// The upper 64 bits of an IPv6 address.
    public var high: UInt64
    /// The lower 64 bits, or the 32 bits of an IPv4 address.
    public var low: UInt64

    public init(isIPv4: Bool, high: UInt64, low: UInt64) {
        self.isIPv4 = isIPv4
        self.high = high
        self.low = low
    }

    public init?(_ text: RawSpan) {
        // The longest form has eight groups of four digits, or six and a dotted quad.
        guard text.byteCount >= 2, text.byteCount <= 45 else { return nil }
        if let quad = IPAddress.dottedQuad(text, from: 0) {
            self.init(isIPv4: true, high: 0, low: UInt64(quad))
            return
        }
        self.init(ipv6: text)
    }

    /// Whether it is an IPv4 address in an IPv6 one's place, `::ffff:192.0.2.1`.
    public var isMapped: Bool { !isIPv4 && high == 0 && low >> 32 == 0xFFFF }

    private static func dottedQuad(_ text: RawSpan, from start: Int) -> UInt32? {
        var address: UInt32 = 0
        var place = start
        for part in 0..<4 {
            if part > 0 {
                guard place < text.byteCount, text.byte(place) == UInt8(ascii: ".") else { return nil }
                place &+= 1
            }
            let first = place
            var value: UInt32 = 0
            while place < text.byteCount, text.byte(place) &- 0x30 < 10, place &- first < 3 {
                value = value &* 10 &+ UInt32(text.byte(place) &- 0x30)
                place &+= 1
            }
            if place == first || value > 255 || (place &- first > 1 && text.byte(first) == 0x30) { return nil }
            address = address << 8 | value
        }
        return place == text.byteCount ? address : nil
    }

    /// An IPv6 address alone.
    public init?(ipv6 text: RawSpan) {
        guard text.byteCount >= 2, text.byteCount <= 45 else { return nil }
        var head = Groups()
        var tail = Groups()
        var hasGap = false
        var place = 0
        if text.byte(0) == UInt8(ascii: ":") {
            guard text.byte(1) == UInt8(ascii: ":") else { return nil }
            hasGap = true
            place = 2
        }
        while place < text.byteCount {
            let start = place
            var value: UInt64 = 0
            while place < text.byteCount, place &- start < 4, let digit = IPAddress.hexadecimal(text.byte(place)) {
                value = value << 4 | digit
                place &+= 1
            }
            if place == start { return nil }
            if place < text.byteCount, text.byte(place) == UInt8(ascii: ".") {
                guard let quad = IPAddress.dottedQuad(text, from: start) else { return nil }
                if hasGap {
                    tail.append(UInt64(quad >> 16))
                    tail.append(UInt64(quad & 0xFFFF))
                } else {
                    head.append(UInt64(quad >> 16))
                    head.append(UInt64(quad & 0xFFFF))
                }
                place = text.byteCount
                break
            }
            if hasGap { tail.append(value) } else { head.append(value) }
            if head.count &+ tail.count > 8 { return nil }
            if place == text.byteCount { break }
            guard text.byte(place) == UInt8(ascii: ":") else { return nil }
            place &+= 1
            if place == text.byteCount { return nil }
            if text.byte(place) == UInt8(ascii: ":") {
                if hasGap { return nil }
                hasGap = true
                place &+= 1
            }
        }
        let count = head.count &+ tail.count
        guard hasGap ? count < 8 : count == 8 else { return nil }
        head.shift(by: 8 &- head.count)
        self.init(isIPv4: false, high: head.high | tail.high, low: head.low | tail.low)
    }

    /// Groups of 16 bits, the last one lowest.
    private struct Groups {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var count = 0

        mutating func append(_ group: UInt64) {
            shift(by: 1)
            low |= group
            count &+= 1
        }

        mutating func shift(by groups: Int) {
            for _ in 0..<groups {
                high = high << 16 | low >> 48
                low <<= 16
            }
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte &- 0x30)
        case 0x41...0x46: UInt64(byte &- 0x37)
        case 0x61...0x66: UInt64(byte &- 0x57)
        default: nil
        }
    }
}
