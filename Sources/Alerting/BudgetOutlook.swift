import Text

/// How the error budget of an objective goes on, as a person reads it in an alert.
public struct BudgetOutlook: Sendable, Equatable {
    /// Of the budget of a whole compliance window, as a decimal number: negative where more was spent than there is; `nil` where there is none to
    /// spend.
    public var leftPercent: String?
    public var isGone: Bool
    /// When what is left is gone if it goes on like this, in nanoseconds; `nil` where it lasts.
    public var goneIn: Int64?

    public init(leftPercent: String?, isGone: Bool, goneIn: Int64?) {
        self.leftPercent = leftPercent
        self.isGone = isGone
        self.goneIn = goneIn
    }

    /// `the budget is gone in 25 h`.
    var ending: String {
        if isGone { return "the budget is gone" }
        return goneIn.map { "the budget is gone in \(BudgetOutlook.duration($0))" } ?? "the budget lasts"
    }

    /// `97.5 % of a whole window's budget is left`.
    var remainder: String {
        guard let leftPercent else { return "there is no budget to spend" }
        let percent = SentenceNumber.rounded(leftPercent)
        if percent.hasPrefix("-") { return "a whole window's budget is overspent by \(percent.dropFirst()) %" }
        return isGone ? "nothing of a whole window's budget is left" : "\(percent) % of a whole window's budget is left"
    }

    /// In the unit that gives it two digits or so, rounded down.
    private static func duration(_ nanoseconds: Int64) -> String {
        let seconds = nanoseconds / DurationText.nanosecondsPerSecond
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<(2 * 3600): return "\(seconds / 60) min"
        case ..<(2 * 86_400): return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) days"
        }
    }
}
