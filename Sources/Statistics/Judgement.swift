/// What one value was, seen from those before it.
public struct Judgement: Sendable, Equatable, BitwiseCopyable {
    /// The value that was expected; NaN before the first one.
    public var expected: Double
    /// From here to `high` a value is usual; both are NaN where too few values came before.
    public var low: Double
    public var high: Double
    /// How unusual the value is: from 0 to 1, and at least 0.5 exactly when it is flagged.
    public var score: Double

    public init(expected: Double = .nan, low: Double = .nan, high: Double = .nan, score: Double = 0) {
        self.expected = expected
        self.low = low
        self.high = high
        self.score = score
    }

    public var isFlagged: Bool { score >= 0.5 }
    /// Whether enough values came before for this one to be flagged.
    public var isWarm: Bool { !low.isNaN }
}
