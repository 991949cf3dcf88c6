/// A point in time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Range: 1677-09-21 to 2262-04-11. What lies outside cannot be represented, and initialisers return `nil` for it.
@frozen
public struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var nanoseconds: Int64

    public static let nanosecondsPerSecond: Int64 = 1_000_000_000

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    @inlinable
    public init?(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: Timestamp.nanosecondsPerSecond)
        if overflow { return nil }
        nanoseconds = product
    }

    @inlinable
    public init?(milliseconds: Int64) {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return nil }
        nanoseconds = product
    }

    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Whole seconds since the epoch, rounded down.
    @inlinable
    public var seconds: Int64 {
        nanoseconds >= 0
            ? nanoseconds / Timestamp.nanosecondsPerSecond
            : (nanoseconds &+ 1) / Timestamp.nanosecondsPerSecond - 1
    }

    /// The start of the tumbling window of `length` nanoseconds that holds this time; windows are counted from the
    /// epoch, also before it. `length` is above 0.
    @inlinable
    public func windowStart(length: Int64) -> Timestamp {
        let remainder = nanoseconds % length
        return Timestamp(nanoseconds: remainder < 0 ? nanoseconds &- remainder &- length : nanoseconds &- remainder)
    }

    /// This time moved; what would leave the range is held at its limit, because times come from outside and neither a
    /// trap nor a jump to the other end of the range may follow from one.
    @inlinable
    public func advanced(by nanoseconds: Int64) -> Timestamp {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return Timestamp(nanoseconds: overflow ? (nanoseconds > 0 ? .max : .min) : sum)
    }
}
