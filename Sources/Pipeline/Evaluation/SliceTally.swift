import Aggregation
import Objectives
import TelemetryModel

/// Good, bad and total of one slice as the measures of an indicator add up to them.
struct SliceTally: Sendable, Equatable {
    var good: Int64 = 0
    var bad: Int64 = 0
    var total: Int64 = 0
    /// What matched a record, whatever it added up to.
    var matched: SelectorParts = []

    /// Adds a measure's value; a sum that is no whole number counts rounded to the nearest. What leaves 64 bits is held
    /// at the limit, which makes the slice an inconsistent one.
    mutating func add(_ value: MeasureValue, as role: IndicatorPlan.Role) {
        let units = SliceTally.units(of: value)
        switch role {
        case .good: good = SliceTally.sum(good, units)
        case .bad: bad = SliceTally.sum(bad, units)
        case .total: total = SliceTally.sum(total, units)
        }
    }

    /// Adds a measure's value, and notes whether its selector matched a record.
    mutating func add(_ value: MeasureValue, as role: IndicatorPlan.Role, kind: MeasureDefinition.Kind) {
        add(value, as: role)
        if SliceTally.isMatched(value, kind) { matched.insert(role.part) }
    }

    /// A count of none has matched nothing; a sum has no value then, and one of zeros is 0.
    private static func isMatched(_ value: MeasureValue, _ kind: MeasureDefinition.Kind) -> Bool {
        switch (value, kind) {
        case (.none, _), (.integer(0), .count): false
        default: true
        }
    }

    /// What a ledger is to add. Where bad is counted it may come from another source than total, and exceed it for a while.
    func delta(at start: Timestamp, countsGood: Bool, late: Int64) -> SliceDelta {
        SliceDelta(
            start: start, good: countsGood ? good : SliceTally.difference(total, bad), total: total, late: late,
            matched: matched)
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

extension IndicatorPlan.Role {
    var part: SelectorParts {
        switch self {
        case .good: .good
        case .bad: .bad
        case .total: .total
        }
    }
}
