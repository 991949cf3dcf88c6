/// The kinds of event that Tidewatch types. Raw values are the `type` of a decoded event.
public enum EventKind: String, CaseIterable, Sendable, Hashable {
    case cloudTrail = "cloudtrail"
    case vpcFlow = "vpc_flow"
    case metric = "metric"
}
