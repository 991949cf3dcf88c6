/// A fraction of two 128-bit integers, for comparing and printing sums without rounding them first.
///
/// Sums of `Int64` counts fit with room to spare: 2^64 counts of 2^63 each. Not reduced, because nothing here
/// multiplies twice; products needed for a comparison are taken in 256 bits.
struct ExactFraction {
    var numerator: Int128
    /// Above 0.
    var denominator: Int128

    init(_ numerator: Int128, _ denominator: Int128) {
        precondition(denominator > 0, "a fraction's denominator is above 0")
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The fraction in lowest terms, which keeps the products of `multiplied` small.
    var reduced: ExactFraction {
        var (a, b) = (numerator.magnitude, denominator.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        let divisor = Int128(max(1, a))
        return ExactFraction(numerator / divisor, denominator / divisor)
    }

    static func > (left: ExactFraction, right: ExactFraction) -> Bool { left.compare(right) > 0 }
    static func >= (left: ExactFraction, right: ExactFraction) -> Bool { left.compare(right) >= 0 }

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

    /// The decimal number, half rounded away from zero after `fractionDigitsMax` digits, trailing zeros left out.
    ///
    /// By long division on integers: the text of a number does not hang on floating point.
    func decimal(fractionDigitsMax: Int) -> String {
        let divisor = denominator.magnitude
        var (whole, remainder) = numerator.magnitude.quotientAndRemainder(dividingBy: divisor)
        var digits: [UInt8] = []
        for _ in 0..<fractionDigitsMax where remainder != 0 {
            let (digit, rest) = divisor.dividingFullWidth(remainder.multipliedFullWidth(by: 10))
            digits.append(UInt8(digit))
            remainder = rest
        }
        // Not `remainder * 2 >= divisor`, which could leave 128 bits.
        if remainder != 0 && remainder >= divisor - remainder {
            var place = digits.count - 1
            while place >= 0 && digits[place] == 9 {
                digits[place] = 0
                place -= 1
            }
            if place >= 0 { digits[place] += 1 } else { whole += 1 }
        }
        while digits.last == 0 { digits.removeLast() }
        var text = whole.description
        if !digits.isEmpty { text += "." + String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self) }
        return numerator < 0 && text != "0" ? "-" + text : text
    }
}
