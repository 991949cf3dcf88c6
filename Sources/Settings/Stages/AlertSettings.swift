/// `alerts`: which are sent to sinks.
public struct AlertSettings: Sendable, Equatable {
    /// `maxAge`: what is found out longer than this after its event time is published, marked as past, and opens nothing in
    /// any sink; in nanoseconds. Default 1 h.
    public var maxAgeNanoseconds: Int64 = 3_600_000_000_000

    public init() {}
}
