import Aggregation
import Objectives

/// Good, bad and total of one slice as the measures of an indicator add up to them.
struct SliceTally: Sendable, Equatable {
    var good: Int64 = 0
    var bad: Int64 = 0
    var total: Int64 = 0

    /// Adds a measure's value; a sum that is no whole number counts rounded to the nearest. What leaves 64 bits is held
    /// at the limit: no estate counts that far.
    mutating func add(_ value: MeasureValue, as role: IndicatorPlan.Role) {
        let units = SliceTally.units(of: value)
        switch role {
        case .good: good = SliceTally.sum(good, units)
        case .bad: bad = SliceTally.sum(bad, units)
        case .total: total = SliceTally.sum(total, units)
        }
    }

    static func - (left: SliceTally, right: SliceTally) -> SliceTally {
        SliceTally(
            good: difference(left.good, right.good), bad: difference(left.bad, right.bad),
            total: difference(left.total, right.total))
    }

    static func + (left: SliceTally, right: SliceTally) -> SliceTally {
        SliceTally(
            good: sum(left.good, right.good), bad: sum(left.bad, right.bad), total: sum(left.total, right.total))
    }

    /// What a ledger keeps. Where bad is counted, it may come from another metric than total and for a while exceed it:
    /// good is then 0 and not below.
    func counts(countsGood: Bool, late: Int64) -> SliceCounts {
        let good = countsGood ? good : SliceTally.difference(total, bad)
        return SliceCounts(good: max(0, good), total: max(0, total), late: late)
    }

    private static func units(of value: MeasureValue) -> Int64 {
        switch value {
        case .none: 0
        case .integer(let integer): Int64(clamping: integer)
        case .double(let double): double.isFinite ? Int64(clamping: Int128(max(-1e30, min(1e30, double.rounded())))) : 0
        case .estimate(let count): Int64(clamping: count)
        case .overflow: .max
        }
    }

    private static func difference(_ left: Int64, _ right: Int64) -> Int64 {
        let (difference, overflow) = left.subtractingReportingOverflow(right)
        return overflow ? (right < 0 ? .max : .min) : difference
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? (right > 0 ? .max : .min) : sum
    }
}
