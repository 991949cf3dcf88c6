/// Sums over a run of slices, exact.
struct Tally: Sendable, Equatable {
    var good: Int128 = 0
    var total: Int128 = 0
    /// Slices whose total is above 0: the only ones of which anything is known.
    var slices: Int64 = 0
    /// Sum of the slices' scores, in the unit of `BudgetingMethod.score`.
    var score: Int128 = 0

    static func += (left: inout Tally, right: Tally) {
        left.good += right.good
        left.total += right.total
        left.slices += right.slices
        left.score += right.score
    }

    static func -= (left: inout Tally, right: Tally) {
        left.good -= right.good
        left.total -= right.total
        left.slices -= right.slices
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

    /// The tally of one slice.
    func tally(good: Int64, total: Int64) -> Tally {
        var tally = Tally(good: Int128(good), total: Int128(total), slices: total > 0 ? 1 : 0)
        switch self {
        case .occurrences:
            tally.score = Int128(good)
        case .timeslices(let target, _):
            // Cross-multiplied: 2^63 × 2^63 stays in 128 bits.
            let isGood = Int128(good) * Int128(target.denominator) >= Int128(target.numerator) * Int128(total)
            tally.score = total > 0 && isGood ? 1 : 0
        case .ratioTimeslices:
            // A good count that runs ahead of the total must not make up for another slice's failures.
            if total > 0 {
                let product = Int128(min(good, total)) * BudgetingMethod.ratioUnit
                tally.score = (product + Int128(total) / 2) / Int128(total)
            }
        }
        return tally
    }

    /// The tally of slices together, as shown.
    func tally(_ slices: [SliceCounts]) -> Tally {
        var tally = Tally()
        guard case .occurrences = self else {
            for counts in slices { tally += self.tally(good: max(0, counts.good), total: max(0, counts.total)) }
            return tally
        }
        for counts in slices {
            tally.good += Int128(max(0, counts.good))
            tally.total += Int128(max(0, counts.total))
            if counts.total > 0 { tally.slices += 1 }
        }
        tally.score = tally.good
        return tally
    }

    /// What `tally` would score were everything in it good.
    func scoreMax(_ tally: Tally) -> Int128 {
        switch self {
        case .occurrences: tally.total
        case .timeslices: Int128(tally.slices)
        case .ratioTimeslices: Int128(tally.slices) * BudgetingMethod.ratioUnit
        }
    }
}
