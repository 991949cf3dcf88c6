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
}
