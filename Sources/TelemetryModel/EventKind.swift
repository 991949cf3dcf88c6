/// The kinds of event that Tidewatch types. Raw values are the `type` of a decoded event.
public enum EventKind: String, CaseIterable, Sendable, Hashable {
    case cloudTrail = "cloudtrail"
    case vpcFlow = "vpc_flow"
    case metric = "metric"
}

extension EventKind {
    /// How long what is late is waited for where nobody says otherwise: as late as AWS delivers nearly all of it. CloudTrail comes
    /// within some 5 minutes of a call on average, and up to 15; a flow log is captured for up to 10 minutes, and delivered some 5 later;
    /// CloudWatch streams a metric within 3.
    public var allowedLatenessNanoseconds: Int64 {
        switch self {
        case .cloudTrail, .vpcFlow: 900_000_000_000
        case .metric: 180_000_000_000
        }
    }
}
