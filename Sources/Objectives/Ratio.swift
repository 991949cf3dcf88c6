/// An exact rational number, as a decimal was written: `0.999` is 999/1000 and nothing near it.
public struct Ratio: Sendable, Hashable {
    public let numerator: Int64
    /// Above 0.
    public let denominator: Int64

    /// Reduced to lowest terms; `denominator` must be above 0.
    public init(_ numerator: Int64, _ denominator: Int64) {
        precondition(denominator > 0, "a ratio's denominator is above 0")
        var (a, b) = (numerator.magnitude, UInt64(denominator))
        while b != 0 { (a, b) = (b, a % b) }
        let divisor = Int64(max(1, a))
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }
}
