import KafkaClient
import TelemetryModel

/// What stands beside a transition in the alert feed: of how it was published, not of the alert, so the value is a replay's.
package enum FeedHeaders {
    /// The epoch of the evaluator: of two records of one alert and event time the one of the higher epoch counts.
    package static let epoch = "tidewatch_epoch"
    /// `true` where it was found out so long after its event time that it opens nothing in a sink.
    package static let past = "tidewatch_past"

    /// On the record of an alert that is said again: the event time at which it was open still. It was past when it opened, and event time
    /// has caught up with the clock; or a former owner, among whose resources it was missing, may have published its end.
    package static let openAt = "tidewatch_open_at"

    /// On an update and on an alert that follows from it: when the record was read by which a partition passed the end of the judged slice, by the
    /// trusted clock. For metrics alone.
    package static let arrivedAt = "tidewatch_arrived_at"

    package static func make(arrivedAt time: Timestamp?) -> [KafkaHeader] {
        time.map { [KafkaHeader(arrivedAt, $0.description)] } ?? []
    }

    package static func arrivedAt(of message: Message) -> Timestamp? {
        message.lastHeader(arrivedAt).flatMap { Timestamp(rfc3339: String(decoding: $0, as: UTF8.self)) }
    }

    package static func make(epoch: Int64, isPast: Bool, openAt: Timestamp? = nil) -> [KafkaHeader] {
        [KafkaHeader(FeedHeaders.epoch, String(epoch))] + (isPast ? [KafkaHeader(past, "true")] : [])
            + (openAt.map { [KafkaHeader(FeedHeaders.openAt, $0.description)] } ?? [])
    }

    package static func isPast(_ message: Message) -> Bool { message.lastHeader(past) != nil }

    package static func openAt(of message: Message) -> Timestamp? {
        message.lastHeader(openAt).flatMap { Timestamp(rfc3339: String(decoding: $0, as: UTF8.self)) }
    }

    /// 0 where none is said.
    package static func epoch(of message: Message) -> Int64 {
        message.lastHeader(epoch).flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0
    }
}
