import CSimd
import Text

/// Whether text is an address in one of the forms that RFC 4291, section 2.2, allows.
enum AddressSyntax {
    /// IPv4 in dotted decimals without leading zeros, or IPv6, compressed or not, also with an IPv4 tail; no zone.
    /// `range` lies within `bytes`.
    @inline(__always)
    static func isAddress(_ bytes: borrowing FlowLogBytes, _ start: Int, _ end: Int) -> Bool {
        isIPv4(bytes, start, end) || isIPv6(bytes, start, end)
    }

    @inline(__always)
    private static func isIPv4(_ bytes: borrowing FlowLogBytes, _ start: Int, _ end: Int) -> Bool {
        unsafe csimd_is_ipv4(bytes.base + start, end &- start, bytes.count &- start)
    }

    @inline(never)
    private static func isIPv6(_ bytes: borrowing FlowLogBytes, _ start: Int, _ end: Int) -> Bool {
        // The bytes outlive this call, and nothing keeps the span.
        unsafe IPAddress(ipv6: RawSpan(_unsafeStart: bytes.base + start, byteCount: end &- start)) != nil
    }
}
