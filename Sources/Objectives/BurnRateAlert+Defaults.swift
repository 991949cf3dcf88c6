extension BurnRateAlert {
    /// Events that a long window must hold before a default alert may fire.
    ///
    /// One failure in three requests is a burn rate of 333 against 99.9 % and says nothing about the service. Thirty
    /// still lets an indicator that has one value a minute page within its first hour.
    public static let defaultTrafficFloor: Int64 = 30

    /// The multi-window, multi-burn-rate alerts that the Google SRE workbook recommends, for an SLO of this window.
    ///
    /// For 30 days: a page above 14.4 over 1 h and 5 min, and above 6 over 6 h and 30 min; a ticket above 3 over 1 d
    /// and 2 h, and above 1 over 3 d and 6 h. Each of them means that a fixed share of the budget (2, 5, 10 and 10 %)
    /// is spent within the long window.
    ///
    /// - From 28 days on the look-backs stay, because they are the time in which somebody has to react, and so do the
    ///   shares: the factor is share × window / long, as in the tables that Sloth ships (13.44, 5.6, 2.8 and 0.9333…
    ///   for 28 days).
    /// - Below 28 days that would give factors under which a service within its budget pages. So the factors of 30 days
    ///   stay and the look-backs shrink with the window, rounded up to whole minutes: an alert then comes a little late
    ///   rather than on less evidence.
    ///
    /// `window` is in nanoseconds and above 0.
    public static func defaults(window: Int64) -> [BurnRateAlert] {
        precondition(window > 0, "a compliance window is longer than nothing")
        return recommendations.map { recommendation in
            var alert = BurnRateAlert(
                name: recommendation.name, severity: recommendation.severity, factor: recommendation.factor30d,
                longNanoseconds: recommendation.longMinutes * minute,
                shortNanoseconds: recommendation.shortMinutes * minute, trafficFloor: defaultTrafficFloor)
            if window >= 28 * day {
                // share = factor30d × long / 30 d, hence factor = share × window / long = factor30d × window / 30 d. It
                // always fits, because each factor30d's numerator divides 30 d in nanoseconds.
                alert.factor = recommendation.factor30d.multiplied(by: Ratio(window, 30 * day))!
            } else {
                alert.longNanoseconds = shrunk(alert.longNanoseconds, to: window)
                alert.shortNanoseconds = shrunk(alert.shortNanoseconds, to: window)
            }
            return alert
        }
    }

    private static let minute: Int64 = 60_000_000_000
    private static let day: Int64 = 1440 * minute

    private static let recommendations:
        [(name: String, severity: String, factor30d: Ratio, longMinutes: Int64, shortMinutes: Int64)] = [
            ("page-quick", "critical", Ratio(72, 5), 60, 5),
            ("page-slow", "critical", Ratio(6, 1), 360, 30),
            ("ticket-quick", "warning", Ratio(3, 1), 1440, 120),
            ("ticket-slow", "warning", Ratio(1, 1), 4320, 360),
        ]

    /// `lookback × window / 30 d`, rounded up to whole minutes.
    private static func shrunk(_ lookback: Int64, to window: Int64) -> Int64 {
        let (product, divisor) = (Int128(lookback) * Int128(window), Int128(30 * day) * Int128(minute))
        return Int64((product + divisor - 1) / divisor) * minute
    }
}
