/// A fraction of two 128-bit integers, for comparing and printing sums without rounding them first.
///
/// Sums of `Int64` counts fit with room to spare: 2^64 counts of 2^63 each. Products needed for a comparison are taken
/// in 256 bits.
package struct ExactFraction: Sendable, Equatable {
    package var numerator: Int128
    /// Above 0.
    package var denominator: Int128

    package init(_ numerator: Int128, _ denominator: Int128) {
        precondition(denominator > 0, "a fraction's denominator is above 0")
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Multiplied by a ratio, for printing: where the product leaves 128 bits even in lowest terms, both sides lose
    /// their last bits alike. That takes a denominator above 2^64, so the value moves by less than one part in 2^60.
    package func multiplied(by factor: Ratio) -> ExactFraction {
        var (top, bottom) = (numerator, denominator)
        let divisor = ExactFraction.commonDivisor(top.magnitude, bottom.magnitude)
        top /= divisor
        bottom /= divisor
        while true {
            let (numerator, isWide) = top.multipliedReportingOverflow(by: Int128(factor.numerator))
            let (denominator, isDeep) = bottom.multipliedReportingOverflow(by: Int128(factor.denominator))
            if !isWide && !isDeep { return ExactFraction(numerator, denominator) }
            top /= 2
            bottom = max(1, bottom / 2)
        }
    }

    /// `nil` for a division by zero, unless 0 is divided, which stays 0.
    package func divided(by divisor: Ratio) -> ExactFraction? {
        if numerator == 0 { return self }
        guard divisor > .zero else { return nil }
        return multiplied(by: Ratio(divisor.denominator, divisor.numerator))
    }

    /// 1 - this, for printing, with the same allowance as `multiplied`.
    package var complement: ExactFraction {
        let (difference, overflow) = denominator.subtractingReportingOverflow(numerator)
        return overflow
            ? ExactFraction(denominator / 2 - numerator / 2, denominator / 2) : ExactFraction(difference, denominator)
    }

    private static func commonDivisor(_ left: UInt128, _ right: UInt128) -> Int128 {
        // Most numbers have 64 bits, which a processor divides at once.
        if let left = UInt64(exactly: left), let right = UInt64(exactly: right) {
            return Int128(divisor(left, right))
        }
        return Int128(divisor(left, right))
    }

    /// By Euclid; 1 for two zeros.
    private static func divisor<Value: FixedWidthInteger & UnsignedInteger>(_ left: Value, _ right: Value) -> Value {
        var (a, b) = (left, right)
        while b != 0 { (a, b) = (b, a % b) }
        return max(1, a)
    }

    package static func > (left: ExactFraction, right: ExactFraction) -> Bool { left.compare(right) > 0 }
    package static func >= (left: ExactFraction, right: ExactFraction) -> Bool { left.compare(right) >= 0 }

    /// -1, 0 or 1 as this is below, equal to or above `other`.
    private func compare(_ other: ExactFraction) -> Int {
        let (signLeft, signRight) = (numerator.signum(), other.numerator.signum())
        if signLeft != signRight { return signLeft < signRight ? -1 : 1 }
        let left = numerator.magnitude.multipliedFullWidth(by: other.denominator.magnitude)
        let right = other.numerator.magnitude.multipliedFullWidth(by: denominator.magnitude)
        if left.high == right.high && left.low == right.low { return 0 }
        let isBelow = left.high != right.high ? left.high < right.high : left.low < right.low
        return isBelow == (signLeft >= 0) ? -1 : 1
    }

    package enum Rounding { case halfAwayFromZero, down }

    /// The decimal number, rounded after `fractionDigitsMax` digits, trailing zeros left out; `down` is towards minus
    /// infinity.
    ///
    /// By long division on integers: the text of a number does not hang on floating point.
    package func decimal(fractionDigitsMax: Int, rounding: Rounding = .halfAwayFromZero) -> String {
        let divisor = denominator.magnitude
        var (whole, remainder) = numerator.magnitude.quotientAndRemainder(dividingBy: divisor)
        var digits: [UInt8] = []
        if remainder != 0 { digits.reserveCapacity(fractionDigitsMax) }
        if let short = UInt64(exactly: divisor), short <= UInt64.max / 10 {
            // Most numbers have 64 bits, which a processor divides at once.
            var rest = UInt64(remainder)
            for _ in 0..<fractionDigitsMax where rest != 0 {
                digits.append(UInt8(rest * 10 / short))
                rest = rest * 10 % short
            }
            remainder = UInt128(rest)
        }
        while digits.count < fractionDigitsMax, remainder != 0 {
            let (digit, rest) = divisor.dividingFullWidth(remainder.multipliedFullWidth(by: 10))
            digits.append(UInt8(digit))
            remainder = rest
        }
        let isRoundedAway =
            switch rounding {
            // Not `remainder * 2 >= divisor`, which could leave 128 bits.
            case .halfAwayFromZero: remainder != 0 && remainder >= divisor - remainder
            case .down: remainder != 0 && numerator < 0
            }
        if isRoundedAway {
            var place = digits.count - 1
            while place >= 0 && digits[place] == 9 {
                digits[place] = 0
                place -= 1
            }
            if place >= 0 { digits[place] += 1 } else { whole += 1 }
        }
        while digits.last == 0 { digits.removeLast() }
        var text = UInt64(exactly: whole)?.description ?? whole.description
        if !digits.isEmpty { text += "." + String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self) }
        return numerator < 0 && text != "0" ? "-" + text : text
    }
}
