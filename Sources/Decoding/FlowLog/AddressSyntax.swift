import CSimd

/// Whether text is an address in one of the forms that RFC 4291, section 2.2, allows.
enum AddressSyntax {
    /// IPv4 in dotted decimals without leading zeros, or IPv6, compressed or not, also with an IPv4 tail; no zone.
    /// `range` lies within `bytes`.
    @inline(__always)
    static func isAddress(_ bytes: borrowing FlowLogBytes, _ start: Int, _ end: Int) -> Bool {
        isIPv4(bytes, start, end) || isIPv6(bytes, start, end)
    }

    @inline(__always)
    static func isIPv4(_ bytes: borrowing FlowLogBytes, _ start: Int, _ end: Int) -> Bool {
        unsafe csimd_is_ipv4(bytes.base + start, end &- start, bytes.count &- start)
    }

    @inline(never)
    static func isIPv6(_ bytes: borrowing FlowLogBytes, _ start: Int, _ end: Int) -> Bool {
        // The longest form: six groups of four digits and an IPv4 tail.
        guard end - start >= 2, end - start <= 45 else { return false }
        var groups = 0
        var compressed = false
        var place = start
        if bytes[place] == 0x3A {
            guard bytes[place + 1] == 0x3A else { return false }
            compressed = true
            place += 2
        }
        while place < end {
            let groupStart = place
            while place < end, isHexadecimal(bytes[place]) { place += 1 }
            if place < end, bytes[place] == 0x2E {
                // The IPv4 tail is the last two groups.
                guard isIPv4(bytes, groupStart, end) else { return false }
                groups += 2
                place = end
                break
            }
            guard place > groupStart, place - groupStart <= 4 else { return false }
            groups += 1
            if place == end { break }
            guard bytes[place] == 0x3A else { return false }
            place += 1
            // A single colon at the end closes nothing.
            guard place < end else { return false }
            if bytes[place] == 0x3A {
                guard !compressed else { return false }
                compressed = true
                place += 1
            }
        }
        // "::" represents at least one group.
        return compressed ? groups <= 7 : groups == 8
    }

    @inline(__always)
    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6
    }
}
