/// What was found of one condition of an objective's alert, in texts and exact numbers; `Sentences` has the words.
public enum ObjectiveFinding: Sendable, Equatable {
    case burnRate(factor: String, long: BurnRateWindow, short: BurnRateWindow, outlook: BudgetOutlook)
    /// The shares of the compliance window's budget that are left, and that must be; the first is `nil` where nothing may be spent.
    case budgetLeft(String?, below: String)
    /// The shares of the budget that went in a look-back, and that may go; the first is `nil` without data.
    case budgetDrop(String?, above: String, window: BurnRateWindow)
    /// What is left is gone in this time, `nil` where it is not being spent.
    case timeToExhaustion(String?, below: String, budgetLeft: String?, window: BurnRateWindow)
    /// Nothing was counted for so long.
    case noData(String)

    /// A look-back, as it was when the alert changed.
    public struct BurnRateWindow: Sendable, Equatable {
        /// `1h`, `5m`.
        public var name: String
        /// A decimal number; `nil` where it is past all numbers (a target of 1) or nothing was counted.
        public var rate: String?
        /// These in 128 bits, because nothing bounds sums from outside.
        public var good: Int128
        public var total: Int128

        /// Less than the rest of total where slices are judged,
        /// of which some may be unknown.
        public var bad: Int128

        /// - Parameter bad: the rest of total where none is given.
        public init(name: String, rate: String?, good: Int128, total: Int128, bad: Int128? = nil) {
            self.name = name
            self.rate = rate
            self.good = good
            self.total = total
            self.bad = bad ?? total - good
        }

        var value: AlertValue {
            .object([
                "window": .text(name), "burn_rate": rate.map(AlertValue.number) ?? .null, "good": .number("\(good)"),
                "total": .number("\(total)"), "bad": .number("\(bad)"),
            ])
        }
    }

    /// The alert's class.
    var kind: String {
        switch self {
        case .burnRate: "burn_rate"
        case .budgetLeft, .budgetDrop, .timeToExhaustion: "error_budget"
        case .noData: "no_data"
        }
    }

    /// Whether chance was asked.
    var isTested: Bool {
        switch self {
        case .burnRate, .budgetDrop, .timeToExhaustion: true
        case .budgetLeft, .noData: false
        }
    }

    var details: [String: AlertValue] {
        switch self {
        case .burnRate(let factor, let long, let short, let outlook):
            [
                "factor": .number(factor), "long": long.value, "short": short.value,
                "budget_left": outlook.left.map(AlertValue.number) ?? .null,
                "time_to_exhaustion": outlook.timeToExhaustion.map(AlertValue.text) ?? .null,
            ]
        case .budgetLeft(let left, let below):
            ["budget_left": left.map(AlertValue.number) ?? .null, "budget_left_below": .number(below)]
        case .budgetDrop(let drop, let above, let window):
            [
                "budget_drop": drop.map(AlertValue.number) ?? .null, "budget_drop_above": .number(above),
                "long": window.value,
            ]
        case .timeToExhaustion(let time, let below, let left, let window):
            [
                "time_to_exhaustion": time.map(AlertValue.text) ?? .null, "time_to_exhaustion_below": .text(below),
                "budget_left": left.map(AlertValue.number) ?? .null, "long": window.value,
            ]
        case .noData(let length): ["no_data_for": .text(length)]
        }
    }

    var sentences: FindingSentences {
        switch self {
        case .burnRate(let factor, let long, let short, let outlook):
            .burnRate(factor: factor, long: long, short: short, outlook: outlook)
        case .budgetLeft(let left, let below): .budgetLeft(left, below: below)
        case .budgetDrop(let drop, let above, let window): .budgetDrop(drop, above: above, window: window)
        case .timeToExhaustion(let time, let below, let left, let window):
            .timeToExhaustion(time, below: below, left: left, window: window)
        case .noData(let length): .noData(for: length)
        }
    }
}
