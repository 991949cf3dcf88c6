import TelemetryModel

/// How fast the error budget was spent over a look-back: at 1, all of it goes in exactly the SLO's window.
public struct BurnRate: Sendable, Equatable {
    public var lookbackNanoseconds: Int64
    /// Records; for Timeslices slices, of which total holds those without data, that are neither good nor bad.
    public var good: Int128
    public var total: Int128
    public var bad: Int128
    /// The decimal number, rounded after six fraction digits. `nil` where the look-back holds no data, and for a target
    /// of 1 once something failed, whose burn rate is past all numbers.
    public var text: String? { fraction?.decimal(fractionDigitsMax: 6) }
    package let fraction: ExactFraction?
    /// `text` as a number.
    public var rate: Double? { text.flatMap(Double.init) }

    /// (bad / total) / (1 - target).
    init(lookbackNanoseconds: Int64, tally: Tally, terms: ObjectiveTerms) {
        self.lookbackNanoseconds = lookbackNanoseconds
        (good, total, bad) = terms.method.shown(tally)
        fraction = terms.badness(tally)?.divided(by: terms.target.complement)
    }
}

extension ObjectiveTerms {
    /// The bad part of what was counted, from 0 to 1, unrounded; `nil` without data.
    func badness(_ tally: Tally) -> ExactFraction? {
        let whole = method.whole(tally)
        return tally.slices > 0 && whole > 0 ? ExactFraction(method.bad(tally), whole) : nil
    }

    /// Whether the burn rate is above `factor`, decided on integers. At exactly the factor it is not, as in the SRE
    /// workbook's own expressions; without data it never is.
    func isBurning(_ tally: Tally, above factor: Ratio) -> Bool {
        guard let badness = badness(tally) else { return false }
        // badness / budget > factor, multiplied out so that a budget of 0 needs no case of its own.
        let budget = target.complement
        return badness
            > ExactFraction(
                Int128(factor.numerator) * Int128(budget.numerator),
                Int128(factor.denominator) * Int128(budget.denominator))
    }
}

extension BudgetingMethod {
    /// The integers that stand for `tally` in a report: slices where slices are judged, records elsewhere.
    func shown(_ tally: Tally) -> (good: Int128, total: Int128, bad: Int128) {
        switch self {
        case .occurrences, .ratioTimeslices: (tally.good, tally.total, tally.total - tally.good)
        case .timeslices: (tally.score, Int128(tally.span), bad(tally))
        }
    }
}

extension ObjectiveLedger {
    /// The burn rate over the look-back that ends at `time`, rounded up to the end of its slice.
    public func burnRate(over lookbackNanoseconds: Int64, endingAt time: Timestamp) -> BurnRate {
        burnRate(lookbackNanoseconds, endSlice: grid.end(at: time))
    }

    func burnRate(_ lookbackNanoseconds: Int64, endSlice: Int64) -> BurnRate {
        BurnRate(
            lookbackNanoseconds: lookbackNanoseconds,
            tally: tally(endSlice - grid.slices(in: lookbackNanoseconds)..<endSlice), terms: terms)
    }
}
