import Statistics
import TelemetryModel

// Whether a condition of an alert holds at the end of a slice.
//
// Every condition comes to one question: is the bad share of a look-back above a threshold? It is asked of what was counted, and, before an
// alert opens, of chance: whether the true share is above the threshold with the alert's confidence, by the exact binomial bound over the
// records of the look-back, over its slices where slices are judged. One failure in three requests is a burn rate of 333 against
// 99.9 %, and says nothing about the service.
//
// Of burn rates either look-back will do for that: the short one has an outage pure, and shows it while the long one is still full of
// health; the long one has the numbers where traffic is low. That the trouble goes on is another matter, for which the short one must be above
// with 0.99 at least: else, for three days after an outage, a single failure would open its ticket again. Of slices 0.95 does, or that all are bad.
//
// The time before counting began is taken as free of failures, with as much traffic as the time since. So an hour's budget is not gone
// after the first minute, a new objective does not page for what a year-old one would not, and an outage opens its page as early for one as for
// the other once its short look-back is counted. Nothing is said over three days before six hours of them are counted.

/// What was found of a condition, with the numbers that a person or a schema wants.
public enum AlertFinding: Sendable, Equatable {
    case burnRate(factor: Ratio, long: BurnRate, short: BurnRate, BudgetForecast)
    /// As a decimal number; `nil` where nothing may be spent and something was.
    case budgetLeft(String?, below: Ratio)
    case budgetDrop(String?, above: Ratio, burnRate: BurnRate)
    /// In nanoseconds; 0 where the budget is gone, `nil` where it is not being spent.
    case timeToExhaustion(Int64?, below: Int64, budgetLeft: String?, burnRate: BurnRate)
    case noData(for: Int64)
}

extension ObjectiveLedger {
    /// - Parameter test: of chance; `nil` where the counts alone decide.
    func holds(_ condition: AlertCondition, endSlice: Int64, _ test: BinomialTest?) -> Bool {
        switch condition {
        case .all(let conditions): return conditions.allSatisfy { holds($0, endSlice: endSlice, test) }
        case .any(let conditions): return conditions.contains { holds($0, endSlice: endSlice, test) }
        case .burnRate(let factor, let long, let short):
            // The short look-back first: it costs less, and while all is well it settles the matter.
            let recent = tally(slices(short, before: endSlice))
            guard terms.isBurning(recent, above: factor) else { return false }
            let range = slices(long, before: endSlice)
            let whole = tally(range)
            guard let test else { return terms.isBurning(whole, above: factor) }
            guard counted(range) >= min(grid.slices(in: short), Int64(range.count)) else { return false }
            let threshold = threshold(factor)
            let weighted = weighted(threshold, over: range)
            return isAbove(weighted, whole, nil) && goesOn(threshold, recent, in: grid.slices(in: short), test)
                && (isSurelyAbove(threshold, recent, test) || isSurelyAbove(weighted, whole, test))
        case .budgetLeft(let share):
            guard let spent = budgetSpent(endSlice: endSlice) else { return false }
            return spent.isAbove(share.complement)
        case .budgetDrop(let share, let lookback):
            let tally = tally(slices(lookback, before: endSlice))
            guard let threshold = threshold(ofDrop: share, tally, endSlice: endSlice) else { return false }
            return isSurelyAbove(threshold, tally, test)
        case .timeToExhaustion(let time, let lookback):
            guard let spent = budgetSpent(endSlice: endSlice) else { return false }
            let range = slices(lookback, before: endSlice)
            // Of nothing, any failure is too much.
            guard case .share(let part) = spent, ExactFraction(1, 1) > part else {
                return terms.method.bad(tally(range)) > 0
            }
            // left × window / burn rate < time, for the burn rate.
            let factor = part.complement.multiplied(by: Ratio(terms.window.nominalNanoseconds, time))
            let budget = factor.multiplied(by: terms.target.complement)
            return isSurelyAbove(weighted(budget, over: range), tally(range), test)
        case .noData(let length):
            return tally(slices(length, before: endSlice)).slices == 0
        }
    }

    /// Whether one of the condition's burn rates is above its factor in both look-backs, and in the long one by more than chance, however
    /// little of it was counted: a report speaks of what is known, and wakes nobody.
    func burns(_ condition: AlertCondition, endSlice: Int64, _ test: BinomialTest) -> Bool {
        condition.leaves.contains { leaf in
            guard case .burnRate(let factor, let long, let short) = leaf,
                terms.isBurning(tally(slices(short, before: endSlice)), above: factor)
            else { return false }
            return isAbove(threshold(factor), tally(slices(long, before: endSlice)), test)
        }
    }

