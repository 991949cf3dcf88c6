import Text

/// Whether text is an IP address, as far as a record's `ip` needs to know: CloudTrail's `sourceIPAddress` is as often the
/// name of a service.
enum SourceAddress {
    static func isAddress(_ text: RawSpan) -> Bool {
        isIPv4(text) || isIPv6(text)
    }

    /// Four numbers from 0 to 255, without leading zeros, which some readers take for octal.
    private static func isIPv4(_ text: RawSpan) -> Bool {
        var octets = 0
        var place = 0
        while true {
            var value = 0
            let start = place
            while place < text.byteCount, place - start < 3, (0x30...0x39).contains(text.byte(place)) {
                value = value * 10 + Int(text.byte(place) - 0x30)
                place += 1
            }
            let hasLeadingZero = place - start > 1 && text.byte(start) == 0x30
            guard place > start, value <= 255, !hasLeadingZero else { return false }
            octets += 1
            if octets == 4 { return place == text.byteCount }
            guard place < text.byteCount, text.byte(place) == UInt8(ascii: ".") else { return false }
            place += 1
        }
    }

    /// Groups of up to four hexadecimal digits, eight of them or fewer around one "::" (RFC 4291, section 2.2), the last
    /// two perhaps as an IPv4 address.
    private static func isIPv6(_ text: RawSpan) -> Bool {
        var groups = 0
        var hasGap = false
        var place = 0
        let count = text.byteCount
        if text.hasPrefix("::") {
            hasGap = true
            place = 2
            if place == count { return true }
        }
        while true {
            let start = place
            while place < count, place - start < 4, isHexadecimal(text.byte(place)) { place += 1 }
            if place < count, text.byte(place) == UInt8(ascii: ".") {
                guard isIPv4(text.extracting(start..<count)) else { return false }
                return hasGap ? groups + 2 < 8 : groups + 2 == 8
            }
            guard place > start else { return false }
            groups += 1
            if place == count { return hasGap ? groups < 8 : groups == 8 }
            guard groups < 8, text.byte(place) == UInt8(ascii: ":") else { return false }
            place += 1
            if place < count, text.byte(place) == UInt8(ascii: ":") {
                guard !hasGap else { return false }
                hasGap = true
                place += 1
                if place == count { return groups < 8 }
            }
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
