import Text

/// What was found of one condition of an objective's alert, in texts and numbers as they are shown.
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

        var sentence: String { "\(shownRate) over \(name) (\(bad) of \(total) bad)" }

        /// With three significant digits.
        fileprivate var shownRate: String {
            rate.map { SentenceNumber.rounded($0) } ?? (bad > 0 ? "past all numbers" : "unknown")
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
        case .burnRate(let factor, let long, let short, _):
            ["factor": .number(factor), "long": long.value, "short": short.value]
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

    // MARK: Sentences

    /// What is left of the budget, as a sentence of its own; `nil` where another says it.
    var remainder: String? { if case .burnRate(_, _, _, let outlook) = self { outlook.remainder } else { nil } }

    var holding: String {
        switch self {
        case .burnRate(let factor, _, _, _): "\(numbers), both above \(factor)"
        case .budgetLeft(_, let below): "\(numbers), less than \(below)"
        case .budgetDrop(_, let above, _): "\(numbers), more than \(above)"
        case .timeToExhaustion(_, let below, _, _): "\(numbers), sooner than \(below)"
        case .noData: numbers
        }
    }

    var notHolding: String {
        switch self {
        case .burnRate(let factor, _, _, _): "\(numbers), not both above \(factor)"
        case .budgetLeft(_, let below): "\(numbers), not less than \(below)"
        case .budgetDrop(_, let above, _): "\(numbers), not more than \(above)"
        case .timeToExhaustion(_, let below, _, _): "\(numbers), not sooner than \(below)"
        case .noData: "there are records again"
        }
    }

    private var numbers: String {
        switch self {
        case .burnRate(_, let long, let short, _): "the burn rate is \(long.sentence) and \(short.sentence)"
        case .budgetLeft(let left, _): "\(left ?? "nothing") of the error budget is left"
        case .budgetDrop(let drop, _, let window):
            "\(drop ?? "nothing") of the error budget was spent in \(window.name) (\(window.bad) of \(window.total) bad)"
        case .timeToExhaustion(let time, _, let left, let window):
            "at a burn rate of \(window.sentence) what is left of the error budget (\(left ?? "nothing")) is gone in "
                + (time ?? "no foreseeable time")
        case .noData(let length): "there is no record for \(length)"
        }
    }

    /// Behind the objective's name.
    var summary: String {
        switch self {
        case .burnRate(_, let long, _, let outlook):
            (long.rate == nil ? "nothing may fail, and something does," : "\(long.shownRate)x the sustainable rate")
                + " over \(long.name), \(long.bad) of \(long.total) bad; \(outlook.ending)"
        case .budgetLeft(let left, _): "\(left ?? "nothing") of the error budget is left"
        case .budgetDrop(let drop, _, let window):
            "\(drop ?? "some") of the error budget was spent in \(window.name), \(window.bad) of \(window.total) bad"
        case .timeToExhaustion(let time, _, let left, _):
            "the error budget is gone in \(time ?? "no foreseeable time"), \(left ?? "nothing") of it is left"
        case .noData(let length): "no data for \(length)"
        }
    }

    var summaryOfEnd: String {
        switch self {
        case .burnRate(_, let long, _, let outlook):
            "the error budget no longer burns too fast over \(long.name); \(outlook.remainder)"
        case .budgetLeft(let left, _): "\(left ?? "nothing") of the error budget is left"
        case .budgetDrop(_, _, let window): "the error budget is no longer spent too fast in \(window.name)"
        case .timeToExhaustion(let time, _, _, _): "the error budget is gone in \(time ?? "no foreseeable time")"
        case .noData: "there is data again"
        }
    }
}
