/// Sums over a run of slices, exact.
///
/// A slice whose good is no part of its total is inconsistent: it is counted as that, and is in no other sum. Nothing is
/// clamped, so that no SLI can leave 0 to 1 and no number hides that a selector is wrong.
struct Tally: Sendable, Equatable {
    var good: Int128 = 0
    var total: Int128 = 0
    /// Slices whose total is above 0 and consistent: the only ones of which anything is known.
    var slices: Int64 = 0
    /// Slices whose good or bad exceeds their total.
    var inconsistent: Int64 = 0
    /// Sum of the slices' scores, in the unit of `BudgetingMethod.score`.
    var score: Int128 = 0
    /// Slices of the run, those without data included; only in sums over a look-back.
    var span: Int64 = 0

    static func += (left: inout Tally, right: Tally) {
        left.good += right.good
        left.total += right.total
        left.slices += right.slices
        left.inconsistent += right.inconsistent
        left.score += right.score
    }

    static func -= (left: inout Tally, right: Tally) {
        left.good -= right.good
        left.total -= right.total
        left.slices -= right.slices
        left.inconsistent -= right.inconsistent
        left.score -= right.score
    }
}

extension BudgetingMethod {
    /// What a slice of a perfect ratio scores under `ratioTimeslices`.
    ///
    /// The mean of thousands of ratios with different denominators has no common one in 128 bits. So a slice's ratio is
    /// rounded once, to a multiple of 10^-18, and the sums are integers: the mean is off by at most half of that, and
    /// the order in which slices are added cannot matter. (43,200 slices × 10^18 < 2^76.)
    static let ratioUnit: Int128 = 1_000_000_000_000_000_000

    /// The tally of one slice, of its counts as they stand.
    func tally(good: Int64, total: Int64) -> Tally {
        if !SliceCounts.isConsistent(good: good, total: total) { return Tally(inconsistent: 1) }
        if total == 0 { return Tally() }
        var tally = Tally(good: Int128(good), total: Int128(total), slices: 1)
        switch self {
        case .occurrences:
            tally.score = Int128(good)
        case .timeslices(let target, _):
            // Cross-multiplied: 2^63 × 2^63 stays in 128 bits.
            let isGood = Int128(good) * Int128(target.denominator) >= Int128(target.numerator) * Int128(total)
            tally.score = isGood ? 1 : 0
        case .ratioTimeslices:
            let product = Int128(good) * BudgetingMethod.ratioUnit
            tally.score = (product + Int128(total) / 2) / Int128(total)
        }
        return tally
    }

    /// The tally of slices together.
    func tally(_ slices: [SliceCounts]) -> Tally {
        var tally = Tally()
        guard case .occurrences = self else {
            for counts in slices { tally += self.tally(good: counts.good, total: counts.total) }
            return tally
        }
        for counts in slices {
            if !counts.isConsistent {
                tally.inconsistent += 1
            } else if counts.total > 0 {
                tally.good += Int128(counts.good)
                tally.total += Int128(counts.total)
                tally.slices += 1
            }
        }
        tally.score = tally.good
        return tally
    }

    /// What went wrong, in the unit of `whole`: bad records, bad slices, or the bad part of the slices' ratios.
    func bad(_ tally: Tally) -> Int128 {
        switch self {
        case .occurrences: tally.total - tally.score
        case .timeslices: Int128(tally.slices) - tally.score
        case .ratioTimeslices: whole(tally) - tally.score
        }
    }

    /// What the budget is a part of: records; for `timeslices` all slices of the run, with data or without, as OpenSLO
    /// defines it; for `ratioTimeslices` the slices with data, in units of `ratioUnit`.
    func whole(_ tally: Tally) -> Int128 {
        switch self {
        case .occurrences: tally.total
        case .timeslices: Int128(tally.span)
        case .ratioTimeslices: Int128(tally.slices) * BudgetingMethod.ratioUnit
        }
    }
}
