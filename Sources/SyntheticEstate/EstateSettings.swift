import TelemetryModel

/// What a synthetic estate is made of. Equal settings give equal bytes.
public struct EstateSettings: Sendable {
    public var seed: UInt64 = 1
    /// The first event's time, rounded down to the minute.
    public var start: Timestamp
    /// Event time covered, in whole minutes, at least one.
    public var minutes: Int = 60
    public var kinds: Set<EventKind> = Set(EventKind.allCases)
    public var incidents: [Incident] = []
    /// Each incident comes again and again, so many minutes apart, every other time elsewhere; once each where it is nil.
    public var incidentInterval: Int?
    /// CloudTrail records for each minute.
    public var cloudTrailPerMinute: Int = 200
    /// Flow-log lines for each minute.
    public var flowLogsPerMinute: Int = 1500
    /// Instances that report metrics beside the load balancer.
    public var instances: Int = 12
    /// Share of CloudTrail records that are delivered a second time, with the same `eventID`.
    public var duplicateShare: Double = 0
    /// Share of events that come later than their source's usual delay.
    public var lateShare: Double = 0
    /// The longest such delay, in minutes.
    public var lateMinutesMax: Int = 20

    public init(start: Timestamp) {
        self.start = start.windowStart(length: SyntheticEstate.minute)
    }
}

/// One record of a synthetic estate, ready to be written or sent.
public struct GeneratedRecord: Sendable {
    public let kind: EventKind
    public let time: Timestamp
    /// What keeps related records in one partition: the account, the network interface, the metric stream.
    public let key: String
    /// One line, without its newline.
    public let bytes: [UInt8]
}
