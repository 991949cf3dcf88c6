/// `sinks`: one of the places where alerts are sent.
public struct SinkSettings: Sendable, Equatable {
    /// What kind it is, with its own settings.
    public enum Destination: Sendable, Equatable {
        case pagerDuty(PagerDutySettings)
        case webhook(WebhookSettings)
    }

    /// `name`: small letters, digits and hyphens, 40 at most. In metrics, in the notification log, and in the name of the
    /// consumer group.
    public var name: String
    public var destination: Destination

    /// Of what `pagerDuty` says.
    public static let pagerDutyName = "pagerduty"
    static let nameCharactersMax = 40
    /// Each has a thread, a consumer group and its part of the notification log.
    static let countMax = 16

    public init(name: String, destination: Destination) {
        self.name = name
        self.destination = destination
    }

    /// Where requests go.
    public var address: String {
        switch destination {
        case .pagerDuty(let settings): settings.endpoint
        case .webhook(let settings): settings.url
        }
    }

    /// The consumer group that reads the feed for it; that of `pagerDuty` is 0.1.0's.
    public func group(of consumer: String) -> String {
        name == SinkSettings.pagerDutyName ? "\(consumer)-\(name)" : "\(consumer)-sink-\(name)"
    }
}

/// `pagerDuty`, by itself or as a sink.
public struct PagerDutySettings: Sendable, Equatable {
    /// `routingKey`, or what the file `routingKeyFile` holds: the integration key of an Events API v2 service. Required.
    public var routingKey: Secret
    /// `endpoint`. Default PagerDuty's own; another is for its European region, and for tests.
    public var endpoint = PagerDutySettings.endpointDefault

    public static let endpointDefault = "https://events.pagerduty.com/v2/enqueue"

    public init(routingKey: Secret) {
        self.routingKey = routingKey
    }
}

/// `alerts`: which are sent to sinks.
public struct AlertSettings: Sendable, Equatable {
    /// `maxAge`: what is found out longer than this after its event time is published, marked as past, and opens nothing in
    /// any sink; in nanoseconds. Default 1 h.
    public var maxAgeNanoseconds: Int64 = 3_600_000_000_000

    public init() {}
}
