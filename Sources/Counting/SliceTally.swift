import Aggregation
import Objectives
import Planning
import Statistics
import TelemetryModel

/// Good, bad and total of one slice as the measures of an indicator add up to them, exact.
struct SliceTally: Sendable, Equatable {
    private var good = ExactSum()
    private var bad = ExactSum()
    private(set) var total = ExactSum()
    /// What matched a record, whatever it added up to.
    private(set) var matched: SelectorParts = []

    /// Adds a measure, a count or a sum, and notes whether its selector matched a record: a count of none has matched
    /// nothing; a sum has no value then, and one of zeros is 0.
    mutating func add(_ state: MeasureState, as role: CompiledIndicator.Role) {
        guard let sum = state.total else { return }
        switch role {
        case .good: good.merge(sum)
        case .bad: bad.merge(sum)
        case .total: total.merge(sum)
        }
        matched.insert(role.part)
    }

    /// What a ledger is to add: `outOfRange` where a sum leaves 64 bits. Where bad is counted it may come from another source
    /// than total, and exceed it for a while.
    func delta(at start: Timestamp, countsGood: Bool, late: Int64) -> SliceDelta {
        var delta = SliceDelta(start: start, late: late, matched: matched)
        (delta.good, delta.total) = (SliceDelta.outOfRange, SliceDelta.outOfRange)
        if good.isOverflowed || bad.isOverflowed || total.isOverflowed { return delta }
        let (good, bad, total) = (good.wholeAndUnits, bad.wholeAndUnits, total.wholeAndUnits)
        guard let wholeGood = Int64(exactly: countsGood ? good.whole : total.whole - bad.whole),
            let wholeTotal = Int64(exactly: total.whole)
        else { return delta }
        (delta.good, delta.total) = (wholeGood, wholeTotal)
        let fraction = SliceFraction(good: countsGood ? good.units : total.units - bad.units, total: total.units)
        if fraction != SliceFraction() { delta.fraction = fraction }
        return delta
    }

    /// Total as a number of records that came too late: to the nearest whole, at most what 64 bits hold.
    var lateTotal: Int64 {
        if total.isOverflowed { return .max }
        let (whole, units) = total.wholeAndUnits
        return max(0, Int64(clamping: units >= SliceFraction.one / 2 ? whole + 1 : whole))
    }
}

extension ExactSum {
    /// The largest whole number that is not above the sum, and what the sum is above it in units of 2⁻⁹⁶.
    fileprivate var wholeAndUnits: (whole: Int128, units: Int128) {
        let (whole, fraction) = parts
        return (whole, Int128(fraction.words.1) << 64 | Int128(fraction.words.0))
    }
}

extension MeasureState {
    /// A count or a sum; `nil` where no record matched, and for other measures, which make no total.
    fileprivate var total: ExactSum? {
        switch self {
        case .count(0): return nil
        case .count(let count):
            var sum = ExactSum()
            sum.add(Int64(clamping: count))
            return sum
        case .sum(let sum): return sum
        case .extremum, .distinct, .quantile: return nil
        }
    }
}

extension CompiledIndicator.Role {
    var part: SelectorParts {
        switch self {
        case .good: .good
        case .bad: .bad
        case .total: .total
        }
    }
}
