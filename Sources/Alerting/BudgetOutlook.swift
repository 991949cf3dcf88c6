import Text

/// How the error budget of an objective goes on, as a person reads it in an alert.
public struct BudgetOutlook: Sendable, Equatable {
    /// The share of the budget of a whole compliance window, as a decimal number: negative where more was spent than there is; `nil` where there is none to
    /// spend.
    public var left: String?
    public var isGone: Bool
    /// When what is left is gone if it goes on like this, in nanoseconds; `nil` where it lasts.
    public var goneIn: Int64?

    public init(left: String?, isGone: Bool, goneIn: Int64?) {
        self.left = left
        self.isGone = isGone
        self.goneIn = goneIn
    }

    /// In whole minutes, because nothing is known of a part of one; `nil` where the budget lasts.
    var timeToExhaustion: String? { isGone ? DurationText.text(0) : goneIn.map(BudgetOutlook.minutes) }

    public static func minutes(_ nanoseconds: Int64) -> String {
        let minute = DurationText.nanosecondsPerMinute
        return DurationText.text(nanoseconds / minute * minute)
    }
}
