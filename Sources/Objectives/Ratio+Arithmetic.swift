extension Ratio: Comparable {
    /// Cross-multiplied in 128 bits, so that no two ratios are ever confused.
    public static func < (left: Ratio, right: Ratio) -> Bool {
        Int128(left.numerator) * Int128(right.denominator) < Int128(right.numerator) * Int128(left.denominator)
    }
}

extension Ratio {
    /// The exact product, or `nil` when it doesn't fit in two `Int64` even in lowest terms.
    public func multiplied(by other: Ratio) -> Ratio? {
        Ratio(
            reducing: Int128(numerator) * Int128(other.numerator), Int128(denominator) * Int128(other.denominator))
    }

    /// The exact product with a whole number, or `nil` when it doesn't fit.
    public func multiplied(by factor: Int64) -> Ratio? { multiplied(by: Ratio(factor, 1)) }

    /// What is missing from 1: the error budget of a target. The ratio lies from 0 to 1.
    public var complement: Ratio {
        precondition(numerator >= 0 && numerator <= denominator, "only a ratio from 0 to 1 has a complement")
        return Ratio(denominator - numerator, denominator)
    }

    /// `numerator / denominator` in lowest terms, or `nil` when that doesn't fit; `denominator` is above 0.
    init?(reducing numerator: Int128, _ denominator: Int128) {
        var (a, b) = (numerator.magnitude, denominator.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        let divisor = Int128(max(1, a))
        guard let numerator = Int64(exactly: numerator / divisor),
            let denominator = Int64(exactly: denominator / divisor)
        else { return nil }
        self.init(numerator, denominator)
    }
}

extension Ratio: CustomStringConvertible {
    public var description: String { decimal }
}
