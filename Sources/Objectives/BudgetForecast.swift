/// What is left of an objective's error budget, and how long that is enough.
public struct BudgetForecast: Sendable, Equatable {
    /// The share of the budget of a whole compliance window, as a decimal number rounded after eight fraction digits: negative where more was spent
    /// than there is; `nil` where there is none to spend.
    public var left: String?
    /// Whether nothing is left.
    public var isGone: Bool
    /// When what is left is gone at the rate that was asked for, in nanoseconds; `nil` where it is gone, and at a burn rate of 1 or less,
    /// at which it lasts.
    public var exhaustionNanoseconds: Int64?

    init(left: String?, isGone: Bool, exhaustionNanoseconds: Int64?) {
        self.left = left
        self.isGone = isGone
        self.exhaustionNanoseconds = exhaustionNanoseconds
    }
}
