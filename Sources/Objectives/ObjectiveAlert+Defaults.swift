extension ObjectiveAlert {
    /// The multi-window, multi-burn-rate alerts that the Google SRE workbook recommends, for an SLO of this window, as two: one that wakes
    /// somebody, and one that waits for the morning.
    ///
    /// For 30 days: a page above 14.4 over 1 h and 5 min, or above 6 over 6 h and 30 min; a ticket above 3 over 1 d
    /// and 2 h, or above 1 over 3 d and 6 h. Each of these means that a fixed share of the budget (2, 5, 10 and 10 %)
    /// is spent within the long window.
    ///
    /// - From 28 days on the look-backs stay, because they are the time in which somebody has to react, and so do the
    ///   shares: the factor is share × window / long, as in the tables that Sloth ships (13.44, 5.6, 2.8 and 0.9333…
    ///   for 28 days).
    /// - Below 28 days that would give factors under which a service within its budget pages. So the factors of 30 days
    ///   stay and the look-backs shrink with the window, rounded up to whole minutes: an alert then comes a little late
    ///   rather than on less evidence.
    ///
    /// - Where a target is so low that a total failure would not burn so fast, the threshold is nine tenths of all failing: a total
    ///   outage pages for a target of 80 %, too.
    ///
    /// `window` is in nanoseconds and above 0.
    public static func defaults(window: Int64, target: Ratio) -> [ObjectiveAlert] {
        precondition(window > 0, "a compliance window is longer than nothing")
        func condition(_ recommendations: [Recommendation]) -> AlertCondition {
            .any(recommendations.map { burnRate($0, window: window).reachable(target: target) })
        }
        return [
            ObjectiveAlert(name: page, severity: "critical", condition: condition(pages)),
            ObjectiveAlert(name: ticket, severity: "warning", condition: condition(tickets), heldBackBy: page),
        ]
    }

    public static let page = "page"
    public static let ticket = "ticket"

    /// The names under which releases before these two announced a condition of such an alert, each as an alert of its own.
    public static func formerNames(of name: String) -> [String] {
        [page, ticket].contains(name) ? ["\(name)-quick", "\(name)-slow"] : []
    }

    private typealias Recommendation = (factor30d: Ratio, longMinutes: Int64, shortMinutes: Int64)

    private static let pages: [Recommendation] = [(Ratio(72, 5), 60, 5), (Ratio(6, 1), 360, 30)]
    private static let tickets: [Recommendation] = [(Ratio(3, 1), 1440, 120), (Ratio(1, 1), 4320, 360)]

    private static let minute: Int64 = 60_000_000_000
    private static let day: Int64 = 1440 * minute

    private static func burnRate(_ recommendation: Recommendation, window: Int64) -> AlertCondition {
        let (factor, longMinutes, shortMinutes) = recommendation
        let (long, short) = (longMinutes * minute, shortMinutes * minute)
        if window < 28 * day {
            return .burnRate(factor: factor, long: shrunk(long, to: window), short: shrunk(short, to: window))
        }
        // share = factor × long / 30 d, hence the factor is share × window / long = factor × window / 30 d. It always fits,
        // because each factor's numerator divides 30 d in nanoseconds.
        return .burnRate(factor: factor.multiplied(by: Ratio(window, 30 * day))!, long: long, short: short)
    }

    /// `lookback × window / 30 d`, rounded up to whole minutes.
    private static func shrunk(_ lookback: Int64, to window: Int64) -> Int64 {
        let (product, divisor) = (Int128(lookback) * Int128(window), Int128(30 * day) * Int128(minute))
        return Int64((product + divisor - 1) / divisor) * minute
    }
}

extension AlertCondition {
    /// With a factor that a total failure of that target exceeds.
    fileprivate func reachable(target: Ratio) -> AlertCondition {
        guard case .burnRate(let factor, let long, let short) = self,
            let most = AlertCondition.burnRateMax(target: target),
            let cap = most.multiplied(by: Ratio(9, 10)), factor > cap
        else { return self }
        return .burnRate(factor: cap, long: long, short: short)
    }

    /// The burn rate of a total failure; `nil` where nothing may fail.
    public static func burnRateMax(target: Ratio) -> Ratio? {
        let budget = target.complement
        return budget > .zero ? Ratio(budget.denominator, budget.numerator) : nil
    }

    /// A factor of its burn rates that none of that target is above.
    public func unreachableFactor(target: Ratio) -> Ratio? {
        guard let most = AlertCondition.burnRateMax(target: target) else { return nil }
        for leaf in leaves { if case .burnRate(let factor, _, _) = leaf, factor >= most { return factor } }
        return nil
    }
}