    /// What is said of a condition that holds: of all parts, or of the first alternative that does.
    func findings(_ condition: AlertCondition, endSlice: Int64, _ test: BinomialTest?) -> [AlertFinding] {
        switch condition {
        case .all(let conditions): return conditions.flatMap { findings($0, endSlice: endSlice, test) }
        case .any(let conditions):
            let first = conditions.first { holds($0, endSlice: endSlice, test) }
            return first.map { findings($0, endSlice: endSlice, test) } ?? []
        default: return [finding(condition, endSlice: endSlice)].compactMap(\.self)
        }
    }

    /// The numbers of a single condition, whether it holds or not.
    func finding(_ condition: AlertCondition, endSlice: Int64) -> AlertFinding? {
        switch condition {
        case .all, .any: return nil
        case .burnRate(let factor, let long, let short):
            let rate = burnRate(long, endSlice: endSlice)
            return .burnRate(
                factor: factor, long: rate, short: burnRate(short, endSlice: endSlice),
                forecast(endSlice: endSlice, at: rate))
        case .budgetLeft(let share):
            return .budgetLeft(budgetSpent(endSlice: endSlice)?.left, below: share)
        case .budgetDrop(let share, let lookback):
            let tally = tally(slices(lookback, before: endSlice))
            return .budgetDrop(
                budgetDrop(tally, endSlice: endSlice)?.decimal(fractionDigitsMax: 6), above: share,
                burnRate: burnRate(lookback, endSlice: endSlice))
        case .timeToExhaustion(let time, let lookback):
            let (spent, rate) = (budgetSpent(endSlice: endSlice), burnRate(lookback, endSlice: endSlice))
            return .timeToExhaustion(
                spent.flatMap { timeLeft($0, rate) }, below: time, budgetLeft: spent?.left, burnRate: rate)
        case .noData(let length): return .noData(for: length)
        }
    }

    // MARK: Thresholds

    func slices(_ nanoseconds: Int64, before endSlice: Int64) -> Range<Int64> {
        endSlice - grid.slices(in: nanoseconds)..<endSlice
    }

    /// Slices of a judgement's range since counting began; where cells are all that is left, or will be, since the one in which it did.
    private func counted(_ range: Range<Int64>) -> Int64 {
        guard let began = countingBegan.map(grid.slice(holding:)) else { return 0 }
        if began <= range.lowerBound { return Int64(range.count) }
        let first = widened(began..<began + 1, judgedAt: range.upperBound).lowerBound
        return min(Int64(range.count), max(0, range.upperBound - first))
    }

    /// The bad share at which the budget burns `factor` times too fast.
    private func threshold(_ factor: Ratio) -> ExactFraction {
        let budget = terms.target.complement
        return ExactFraction(
            Int128(factor.numerator) * Int128(budget.numerator),
            Int128(factor.denominator) * Int128(budget.denominator))
    }

    /// A share of the range as one of what was counted of it, the rest being free of failures. Timeslices have the whole range in their total.
    private func weighted(_ share: ExactFraction, over range: Range<Int64>) -> ExactFraction {
        let counted = countedOrAll(range)
        return counted < Int64(range.count) ? share.multiplied(by: Ratio(Int64(range.count), counted)) : share
    }

    /// The bad share of a look-back at which it spends this share of the compliance window's budget; `nil` without data.
    private func threshold(ofDrop share: Ratio, _ lookback: Tally, endSlice: Int64) -> ExactFraction? {
        let range = widened(covered(at: grid.start(of: endSlice)), judgedAt: endSlice)
        let whole = terms.method.whole(tally(range))
        let part = terms.method.whole(lookback)
        guard lookback.slices > 0, whole > 0, part > 0 else { return nil }
        return weighted(
            ExactFraction(whole, part).multiplied(by: terms.target.complement).multiplied(by: share), over: range)
    }

    /// The share of the compliance window's budget that a look-back spent; `nil` without data or budget.
    private func budgetDrop(_ lookback: Tally, endSlice: Int64) -> ExactFraction? {
        let range = widened(covered(at: grid.start(of: endSlice)), judgedAt: endSlice)
        let whole = terms.method.whole(tally(range))
        guard lookback.slices > 0, whole > 0 else { return nil }
        return ExactFraction(terms.method.bad(lookback), whole).divided(by: terms.target.complement)?
            .multiplied(by: Ratio(countedOrAll(range), Int64(range.count)))
    }

    /// Slices of the range that a tally's whole is of.
    private func countedOrAll(_ range: Range<Int64>) -> Int64 {
        terms.method.countsAllSlices ? Int64(range.count) : max(1, counted(range))
    }

    /// With the alert's confidence. One failure opens nothing where some are allowed, however unlikely it is: of a target of 99.99 % it is
    /// one of 1667 requests, and a service with a request an hour would page for each.
    private func isSurelyAbove(_ threshold: ExactFraction, _ tally: Tally, _ test: BinomialTest?) -> Bool {
        guard isAbove(threshold, tally, test) else { return false }
        return test == nil || threshold.numerator <= 0 || terms.method.judgesSlices || terms.method.bad(tally) > 1
    }

