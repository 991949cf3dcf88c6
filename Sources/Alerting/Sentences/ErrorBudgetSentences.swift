import Text

// What a person reads of the conditions that a policy sets on an error budget.

extension FindingSentences {
    /// - Parameters:
    ///   - left: the share of the compliance window's budget, as a decimal number; `nil` where nothing may be spent.
    ///   - threshold: the share that must be left.
    static func budgetLeft(_ left: String?, below threshold: String) -> FindingSentences {
        let limit = SentenceNumber.percent(threshold)
        if let overspent = overspent(left) {
            let sentence = "the error budget is overspent by \(overspent)"
            return FindingSentences(
                summary: sentence, summaryOfEnd: sentence, holding: "\(sentence), less than \(limit) is left",
                notHolding: sentence)
        }
        let sentence = "\(share(left, apartFrom: threshold) ?? "nothing") of the error budget is left"
        return FindingSentences(
            summary: sentence, summaryOfEnd: sentence, holding: "\(sentence), less than \(limit)",
            notHolding: "\(sentence), not less than \(limit)")
    }

    /// - Parameters:
    ///   - drop: the share of the budget that went in the look-back, as a decimal number; `nil` without data.
    ///   - threshold: the share that may go.
    static func budgetDrop(
        _ drop: String?, above threshold: String, window: ObjectiveFinding.BurnRateWindow
    ) -> FindingSentences {
        let spent = "\(share(drop, apartFrom: threshold) ?? "nothing") of the error budget was spent in \(window.name)"
        let limit = SentenceNumber.percent(threshold)
        return FindingSentences(
            summary: "\(spent), \(window.counts)",
            summaryOfEnd: "the error budget is no longer spent too fast in \(window.name)",
            endOfAll: "the error budget is no longer spent too fast",
            holding: "\(spent) (\(window.counts)), more than \(limit)",
            notHolding: "\(spent) (\(window.counts)), not more than \(limit)")
    }

    /// - Parameters:
    ///   - time: in which what is left is gone; `nil` where it is not being spent.
    ///   - left: the share of the budget, as a decimal number; `nil` where nothing may be spent.
    static func timeToExhaustion(
        _ time: String?, below threshold: String, left: String?, window: ObjectiveFinding.BurnRateWindow
    ) -> FindingSentences {
        let rate = "at a burn rate of \(window.sentence())"
        if let overspent = overspent(left) {
            let sentence = "the error budget is gone, overspent by \(overspent)"
            return FindingSentences(
                summary: sentence, summaryOfEnd: sentence, holding: "\(rate) \(sentence)",
                notHolding: "\(rate) \(sentence)")
        }
        let time = time ?? "no foreseeable time"
        let left = share(left) ?? "nothing"
        let numbers =
            "\(rate) what is left of the error budget (\(left)) is gone in \(time)"
        return FindingSentences(
            summary: "the error budget is gone in \(time), \(left) of it is left",
            summaryOfEnd: "the error budget is gone in \(time)", holding: "\(numbers), sooner than \(threshold)",
            notHolding: "\(numbers), not sooner than \(threshold)")
    }

    /// By how much more was spent than there is; `nil` where something or nothing is left.
    private static func overspent(_ left: String?) -> String? {
        guard let percent = share(left), percent.hasPrefix("-") else { return nil }
        return String(percent.dropFirst())
    }

    private static func share(_ share: String?, apartFrom threshold: String? = nil) -> String? {
        share.map { SentenceNumber.percent($0, apartFrom: threshold) }
    }
}
