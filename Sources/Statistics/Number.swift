/// An integer or a double, compared by exact value: what a minimum or maximum keeps.
///
/// A double that is a 64-bit integer becomes that integer, so equal values have one form, and which of two equal values
/// came first cannot show.
@frozen
public enum Number: Equatable, Sendable, BitwiseCopyable {
    case integer(Int64)
    /// Finite, and no 64-bit integer.
    case double(Double)

    /// `nil` for what is not finite.
    @inlinable @inline(__always)
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        // From −2⁶³ up to, but not including, 2⁶³.
        if value >= -9_223_372_036_854_775_808, value < 9_223_372_036_854_775_808 {
            let whole = Int64(value)
            if Double(whole) == value {
                self = .integer(whole)
                return
            }
        }
        self = .double(value)
    }

    @inlinable
    public var doubleValue: Double {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        }
    }
}

extension Number: Comparable {
    @inlinable @inline(__always)
    public static func < (left: Number, right: Number) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.double(let left), .double(let right)): left < right
        case (.integer(let left), .double(let right)): left.isBelow(right)
        case (.double(let left), .integer(let right)): !right.isBelow(left)
        }
    }
}

extension Int64 {
    /// Whether the exact value is below `other`, which is finite and no 64-bit integer.
    @inlinable @inline(__always)
    func isBelow(_ other: Double) -> Bool {
        if other >= 9_223_372_036_854_775_808 { return true }
        if other < -9_223_372_036_854_775_808 { return false }
        // `other` has a fraction, so it is below 2⁵³ in magnitude and rounding it down is exact.
        return self <= Int64(other.rounded(.down))
    }
}
