/// `sinks`: one of the places where alerts are sent.
public struct SinkSettings: Sendable, Equatable {
    /// `name`: small letters, digits and hyphens, 40 at most. In metrics, in the notification log, and in the name of the
    /// consumer group.
    public var name: String
    /// What kind it is, with its own settings.
    package var destination: any SinkDestination

    /// Of what `pagerDuty` says.
    public static let pagerDutyName = "pagerduty"
    static let nameCharactersMax = 40
    /// Each has a thread, a consumer group and its part of the notification log.
    static let countMax = 16

    package init(name: String, destination: any SinkDestination) {
        self.name = name
        self.destination = destination
    }

    /// What requests carry to be believed.
    public var secret: Secret { destination.secret }

    /// The consumer group that reads the feed for it; that of `pagerDuty` is 0.1.0's.
    public func group(of consumer: String) -> String {
        name == SinkSettings.pagerDutyName ? "\(consumer)-\(name)" : "\(consumer)-sink-\(name)"
    }

    public static func == (one: SinkSettings, other: SinkSettings) -> Bool {
        one.name == other.name && one.destination.isEqual(to: other.destination)
    }
}
