import Alerting
import TelemetryModel

/// A record of the alert feed, with what is needed to send it and to set it apart.
public struct FeedRecord: Sendable, Equatable {
    public let partition: Int32
    public let offset: Int64
    /// By the record's own time in the topic.
    public let writtenAt: Timestamp
    /// Of the evaluator that published it: of two that say something of the same event time, the later one's counts. 0 for
    /// records of 0.1.0, which don't say it.
    public let epoch: Int64
    /// It is marked: it was found out so long after its event time that it opens nothing.
    public let isMarkedPast: Bool
    public let transition: AlertTransition
    /// As it stands in the topic.
    public let value: [UInt8]

    public init(
        partition: Int32, offset: Int64, writtenAt: Timestamp, epoch: Int64 = 0, isMarkedPast: Bool = false,
        transition: AlertTransition, value: [UInt8]
    ) {
        self.partition = partition
        self.offset = offset
        self.writtenAt = writtenAt
        self.epoch = epoch
        self.isMarkedPast = isMarkedPast
        self.transition = transition
        self.value = value
    }

    /// Whether it was found out longer than `nanoseconds` after its event time: history that is caught up with. How long a
    /// sink keeps it waiting does not count.
    func isPast(_ nanoseconds: Int64) -> Bool {
        if isMarkedPast { return true }
        let (age, overflow) = writtenAt.nanoseconds.subtractingReportingOverflow(transition.alert.time.nanoseconds)
        return overflow ? writtenAt > transition.alert.time : age > nanoseconds
    }

    /// Later in event time, then in epoch.
    func isLater(than other: FeedRecord) -> Bool {
        (transition.alert.time, epoch) > (other.transition.alert.time, other.epoch)
    }
}
