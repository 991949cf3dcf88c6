/// The exact one-sided test of a share: whether so many bad of so many are more than a true share of `share` brings about by chance.
///
/// It is Clopper and Pearson's lower bound put as a question: the bound lies above `share` just when
/// P(X >= bad) < significance, X being binomial with `total` trials of `share` (Biometrika 26, 1934). Nothing is approximated by a normal
/// distribution where counts are small, which is where an alert has to know how little it knows.
///
/// **Deterministic.** Integers decide, through additions, multiplications, divisions and square roots of doubles alone, which IEEE 754
/// rounds the same everywhere. The C library's `log` and `exp` come in versions for this and that processor that differ in the last bit, and
/// two members that judge one slice must not.
///
/// **Exactness.** The probability of `bad` itself is Loader's saddle-point form (2000), whose parts don't cancel for 10^18 trials, with the
/// distance from the mean taken in integers. The rest of the tail is summed, all terms positive, up to a variance of `summedVarianceMax`; above
/// it Lugannani and Rice's formula (1980) gives it, off by less than one part in 10^6. Counts whose products with the share leave 128 bits are halved until they don't,
/// which only takes evidence away.
public struct BinomialTest: Sendable {
    private let logSignificance: Double

    public static let significanceMax = 0.1
    /// Up to here a sum has some ten thousand terms at most, 50 µs.
    static let summedVarianceMax = 1e7

    /// - Parameter significance: the probability with which chance alone may pass for more, 1 - confidence; above 0 and at most `significanceMax`.
    public init(significance: Double) {
        precondition(significance > 0 && significance <= BinomialTest.significanceMax, "a test allows for some chance")
        logSignificance = PlainMathematics.logarithm(significance)
    }

    /// Whether the true share of bad ones is above `numerator / denominator`. False where nothing was counted.
    ///
    /// `denominator` is above 0, and 0 ≤ bad ≤ total.
    public func isAbove(_ numerator: Int128, _ denominator: Int128, bad: Int128, of total: Int128) -> Bool {
        precondition(denominator > 0, "a share has a denominator above 0")
        if bad <= 0 || numerator >= denominator { return false }
        if numerator <= 0 { return true }
        var (top, bottom, bad, total) = (numerator, denominator, bad, total)
        // The distance from the mean, in parts of the denominator.
        var excess: Int128
        while true {
            let (spent, isSpentWide) = bad.multipliedReportingOverflow(by: bottom)
            let (expected, isExpectedWide) = total.multipliedReportingOverflow(by: top)
            excess = spent &- expected
            if !isSpentWide && !isExpectedWide { break }
            if bottom >> 62 > 0 {
                // Upwards, so that a share is never taken for a smaller one.
                top = top >> 1 + top & 1
                bottom >>= 1
                if top >= bottom { return false }
            } else {
                bad >>= 1
                total = total >> 1 + total & 1
            }
        }
        if excess <= 0 { return false }
        let sample = Sample(
            bad: Double(bad), total: Double(total), share: Double(top) / Double(bottom),
            complement: Double(bottom - top) / Double(bottom), excess: Double(excess) / Double(bottom))
        return sample.variance > BinomialTest.summedVarianceMax
            ? isAboveByNormalTail(sample) : isAboveBySum(sample)
    }

    /// What was counted and is held against a share, in doubles.
    struct Sample {
        let bad: Double
        let total: Double
        let share: Double
        let complement: Double
        /// bad - total × share; above 0.
        let excess: Double

        var good: Double { total - bad }
        var variance: Double { total * share * complement }

        /// The likelihood ratio of the sample's own share against the tested one: total times Kullback and Leibler's divergence.
        var deviance: Double {
            PlainMathematics.deviance(bad, from: total * share, difference: excess)
                + (good > 0
                    ? PlainMathematics.deviance(good, from: total * complement, difference: -excess)
                    : total * complement)
        }

        /// ln P(X = bad).
        var logProbability: Double {
            if good == 0 { return total * PlainMathematics.logarithm(share) }
            let errors =
                PlainMathematics.stirlingError(total) - PlainMathematics.stirlingError(bad)
                - PlainMathematics.stirlingError(good)
            return errors - deviance + PlainMathematics.logarithm(total / (2 * Double.pi * bad * good)) / 2
        }
    }

    func isAboveBySum(_ sample: Sample) -> Bool {
        let logProbability = sample.logProbability
        if logProbability >= logSignificance { return false }
        // From here on in units of P(X = bad): P(X = bad + i + 1) = P(X = bad + i) × odds × (good - i) / (bad + i + 1).
        let limit = PlainMathematics.exponential(logSignificance - logProbability)
        let odds = sample.share / sample.complement
        var (sum, term, bad, good) = (1.0, 1.0, sample.bad, sample.good)
        while true {
            if sum >= limit { return false }
            bad += 1
            let ratio = odds * good / bad
            // All ratios to come are smaller than this one: what is left is less than a geometric series.
            if ratio < 1, sum + term * ratio / (1 - ratio) < limit { return true }
            if good < 1 { return sum < limit }
            term *= ratio
            good -= 1
            sum += term
        }
    }

    /// Lugannani and Rice, with the first correction for integers: Q(w) + φ(w) (1/u - 1/w).
    func isAboveByNormalTail(_ sample: Sample) -> Bool {
        let exponent = sample.deviance
        let w = (2 * exponent).squareRoot()
        // P > 0.15, more than any significance.
        if w < 1 { return false }
        guard sample.good > 0 else { return sample.logProbability < logSignificance }
        // 1 - e^-s, where e^s are the odds of the sample against those of the share: excess / (bad × complement).
        let u =
            sample.excess / (sample.bad * sample.complement)
            * (sample.bad * sample.good / sample.total).squareRoot()
        let tail = PlainMathematics.millsRatio(w) + 1 / u - 1 / w
        return PlainMathematics.logarithm(tail) - exponent - PlainMathematics.logarithm(2 * Double.pi) / 2
            < logSignificance
    }
}
