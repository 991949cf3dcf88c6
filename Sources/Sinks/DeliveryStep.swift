import Alerting
import TelemetryModel

/// The two clocks of a moment.
public struct DeliveryMoment: Sendable, Equatable {
    /// Nanoseconds of a clock that never goes back: what waits are measured by.
    public var monotonic: Int64
    /// The time of day, for signatures, ages and log lines.
    public var wall: Timestamp

    public init(monotonic: Int64, wall: Timestamp) {
        self.monotonic = monotonic
        self.wall = wall
    }
}

/// What an effect is known by when its outcome comes back.
public struct DeliveryToken: Hashable, Sendable {
    let number: UInt64
}

/// How a partition of the feed is begun.
public enum FeedStart: Sendable, Equatable {
    /// Where this engine's own commits end.
    case resumed
    /// Where a release without the log had committed: it has sent all that lies before.
    case takenOver
    /// The sink is new: of all that lies before it is told what is open.
    case connected
}

/// What happened.
public enum DeliveryInput: Sendable {
    /// A partition came; its log and its history follow, then `began`.
    case assigned(partition: Int32)
    /// A record of its log, in the topic's order.
    case logged(NotificationRecord)
    /// A record of the feed that lies before the start, unless that is `resumed`.
    case history(FeedRecord)
    /// - `next`: the offset from which records come.
    /// - `writer`: the group's generation.
    case began(partition: Int32, FeedStart, next: Int64, writer: Int32)
    case record(FeedRecord)
    /// The position was lost, and reading goes on at `next`: behind what retention took, or, below what was read before, at
    /// the beginning of another topic of that name.
    case restarted(partition: Int32, next: Int64)
    /// A record that says nothing of an alert, or is skipped on request.
    case passedOver(partition: Int32, offset: Int64)
    case answered(DeliveryToken, SinkAnswer)
    /// A dead letter or a record of the log is acknowledged.
    case written(DeliveryToken)
    case tick
    /// The group has taken a commit of this member: it is one. See `DeliveryEngine.isInDoubt`.
    case confirmed
    /// The partition is about to go: what is on its way ends, nothing new begins.
    case leaving(partition: Int32)
    /// The partition is another member's.
    case gone(partition: Int32)
}

/// What is to be done, in this order.
public enum DeliveryEffect: Sendable, Equatable {
    case post(DeliveryToken, SinkRequest)
    /// Set the record apart, until that is acknowledged.
    case deadLetter(DeliveryToken, FeedRecord, SinkRefusal)
    /// Write these records of the log, all of one partition, until they are acknowledged.
    case log(DeliveryToken, [NotificationRecord])
    /// All before `next` is settled.
    case commit(partition: Int32, next: Int64)
    case pause(partition: Int32)
    case resume(partition: Int32)
    /// To be said now: at the first failure, then each minute.
    case trouble(DeliveryTrouble)
    /// All that failed is settled.
    case recovered(nanoseconds: Int64)
    case count(DeliveryOutcome)
}

/// What is counted.
public enum DeliveryOutcome: Sendable, Hashable {
    case accepted
    case retried
    case refused
    case silent(NotificationSilence)
}

/// That a sink does not take what it is sent.
public struct DeliveryTrouble: Sendable, Equatable {
    /// Of the last attempt that failed.
    public var cause: SinkRefusal
    /// When the first one failed.
    public var since: Timestamp
    public var nanoseconds: Int64
    /// Alerts whose last attempt failed, and transitions that wait.
    public var failing: Int
    public var waiting: Int
    /// Others were taken meanwhile.
    public var isPartial: Bool
}

/// The engine's bounds.
public struct DeliveryLimits: Sendable, Equatable {
    /// Transitions on their way to the sink whose outcome is not in the log yet. A crash repeats that many requests at the
    /// most, so it is one.
    public var inFlightMax = 1
    /// Transitions of a partition that wait here, and their bytes. Beyond them the partition is paused, and the feed holds
    /// the rest; at half of them it goes on. One batch of the consumer may come on top, and at the beginning the history of a sink
    /// that is new: the latest record of each alert of the feed, with its bytes only where it is open.
    public var waitingMax = 1_000
    public var waitingBytesMax = 8 << 20
    /// `maxAge`: older than this when it was found out, a transition opens nothing.
    public var maxAgeNanoseconds: Int64 = 3_600_000_000_000
    /// For how long the log holds an alert of which nothing is open; as long as the feed.
    public var rememberedNanoseconds: Int64 = 90 * 86_400_000_000_000

    /// Whoever stood still for longer than this between two steps may be one that the group has declared dead.
    public var stillMaxNanoseconds: Int64 = 5_000_000_000

    public init() {}
}
