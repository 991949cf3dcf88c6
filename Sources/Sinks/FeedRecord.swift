import Alerting
import TelemetryModel

/// A record of the alert feed, with what is needed to send it and to set it apart.
public struct FeedRecord: Sendable, Equatable {
    public let partition: Int32
    public let offset: Int64
    /// By the record's own time in the topic.
    public let writtenAt: Timestamp
    public let transition: AlertTransition
    /// As it stands in the topic.
    public let value: [UInt8]

    public init(partition: Int32, offset: Int64, writtenAt: Timestamp, transition: AlertTransition, value: [UInt8]) {
        self.partition = partition
        self.offset = offset
        self.writtenAt = writtenAt
        self.transition = transition
        self.value = value
    }

    /// Whether it was found out longer than `nanoseconds` after its event time: history that is caught up with. How long a
    /// sink keeps it waiting does not count.
    func isPast(_ nanoseconds: Int64) -> Bool {
        if transition.isPast { return true }
        let (age, overflow) = writtenAt.nanoseconds.subtractingReportingOverflow(transition.alert.time.nanoseconds)
        return overflow ? writtenAt > transition.alert.time : age > nanoseconds
    }

    /// Later in event time, then in epoch.
    func isLater(than other: FeedRecord) -> Bool {
        (transition.alert.time, transition.epoch ?? 0) > (other.transition.alert.time, other.transition.epoch ?? 0)
    }
}
