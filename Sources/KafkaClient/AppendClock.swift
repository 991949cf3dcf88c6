import CRDKafka

/// A broker's clock, as its acknowledgements tell it.
///
/// A message that was acknowledged at a moment was appended between its sending and that moment. So each acknowledgement is an
/// interval for how far the broker's clock is before the monotonic one, as wide as the message was under way. The estimate stays
/// where it is as long as it lies in the intervals, and moves to the nearest end of one that it does not lie in: an acknowledgement
/// that was long under way, after an outage, does not set it back, and a clock that is set anew is followed with the next
/// message.
struct AppendClock: Sendable {
    /// Between the broker's time since 1970 and the monotonic clock.
    private var offset: Duration?
    private static let origin = ContinuousClock.now
    /// 2020. What a broker says of before is no clock's: librdkafka's mock cluster answers 1,234.
    private static let earliestMilliseconds: Int64 = 1_577_836_800_000

    /// The monotonic clock of the process.
    static var now: Duration { origin.duration(to: .now) }

    /// Takes note of a message that was written.
    mutating func delivered(_ message: UnsafePointer<rd_kafka_message_t>) {
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let appended = unsafe rd_kafka_message_timestamp(message, &type)
        guard type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME else { return }
        let latency = unsafe rd_kafka_message_latency(message)
        if latency >= 0 { note(appended, underWay: .microseconds(latency), at: AppendClock.now) }
    }

    /// - Parameters:
    ///   - appended: in milliseconds since 1970, by the broker's clock.
    ///   - underWay: between the sending and the acknowledgement.
    ///   - now: when it was acknowledged, by the monotonic clock.
    mutating func note(_ appended: Int64, underWay: Duration, at now: Duration) {
        guard appended >= AppendClock.earliestMilliseconds else { return }
        let least = Duration.milliseconds(appended) - now
        offset = min(max(offset ?? least, least), least + underWay)
    }

    func time(at now: Duration) -> MessageTimestamp? {
        offset.map { MessageTimestamp(milliseconds: ($0 + now).wholeMilliseconds) }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
