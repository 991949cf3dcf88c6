import Text

/// An IPv4 or IPv6 address.
///
/// As the CEL libraries in use read them: dotted decimal without leading zeros, and RFC 4291's forms of IPv6 without
/// zones. IPv4 addresses mapped into IPv6 are no addresses, so that one host has one address.
struct IPAddress: BitwiseCopyable, Equatable, Sendable {
    var isIPv4: Bool
    /// The upper 64 bits of an IPv6 address.
    var high: UInt64
    /// The lower 64 bits, or the 32 bits of an IPv4 address.
    var low: UInt64

    init(isIPv4: Bool, high: UInt64, low: UInt64) {
        self.isIPv4 = isIPv4
        self.high = high
        self.low = low
    }

    init?(_ text: RawSpan) {
        // The longest form has eight groups of four digits, or six and a dotted quad.
        guard text.byteCount >= 2, text.byteCount <= 45 else { return nil }
        if let quad = IPAddress.dottedQuad(text, from: 0) {
            self.init(isIPv4: true, high: 0, low: UInt64(quad))
            return
        }
        self.init(ipv6: text)
    }

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
            while place < text.byteCount, Lexer.isDigit(text.byte(place)), place &- first < 3 {
                value = value &* 10 &+ UInt32(text.byte(place) &- 0x30)
                place &+= 1
            }
            if place == first || value > 255 || (place &- first > 1 && text.byte(first) == 0x30) { return nil }
            address = address << 8 | value
        }
        return place == text.byteCount ? address : nil
    }

    private init?(ipv6 text: RawSpan) {
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
        let high = head.high | tail.high
        let low = head.low | tail.low
        let isMapped = high == 0 && low >> 32 == 0xFFFF
        if isMapped { return nil }
        self.init(isIPv4: false, high: high, low: low)
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

/// An IP network in CIDR notation; host bits may be set, and do not count.
struct IPNetwork: BitwiseCopyable, Equatable, Sendable {
    var address: IPAddress
    /// 0 to 32, or to 128.
    var prefixLength: UInt8

    init(address: IPAddress, prefixLength: UInt8) {
        self.address = address
        self.prefixLength = prefixLength
    }

    init?(_ text: RawSpan) {
        var slash = text.byteCount &- 1
        while slash >= 0, text.byte(slash) != UInt8(ascii: "/") { slash &-= 1 }
        let digits = text.byteCount &- slash &- 1
        guard slash > 0, (1...3).contains(digits), let address = IPAddress(text.extracting(0..<slash)) else {
            return nil
        }
        var length = 0
        for place in (slash &+ 1)..<text.byteCount {
            guard Lexer.isDigit(text.byte(place)) else { return nil }
            length = length &* 10 &+ Int(text.byte(place) &- 0x30)
        }
        let hasLeadingZero = digits > 1 && text.byte(slash &+ 1) == 0x30
        guard length <= (address.isIPv4 ? 32 : 128), !hasLeadingZero else { return nil }
        self.init(address: address, prefixLength: UInt8(length))
    }

    /// False for an address of the other family.
    func contains(_ other: IPAddress) -> Bool {
        guard other.isIPv4 == address.isIPv4 else { return false }
        if address.isIPv4 {
            let mask = UInt64(UInt32.max) << UInt64(32 &- prefixLength) & UInt64(UInt32.max)
            return (address.low ^ other.low) & mask == 0
        }
        let highBits = min(prefixLength, 64)
        let lowBits = prefixLength &- highBits
        let highMask = highBits == 0 ? 0 : UInt64.max << UInt64(64 &- highBits)
        let lowMask = lowBits == 0 ? 0 : UInt64.max << UInt64(64 &- lowBits)
        return (address.high ^ other.high) & highMask == 0 && (address.low ^ other.low) & lowMask == 0
    }

    func contains(_ other: IPNetwork) -> Bool {
        other.prefixLength >= prefixLength && contains(other.address)
    }
}
