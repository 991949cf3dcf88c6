import TelemetryModel

/// Event time cut into slices of one length, numbered from the epoch; slice 0 starts there.
///
/// A slice holds its start and not its end. With at least a second a slice, numbers stay below 2^34, so that adding and
/// multiplying them by what a ledger holds cannot overflow.
struct SliceGrid: Sendable, Equatable {
    static let lengthNanosecondsMin: Int64 = 1_000_000_000

    let lengthNanoseconds: Int64

    init(lengthNanoseconds: Int64) {
        precondition(
            lengthNanoseconds >= SliceGrid.lengthNanosecondsMin, "a slice of event time has a second or more")
        self.lengthNanoseconds = lengthNanoseconds
    }

    /// The slice that holds `time`.
    func slice(holding time: Timestamp) -> Int64 { floorDivided(time.nanoseconds, by: lengthNanoseconds) }

    /// The first slice that starts at `time` or later: one past the slices that have begun before `time`.
    func end(at time: Timestamp) -> Int64 {
        let slice = slice(holding: time)
        return time.nanoseconds % lengthNanoseconds == 0 ? slice : slice + 1
    }

    /// Slices in a look-back, rounded up so that it is never shorter than asked for.
    func slices(in nanoseconds: Int64) -> Int64 {
        nanoseconds / lengthNanoseconds + (nanoseconds % lengthNanoseconds > 0 ? 1 : 0)
    }

    /// Held at the ends of the representable range, which only the first and last slice of all reach: below, at its
    /// first whole second, because the part of a second before it cannot be read back from text.
    func start(of slice: Int64) -> Timestamp {
        let (product, overflow) = slice.multipliedReportingOverflow(by: lengthNanoseconds)
        return Timestamp(nanoseconds: overflow ? (slice < 0 ? -9_223_372_036_000_000_000 : .max) : product)
    }
}

extension SliceGrid {
    /// Numbers the slices of times that come in order, mostly of one slice or the next, for which nothing is divided.
    struct Cursor {
        private let length: Int64
        /// Of the time asked for last.
        private(set) var slice: Int64 = 0
        /// Where that slice starts; `nil` for the first of all, which starts before the range.
        private var start: Int64? = 0

        init(_ grid: SliceGrid) { length = grid.lengthNanoseconds }

        mutating func slice(holding time: Timestamp) -> Int64 {
            if let start {
                let (offset, overflow) = time.nanoseconds.subtractingReportingOverflow(start)
                if !overflow, offset >= 0 {
                    if offset < length { return slice }
                    if offset &- length < length {
                        slice &+= 1
                        self.start = start &+ length
                        return slice
                    }
                }
            }
            slice = floorDivided(time.nanoseconds, by: length)
            let (product, overflow) = slice.multipliedReportingOverflow(by: length)
            start = overflow ? nil : product
            return slice
        }
    }
}

/// The quotient rounded down, also below zero; `divisor` is above 0.
func floorDivided<Value: FixedWidthInteger & SignedInteger>(_ value: Value, by divisor: Value) -> Value {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}
