import TelemetryModel

/// What is left of an objective's error budget, and how long that is enough.
public struct BudgetForecast: Sendable, Equatable {
    /// Of the compliance window's budget, as a decimal number rounded after six fraction digits: negative where more was spent than there
    /// is; `nil` where there is none to spend.
    public var leftPercent: String?
    /// Whether nothing is left.
    public var isGone: Bool
    /// When what is left is gone at the rate that was asked for, in nanoseconds; `nil` where it is gone, and at a burn rate of 1 or less,
    /// at which it lasts.
    public var exhaustionNanoseconds: Int64?

    init(leftPercent: String?, isGone: Bool, exhaustionNanoseconds: Int64?) {
        self.leftPercent = leftPercent
        self.isGone = isGone
        self.exhaustionNanoseconds = exhaustionNanoseconds
    }

    /// - Parameters:
    ///   - whole: the burn rate over the compliance window, which is the share of its budget that was spent.
    ///   - rate: at which it goes on.
    init(window: ComplianceWindow, whole: BurnRate, rate: BurnRate) {
        guard let left = whole.fraction?.complement else {
            (leftPercent, isGone) = (nil, true)
            return
        }
        leftPercent = left.multiplied(by: Ratio(100, 1)).decimal(fractionDigitsMax: 6)
        isGone = left.numerator <= 0
        guard !isGone, let rate = rate.fraction, rate > ExactFraction(1, 1) else { return }
        // For a sentence, which rounds to two digits.
        let nanoseconds = Double(window.nominalNanoseconds) * BudgetForecast.double(left) / BudgetForecast.double(rate)
        exhaustionNanoseconds = Int64(exactly: nanoseconds.rounded(.down))
    }

    private static func double(_ fraction: ExactFraction) -> Double {
        Double(fraction.numerator) / Double(fraction.denominator)
    }
}

extension ObjectiveLedger {
    /// How the budget goes on from the end of a slice at that burn rate. Costs the slices of the compliance window.
    func forecast(endSlice: Int64, at rate: BurnRate) -> BudgetForecast {
        BudgetForecast(window: terms.window, whole: burnRate(terms.window.nominalNanoseconds, endSlice: endSlice), rate: rate)
    }
}
