/// What a notifier does after a request, and when it tries again.
public enum PagerDutyDelivery {
    public enum Outcome: Sendable, Equatable {
        case accepted
        /// The event itself is at fault; sending it again cannot help.
        case refused
        /// Busy, broken or unreachable; the same event is to be sent again.
        case retry
    }

    /// `status` is the HTTP status, `nil` where no response came.
    public static func outcome(status: Int?) -> Outcome {
        switch status {
        case .some(200...299): .accepted
        case nil, 408, 425, 429, .some(500...): .retry
        default: .refused
        }
    }

    /// How long to wait before the next try, in nanoseconds.
    ///
    /// Doubles from one second to five minutes. Half of it is fixed and half is drawn, so that many notifiers that failed
    /// together don't return together. A 429 waits 15 seconds at least: the limit is counted over a minute.
    ///
    /// - Parameters:
    ///   - failures: tries that failed so far, from 1.
    ///   - random: from 0 up to, not including, 1, from the caller's source.
    ///   - retryAfterSeconds: what the server asked for; taken up to an hour.
    public static func delayNanoseconds(
        failures: Int, status: Int?, random: Double, retryAfterSeconds: Int64? = nil
    ) -> Int64 {
        let second: Int64 = 1_000_000_000
        let doublings = min(max(1, failures), 10) - 1
        let ceiling = min(second << Int64(doublings), 300 * second)
        let share = random.isFinite ? min(max(0, random), 1) : 0
        let drawn = ceiling / 2 + Int64(Double(ceiling / 2) * share)
        let asked = min(max(0, retryAfterSeconds ?? 0), 3600) * second
        return max(drawn, asked, status == 429 ? 15 * second : 0)
    }
}
