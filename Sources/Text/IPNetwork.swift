extension IPAddress {
    /// As the CEL libraries in use read addresses: an IPv4 address mapped into IPv6 is none, so that one host has one address.
    public init?(unmapped text: RawSpan) {
        self.init(text)
        if isMapped { return nil }
    }
}

/// An IP network in CIDR notation; host bits may be set, and do not count.
public struct IPNetwork: BitwiseCopyable, Equatable, Sendable {
    public var address: IPAddress
    /// 0 to 32, or to 128.
    public var prefixLength: UInt8

    public init(address: IPAddress, prefixLength: UInt8) {
        self.address = address
        self.prefixLength = prefixLength
    }

    public init?(_ text: RawSpan) {
        var slash = text.byteCount &- 1
        while slash >= 0, text.byte(slash) != UInt8(ascii: "/") { slash &-= 1 }
        let digits = text.byteCount &- slash &- 1
        guard slash > 0, (1...3).contains(digits), let address = IPAddress(unmapped: text.extracting(0..<slash)) else {
            return nil
        }
        var length = 0
        for place in (slash &+ 1)..<text.byteCount {
            guard text.byte(place) &- 0x30 < 10 else { return nil }
            length = length &* 10 &+ Int(text.byte(place) &- 0x30)
        }
        let hasLeadingZero = digits > 1 && text.byte(slash &+ 1) == 0x30
        guard length <= (address.isIPv4 ? 32 : 128), !hasLeadingZero else { return nil }
        self.init(address: address, prefixLength: UInt8(length))
    }

    /// False for an address of the other family.
    public func contains(_ other: IPAddress) -> Bool {
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

    public func contains(_ other: IPNetwork) -> Bool {
        other.prefixLength >= prefixLength && contains(other.address)
    }
}
