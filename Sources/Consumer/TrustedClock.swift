import KafkaClient
import Runtime
import TelemetryModel

/// The clock by which events are judged, and partitions called idle: the broker's, as it has appended what this member wrote to the
/// registers, carried on by the monotonic clock; the host's where the broker gives none.
///
/// All members of a fleet read the same clock so, whatever their hosts' say.
final class TrustedClock: Sendable {
    private let broker: @Sendable () -> Timestamp?
    private let host: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - broker: its time now, where it is known.
    ///   - host: the machine's.
    init(broker: @escaping @Sendable () -> Timestamp?, host: @escaping @Sendable () -> Timestamp = Timestamp.now) {
        self.broker = broker
        self.host = host
    }

    convenience init(_ producer: KafkaProducer) {
        self.init(broker: { producer.brokerTime.flatMap { Timestamp(milliseconds: $0.milliseconds) } })
    }

    @Sendable func now() -> Timestamp { broker() ?? host() }

    /// How far the host's clock is ahead of the broker's; below zero behind it; `nil` where the broker gives none.
    var hostOffset: Duration? {
        broker().map { .nanoseconds(host().nanoseconds - $0.nanoseconds) }
    }
}
