/// A sum of integers and doubles that does not depend on their order.
///
/// The sum is a 192-bit two's complement number of units of 2⁻⁹⁶. Integers are exact. A double is exact when it is a
/// multiple of 2⁻⁹⁶ (every double from 2⁻⁴³ in magnitude is); a finer one is rounded once, to the nearest unit, ties
/// to even. What is added is whole units, so any order and any merge give the same bits, and rounding to a printable
/// number happens once, at the end.
///
/// A value that is not finite or whose magnitude is 2⁶³ or more makes the sum `isOverflowed`, for good. Below that,
/// 2³² values fit whatever they are, and a sum that outgrows ±2⁹⁵ is overflowed too: it never wraps.
@frozen
public struct ExactSum: Equatable, Sendable, BitwiseCopyable {
    // All words zero is the empty sum, so zeroed memory needs no initialising.
    @usableFromInline var low: UInt64
    @usableFromInline var middle: UInt64
    @usableFromInline var high: Int64

    /// Fraction bits below the binary point.
    @usableFromInline static var fractionBits: Int { 96 }

    @inlinable
    public init() {
        low = 0
        middle = 0
        high = 0
    }

    /// The three words, lowest first, as `words` gave them.
    @inlinable
    public init(words low: UInt64, _ middle: UInt64, _ high: UInt64) {
        self.low = low
        self.middle = middle
        self.high = Int64(bitPattern: high)
    }

    /// For registers and for publishing: lowest first.
    @inlinable
    public var words: (UInt64, UInt64, UInt64) { (low, middle, UInt64(bitPattern: high)) }

    /// Whether a value or the sum went out of range. The state is sticky, and merging spreads it.
    @inlinable
    public var isOverflowed: Bool { high == .min }

    @inlinable @inline(__always)
    public mutating func add(_ value: Int64) {
        addUnits(0, UInt64(bitPattern: value) << 32, value >> 32)
    }

    @inlinable @inline(__always)
    public mutating func add(_ value: Double) {
        // 2⁶³: the magnitudes below it are those of 64-bit integers.
        guard value.magnitude < 9_223_372_036_854_775_808 else { return overflow() }
        let bits = value.bitPattern
        let exponent = Int(bits >> 52 & 0x7FF)
        // A subnormal is below 2⁻¹⁰²² and adds nothing; its missing leading bit does not matter.
        let significand = bits & 0xF_FFFF_FFFF_FFFF | 0x10_0000_0000_0000
        // value = significand · 2^(exponent − 1075), and a unit is 2⁻⁹⁶.
        let shift = exponent &- (1075 &- ExactSum.fractionBits)
        var words: (UInt64, UInt64, Int64)
        if shift >= 64 {
            let shift = UInt64(truncatingIfNeeded: shift &- 64)
            // At most 1085 − 979 − 64 = 42, so the upper part is what 64 bits could not hold.
            words = (0, significand << shift, shift == 0 ? 0 : Int64(truncatingIfNeeded: significand >> (64 &- shift)))
        } else if shift >= 0 {
            let shift = UInt64(truncatingIfNeeded: shift)
            words = (significand << shift, shift == 0 ? 0 : significand >> (64 &- shift), 0)
        } else if shift >= -53 {
            let drop = UInt64(truncatingIfNeeded: -shift)
            let kept = significand >> drop
            let rest = significand & (1 << drop &- 1)
            let half: UInt64 = 1 << (drop &- 1)
            let isUp = rest > half || (rest == half && kept & 1 == 1)
            words = (kept &+ (isUp ? 1 : 0), 0, 0)
        } else {
            return
        }
        if value < 0 {
            // Two's complement: invert and add one.
            let (low, carry) = (~words.0).addingReportingOverflow(1)
            let (middle, carryOn) = (~words.1).addingReportingOverflow(carry ? 1 : 0)
            words = (low, middle, ~words.2 &+ (carryOn ? 1 : 0))
        }
        addUnits(words.0, words.1, words.2)
    }

    /// The largest whole number that is not above the sum, and what the sum is above it: 0 to below 1. Not for a sum that
    /// is overflowed.
    public var parts: (whole: Int128, fraction: ExactSum) {
        let fractionBitsOfMiddle: UInt64 = 0xFFFF_FFFF
        return (
            Int128(high) << 32 | Int128(middle >> 32), ExactSum(words: low, middle & fractionBitsOfMiddle, 0)
        )
    }

    @inlinable
    public mutating func merge(_ other: ExactSum) {
        if other.isOverflowed { return overflow() }
        addUnits(other.low, other.middle, other.high)
    }

    @inlinable @inline(__always)
    mutating func addUnits(_ low: UInt64, _ middle: UInt64, _ high: Int64) {
        let (newLow, carryLow) = self.low.addingReportingOverflow(low)
        let (partMiddle, carryPart) = self.middle.addingReportingOverflow(middle)
        let (newMiddle, carryMiddle) = partMiddle.addingReportingOverflow(carryLow ? 1 : 0)
        // At most one of the two additions to the middle word carries.
        let (partHigh, overflowPart) = self.high.addingReportingOverflow(high)
        let (newHigh, overflowHigh) = partHigh.addingReportingOverflow(carryPart || carryMiddle ? 1 : 0)
        // `.min` marks an overflow, so a sum that reaches it counts as one; and the mark stays, whatever is added.
        if overflowPart != overflowHigh || newHigh == .min || self.high == .min { return overflow() }
        self.low = newLow
        self.middle = newMiddle
        self.high = newHigh
    }

    @inlinable
    mutating func overflow() {
        low = 0
        middle = 0
        high = .min
    }
}
