/// `alerts`: which are sent to sinks, and what becomes of those that nothing judges any more.
public struct AlertSettings: Sendable, Equatable {
    /// `maxAge`: what is found out longer than this after its event time is published, marked as past, and opens nothing in
    /// any sink; in nanoseconds. Default 1 h.
    public var maxAgeNanoseconds: Int64 = 3_600_000_000_000
    /// `removedAfter`: so long after an evaluator first missed its SLO, its alert policy or its monitor among the resources an open
    /// alert is resolved; in nanoseconds. Default 15 min, in which a rolling update has come through or is seen not to.
    public var removedAfterNanoseconds: Int64 = 900_000_000_000

    public init() {}
}
