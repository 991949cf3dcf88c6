/// How long to wait before the next attempt.
///
/// Doubles from one second to five minutes. Half of it is fixed and half is drawn, so that many members that failed
/// together don't return together. What the sink asks for is honoured, up to an hour.
enum BackOff {
    private static let second: Int64 = 1_000_000_000
    static let ceilingSeconds: Int64 = 300
    static let askedSecondsMax: Int64 = 3600

    /// - Parameters:
    ///   - failures: attempts that failed so far, from 1.
    ///   - random: from 0 up to, not including, 1.
    static func nanoseconds(failures: Int, random: Double, asked: Int64?) -> Int64 {
        let doublings = min(max(1, failures), 10) - 1
        let ceiling = min(second << Int64(doublings), ceilingSeconds * second)
        let share = random.isFinite ? min(max(0, random), 1) : 0
        let drawn = ceiling / 2 + Int64(Double(ceiling / 2) * share)
        return max(drawn, askedNanoseconds(asked))
    }

    static func askedNanoseconds(_ seconds: Int64?) -> Int64 {
        min(max(0, seconds ?? 0), askedSecondsMax) * second
    }
}
