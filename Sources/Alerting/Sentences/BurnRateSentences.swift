import Text

// What a person reads of an error budget that burns too fast.

extension FindingSentences {
    static func burnRate(
        factor: String, long: ObjectiveFinding.BurnRateWindow, short: ObjectiveFinding.BurnRateWindow,
        outlook: BudgetOutlook
    ) -> FindingSentences {
        let numbers = "the burn rate is \(long.sentence(apartFrom: factor)) and \(short.sentence(apartFrom: factor))"
        let speed =
            long.rate == nil
            ? "nothing may fail, and something does," : "\(long.shownRate(apartFrom: factor))x the sustainable rate"
        return FindingSentences(
            summary: "\(speed) over \(long.name), \(long.counts); \(outlook.ending)",
            summaryOfEnd: "the error budget no longer burns too fast over \(long.name); \(outlook.remainder)",
            endOfAll: "the error budget no longer burns too fast",
            holding: "\(numbers), both above \(factor)", notHolding: "\(numbers), not both above \(factor)",
            remainder: outlook.remainder)
    }
}

extension ObjectiveFinding.BurnRateWindow {
    /// `28.3 over 1h (733 of 25,905 bad)`.
    func sentence(apartFrom threshold: String? = nil) -> String {
        "\(shownRate(apartFrom: threshold)) over \(name) (\(counts))"
    }

    /// `733 of 25,905 bad`: of records or of slices, whatever the objective counts.
    var counts: String { "\(SentenceNumber.whole(bad)) of \(SentenceNumber.whole(total)) bad" }

    fileprivate func shownRate(apartFrom threshold: String?) -> String {
        rate.map { SentenceNumber.rounded($0, apartFrom: threshold) } ?? (bad > 0 ? "past all numbers" : "unknown")
    }
}

extension BudgetOutlook {
    /// `the budget is gone in 25 h`.
    fileprivate var ending: String {
        if isGone { return "the budget is gone" }
        return goneIn.map { "the budget is gone in \(BudgetOutlook.duration($0))" } ?? "the budget lasts"
    }

    /// `97.5 % of a whole window's budget is left`.
    fileprivate var remainder: String {
        guard let left else { return "there is no budget to spend" }
        let percent = SentenceNumber.percent(left)
        if percent.hasPrefix("-") { return "a whole window's budget is overspent by \(percent.dropFirst())" }
        return isGone ? "nothing of a whole window's budget is left" : "\(percent) of a whole window's budget is left"
    }

    /// In the unit that gives it two digits or so, rounded down.
    private static func duration(_ nanoseconds: Int64) -> String {
        let seconds = nanoseconds / DurationText.nanosecondsPerSecond
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<(2 * 3600): return "\(seconds / 60) min"
        case ..<(2 * 86_400): return "\(seconds / 3600) h"
        default: return "\(SentenceNumber.whole(Int128(seconds / 86_400))) days"
        }
    }
}
