/// What a slice's sums are beyond the whole numbers that show them, in units of 2⁻⁹⁶, exact.
///
/// A sum of a metric's values need not be whole, and what is counted of it comes in as many parts as there are flushes and
/// partitions. Were each part rounded, the result would depend on where they end: a million times 0.1, each by itself, is 0.
/// So parts are added up exactly, and the whole is rounded once, to the nearest, a half up: shown is the whole number, and this
/// is kept beside it, from -½ to below ½.
public struct SliceFraction: Sendable, Equatable {
    public var good: Int128
    public var total: Int128

    public static let one: Int128 = 1 << 96
    private static let half: Int128 = one / 2

    public init(good: Int128 = 0, total: Int128 = 0) {
        self.good = good
        self.total = total
    }

    var isZero: Bool { good == 0 && total == 0 }

    /// Whether it is what is left of sums that were rounded.
    var isRounded: Bool {
        let range = -SliceFraction.half..<SliceFraction.half
        return range.contains(good) && range.contains(total)
    }

    static func + (left: SliceFraction, right: SliceFraction) -> SliceFraction {
        SliceFraction(good: left.good + right.good, total: left.total + right.total)
    }

    /// Takes the whole numbers nearest to both, and leaves the rest.
    mutating func takeWhole() -> (good: Int64, total: Int64) {
        // Each of the parts is below one, and two are added at a time.
        func take(_ value: inout Int128) -> Int64 {
            let whole = floorDivided(value + SliceFraction.half, by: SliceFraction.one)
            value -= whole * SliceFraction.one
            return Int64(whole)
        }
        return (take(&good), take(&total))
    }
}
