import TelemetryModel

/// An alert that is open, and what the feed has of it.
public struct AlertStanding: Sendable, Equatable {
    /// As it was announced.
    public var transition: AlertTransition
    /// It was found out so long after its event time that sinks got nothing of it; to be said again when event time has caught up.
    public var isPast: Bool
    /// The epochs under whose keys the feed may hold records of the alert; `nil` among them is the key without an epoch.
    public var epochs: Set<Int64?>
    /// Event time at which it is resolved unless the evaluator of then judges it: one before missed what does.
    public var endsAt: Timestamp?
    /// Of an SLO's alert: the end of the newest slice that was found burning. No judgement of a slice before ends it.
    public var burningEnd: Timestamp?

    public init(
        _ transition: AlertTransition, isPast: Bool = false, epochs: Set<Int64?> = [], endsAt: Timestamp? = nil
    ) {
        self.transition = transition
        self.isPast = isPast
        self.epochs = epochs
        self.endsAt = endsAt
    }
}

/// An alert that is over, and what the feed has of it.
public struct AlertEnding: Sendable, Equatable {
    public let key: DedupKey
    /// Event time of its end.
    public var time: Timestamp
    /// As of a standing alert.
    public var epochs: Set<Int64?>

    public init(_ key: DedupKey, time: Timestamp, epochs: Set<Int64?> = []) {
        self.key = key
        self.time = time
        self.epochs = epochs
    }
}
