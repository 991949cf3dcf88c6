import TelemetryModel

/// One of `inputs`: a topic to read.
public struct InputSettings: Sendable, Equatable {
    /// Raw values are the formats of `tidewatch decode`.
    public enum Format: String, CaseIterable, Sendable {
        case auto
        case cloudTrail = "cloudtrail"
        case vpcFlow = "vpc-flow"
        case metricStreamJSON = "metric-stream-json"
        case metricStreamOTLP = "metric-stream-otlp"
        case otlpJSON = "otlp-json"
        case otlp
        case prometheusRemoteWrite = "prometheus-remote-write"
    }

    /// `topic`. Required.
    public var topic: String
    /// `format`. Default `auto`: told from the bytes of each message.
    public var format = Format.auto
    /// `flowFields`: the field list of flow logs without a header line, as AWS writes it, with blanks between the names
    /// or as a list. Default that of version 2.
    public var flowFields: [FlowLogField]?

    public init(topic: String) {
        self.topic = topic
    }
}

/// `outputs`: the topics that Tidewatch writes.
public struct OutputSettings: Sendable, Equatable {
    /// `prefix`: what the names of all output topics begin with. Default `tidewatch.`.
    public var prefix = "tidewatch."
    /// `createTopics`: whether missing topics are created, with the right policies. Default false.
    public var createsTopics = false
    /// `partitions` of topics created, 1 to 10,000. Default 12.
    public var partitions = 12
    /// `replicationFactor` of topics created, 1 to 100. Default 3.
    public var replicationFactor = 3

    /// What follows the prefix.
    public static let topicNames = ["registers", "windows", "alerts", "audit", "deadletter"]

    public init() {}
}
