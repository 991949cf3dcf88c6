import TelemetryModel

/// What was counted in one slice of event time.
public struct SliceCounts: Sendable, Equatable {
    /// As added up, signed. Where the two come from different sources it may exceed `total`, or stand below zero (total less
    /// bad): such a slice is inconsistent.
    public var good: Int64
    public var total: Int64
    /// Came after the lateness horizon: known to be missing from `total`.
    public var late: Int64

    public init(good: Int64 = 0, total: Int64 = 0, late: Int64 = 0) {
        self.good = good
        self.total = total
        self.late = late
    }

    /// Whether good is a part of total. Counts of which it is none are shown as inconsistent, and are in no sum.
    var isConsistent: Bool { SliceCounts.isConsistent(good: good, total: total) }

    /// A total at the limit of 64 bits is one that was held there, and says no more than that there was more.
    static func isConsistent(good: Int64, total: Int64) -> Bool { 0 <= good && good <= total && total < .max }

    /// What sums take of the slice: nothing of good and total where they contradict each other.
    var summed: SliceCounts {
        isConsistent ? self : SliceCounts(late: late)
    }

    /// What good and total read once one of them, or bad, has left 64 bits: no sum of parts reaches it, and nothing that is
    /// added takes it away. The slice is inconsistent, so that it is shown and in no sum; nothing is clamped.
    static let outOfRange = Int64.min
    var isOutOfRange: Bool { total == SliceCounts.outOfRange }

    /// The sums with a delta's; late, which no other number is made of, is at least what it reads.
    func adding(_ delta: SliceDelta) -> SliceCounts {
        var sums = self
        sums.late = max(0, late.saturatingAdding(delta.late))
        let (good, isGoodOut) = good.addingReportingOverflow(delta.good)
        let (total, isTotalOut) = total.addingReportingOverflow(delta.total)
        let isBadOut = total.subtractingReportingOverflow(good).overflow
        if isOutOfRange || delta.total == SliceCounts.outOfRange || isGoodOut || isTotalOut || isBadOut {
            (sums.good, sums.total) = (SliceCounts.outOfRange, SliceCounts.outOfRange)
        } else {
            (sums.good, sums.total) = (good, total)
        }
        return sums
    }

    var isZero: Bool { self == SliceCounts() }
    var hasNegative: Bool { min(good, total, late) < 0 }

    /// `nil` when one of the three leaves 64 bits.
    func adding(_ other: SliceCounts) -> SliceCounts? {
        func sum(_ left: Int64, _ right: Int64) -> Int64? {
            let (sum, overflow) = left.addingReportingOverflow(right)
            return overflow ? nil : sum
        }
        guard let good = sum(good, other.good), let total = sum(total, other.total),
            let late = sum(late, other.late)
        else { return nil }
        return SliceCounts(good: good, total: total, late: late)
    }
}

/// Why a ledger did not take a count; it is unchanged then.
public enum LedgerError: Error, Equatable {
    /// A count below zero, which a sum over a metric's values can become.
    case negative(SliceCounts)
    /// A slice's count would leave 64 bits.
    case overflow(held: SliceCounts, added: SliceCounts)
    /// Restating a slice, by its start, whose counts were downsampled into a cell's.
    case downsampled(Timestamp)
}

extension LedgerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .negative(let counts):
            "a slice's counts cannot be negative: good \(counts.good), total \(counts.total)"
        case .overflow(let held, let added):
            "a slice's count leaves 64 bits: total \(held.total) and \(added.total) more"
        case .downsampled(let start):
            "the slice at \(start) is too old to be restated: only the sums of some slices are kept"
        }
    }
}
