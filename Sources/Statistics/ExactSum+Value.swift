extension ExactSum {
    /// The sum when it is a whole number in range; any integer sum is.
    public var integerValue: Int128? {
        guard !isOverflowed, low == 0, middle & 0xFFFF_FFFF == 0 else { return nil }
        return Int128(high) << 32 | Int128(middle >> 32)
    }

    /// The double nearest to the sum, ties to even; NaN when it overflowed.
    public var doubleValue: Double {
        if isOverflowed { return .nan }
        var words = (low, middle, UInt64(bitPattern: high))
        let isNegative = high < 0
        if isNegative {
            let (low, carry) = (~words.0).addingReportingOverflow(1)
            let (middle, carryOn) = (~words.1).addingReportingOverflow(carry ? 1 : 0)
            words = (low, middle, ~words.2 &+ (carryOn ? 1 : 0))
        }
        // The 64 bits from the highest that is set, and whether anything below them is.
        var top: UInt64
        let isInexact: Bool
        var exponent: Int
        let shift: Int
        if words.2 != 0 {
            shift = words.2.leadingZeroBitCount
            top = words.2 << shift | (shift == 0 ? 0 : words.1 >> (64 - shift))
            isInexact = words.1 << shift != 0 || words.0 != 0
            exponent = 128 - shift
        } else if words.1 != 0 {
            shift = words.1.leadingZeroBitCount
            top = words.1 << shift | (shift == 0 ? 0 : words.0 >> (64 - shift))
            isInexact = words.0 << shift != 0
            exponent = 64 - shift
        } else if words.0 != 0 {
            shift = words.0.leadingZeroBitCount
            top = words.0 << shift
            isInexact = false
            exponent = -shift
        } else {
            return 0
        }
        // A double keeps 53 of the 64 bits; the 11 below decide the rounding.
        let rest = top & 0x7FF
        top >>= 11
        if rest > 0x400 || (rest == 0x400 && (isInexact || top & 1 == 1)) { top += 1 }
        // `top` is at most 2⁵³, which is exact, and no result is subnormal: the least unit is 2⁻⁹⁶.
        exponent += 11 - ExactSum.fractionBits
        let magnitude = Double(top) * Double(sign: .plus, exponent: exponent, significand: 1)
        return isNegative ? -magnitude : magnitude
    }
}
