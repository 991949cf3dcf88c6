/// Eight bytes of text as decimal digits, the first in the lowest byte: how many there are in front, and what they spell, without
/// a step for each.
public struct DigitWord: BitwiseCopyable {
    /// The bytes' values, where they are digits.
    public let values: UInt64

    @inlinable @inline(__always)
    public init(_ word: UInt64) {
        values = word ^ 0x3030_3030_3030_3030
    }

    /// The high bit of each byte that is no digit.
    @inlinable @inline(__always)
    public var others: UInt64 {
        // No sum carries into the next byte.
        let high: UInt64 = 0x8080_8080_8080_8080
        return (((values & ~high) &+ 0x7676_7676_7676_7676) | values) & high
    }

    /// The digits before the first byte that is none: at most eight.
    @inlinable @inline(__always)
    public var count: Int {
        others.trailingZeroBitCount &>> 3
    }

    /// The number that the digits from bit `start` on spell, in `bits` bits: eight for each digit, at least one.
    @inlinable @inline(__always)
    public func value(from start: UInt64 = 0, bits: UInt64) -> UInt64 {
        // What is missing of eight digits are zeros in front.
        let word = (values &>> start) &<< (64 &- bits)
        // Neighbours are joined, then pairs, then fours: d·10 + e is (d·2⁸·10 + e·2⁸) >> 8 and so on, so 2561 = 10·2⁸ + 1,
        // 6553601 = 100·2¹⁶ + 1, 42949672960001 = 10000·2³² + 1.
        let pairs = (word &* 2561) >> 8 & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 6_553_601) >> 16 & 0x0000_FFFF_0000_FFFF
        return (fours &* 42_949_672_960_001) >> 32
    }
}
