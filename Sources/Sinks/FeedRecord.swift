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
    /// Set where an alert is said again that was past when it opened: it was still open at this event time.
    public var openAt: Timestamp?
    /// When the record was read that completed the judged slice, where that is told. For metrics alone.
    public var arrivedAt: Timestamp?
    public let transition: AlertTransition
    /// As it stands in the topic. Empty where the bytes were dropped, see ``withoutBytes``.
    public private(set) var value: [UInt8]
    /// What a dead letter of it holds.
    public var original: [UInt8] { value.isEmpty ? transition.json : value }

    /// Of a history, what has ended is hardly ever sent; should it be, and be refused, its letter is written anew.
    var withoutBytes: FeedRecord {
        var record = self
        record.value = []
        return record
    }

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

    /// The event time at which the alert stood as it says: of its change, or later where it is said again.
    var asOf: Timestamp { max(transition.alert.time, openAt ?? transition.alert.time) }

    /// Whether it was found out longer than `nanoseconds` after its event time: history that is caught up with. How long a
    /// sink keeps it waiting does not count.
    func isPast(_ nanoseconds: Int64) -> Bool {
        // Who tells its epoch has looked at its clock, and says an alert again that was past.
        if isMarkedPast || epoch > 0 { return isMarkedPast }
        let (age, overflow) = writtenAt.nanoseconds.subtractingReportingOverflow(asOf.nanoseconds)
        return overflow ? writtenAt > asOf : age > nanoseconds
    }

    var revision: AlertRevision {
        AlertRevision(time: asOf, epoch: epoch, isOpen: transition.alert.status == .open)
    }
}