    private func isAbove(_ threshold: ExactFraction, _ tally: Tally, _ test: BinomialTest?) -> Bool {
        guard let badness = terms.badness(tally), badness > threshold else { return false }
        guard let test else { return true }
        let (bad, total) = terms.method.evidence(tally)
        return test.isAbove(threshold.numerator, threshold.denominator, bad: bad, of: total)
    }

    /// Whether what burnt still burns at the end of a short look-back of so many slices. Where these are judged, and all of them are bad,
    /// nothing more could be seen, however high the threshold.
    private func goesOn(
        _ threshold: ExactFraction, _ recent: Tally, in slices: Int64, _ test: BinomialTest
    ) -> Bool {
        guard terms.method.judgesSlices else {
            return isAbove(threshold, recent, .ongoing) || isAbove(threshold, recent, test)
        }
        let (bad, total) = terms.method.evidence(recent)
        let isAllBad = bad == total && total >= Int128(slices)
        return isAbove(threshold, recent, isAllBad ? nil : .ongoingBySlices)
    }

    // MARK: The compliance window's budget

    private enum BudgetSpent {
        case share(ExactFraction)
        /// Nothing may be spent, and something was.
        case pastAllNumbers

        func isAbove(_ share: Ratio) -> Bool {
            guard case .share(let part) = self else { return true }
            return part > ExactFraction(Int128(share.numerator), Int128(share.denominator))
        }

        /// As a report prints it.
        var left: String? {
            guard case .share(let part) = self else { return nil }
            return part.complement.decimal(fractionDigitsMax: 6)
        }
    }

    /// Of the budget that the whole window has once all of it was counted; `nil` without data.
    private func budgetSpent(endSlice: Int64) -> BudgetSpent? {
        let range = widened(covered(at: grid.start(of: endSlice)), judgedAt: endSlice)
        guard let badness = terms.badness(tally(range)) else { return nil }
        let budget = terms.target.complement
        guard budget > .zero else { return badness.numerator > 0 ? .pastAllNumbers : .share(badness) }
        let spent = badness.multiplied(by: Ratio(budget.denominator, budget.numerator))
        return .share(spent.multiplied(by: Ratio(countedOrAll(range), Int64(range.count))))
    }

    /// How the budget goes on from the end of a slice at that burn rate. Costs the slices of the compliance window.
    func forecast(endSlice: Int64, at rate: BurnRate) -> BudgetForecast {
        guard let spent = budgetSpent(endSlice: endSlice), case .share(let part) = spent else {
            return BudgetForecast(left: nil, isGone: true, exhaustionNanoseconds: nil)
        }
        let left = part.complement
        let isGone = left.numerator <= 0
        let isSustainable = rate.fraction.map { ExactFraction(1, 1) >= $0 } ?? false
        return BudgetForecast(
            left: left.decimal(fractionDigitsMax: 8), isGone: isGone,
            exhaustionNanoseconds: isGone || isSustainable ? nil : timeLeft(spent, rate))
    }

    private func timeLeft(_ spent: BudgetSpent, _ rate: BurnRate) -> Int64? {
        guard case .share(let part) = spent, ExactFraction(1, 1) > part else { return 0 }
        guard let burn = rate.fraction, burn.numerator > 0 else { return rate.bad > 0 ? 0 : nil }
        let left = Double(part.complement.numerator) / Double(part.denominator)
        let time = left * Double(terms.window.nominalNanoseconds) / (Double(burn.numerator) / Double(burn.denominator))
        return Int64(exactly: time.rounded()) ?? .max
    }
}

extension BinomialTest {
    /// That what burnt still burns: of records, and of slices, of which a look-back has few.
    fileprivate static let ongoing = BinomialTest(significance: 0.01)
    fileprivate static let ongoingBySlices = BinomialTest(significance: 0.05)
}

extension BudgetingMethod {
    /// Whether slices without data are in `whole`.
    fileprivate var countsAllSlices: Bool { if case .timeslices = self { true } else { false } }

    fileprivate var judgesSlices: Bool { if case .occurrences = self { false } else { true } }

    /// Trials and failures for a test of chance. With `ratioTimeslices` slices, their bad parts put together and rounded.
    fileprivate func evidence(_ tally: Tally) -> (bad: Int128, total: Int128) {
        switch self {
        case .occurrences, .timeslices: (bad(tally), whole(tally))
        case .ratioTimeslices:
            ((bad(tally) + BudgetingMethod.ratioUnit / 2) / BudgetingMethod.ratioUnit, Int128(tally.slices))
        }
    }
}
