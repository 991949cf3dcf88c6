import Decoding

/// `decoding`: what one message may cost, and which events are not believed.
public struct DecodingSettings: Sendable, Equatable {
    /// `expandedBytesMax`: bytes that one message may expand to, 1 KiB to 4 GiB. Default 64 MiB.
    /// `recordBytesMax`: bytes of one record, 1 KiB to 1 GiB. Default 16 MiB.
    /// `nestingMax`: arrays and objects inside one another, 8 to 1024. Default 128.
    public var limits = DecodingLimits()
    /// `futureTolerance`: how much later than the clock an event may be dated, in nanoseconds. Default 5 min. What is later
    /// goes to the dead letter, because one bad clock must not make all others late.
    public var futureToleranceNanoseconds: Int64 = 300_000_000_000

    public init() {}
}

/// `aggregation`: when a window is over.
public struct AggregationSettings: Sendable, Equatable {
    /// `allowedLateness`: how long after a window's end in event time it is judged for good, in nanoseconds, of inputs that do not say
    /// it themselves. Default `nil`: by the input's format, see `InputFormat.allowedLatenessNanoseconds`.
    public var allowedLatenessNanoseconds: Int64?
    /// `lateHorizon`: how late an event may still restate its window, in nanoseconds; at least `allowedLateness`. Default
    /// 3 d. What is later still is counted as late.
    public var lateHorizonNanoseconds: Int64 = 259_200_000_000_000
    /// Whether the settings say so themselves: in a replay of files nothing is late otherwise.
    public var isLateHorizonGiven = false
    /// `idleTimeout`: after how long without records a partition no longer holds time back, in nanoseconds. Default 2 s:
    /// what comes after a pause is not late because of it, since windows are judged `allowedLateness` behind the clock.
    public var idleTimeoutNanoseconds: Int64 = 2_000_000_000
    /// `deduplicationRecords`: over how many records of a partition an event's second delivery is recognised by its
    /// `eventID`. Default 20,000; 0 counts every delivery.
    public var deduplicationRecords: Int64 = 20_000
    /// `deduplicationEvents`: how many events of a partition are remembered for it at the most, 30 bytes each. Default
    /// 500,000.
    public var deduplicationEvents = 500_000

    public init() {}
}

/// `workers`: the threads that decode and count.
public struct WorkerSettings: Sendable, Equatable {
    /// `count`, 1 to 1024. Default `nil`: one for each core that the process may use.
    public var count: Int?

    public init() {}
}
