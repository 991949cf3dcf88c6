import Decoding
import TelemetryModel

/// One of `inputs`: a topic to read.
public struct InputSettings: Sendable, Equatable {
    /// `topic`. Required.
    public var topic: String
    /// `format`. Default `auto`: told from the bytes of each message.
    public var format = InputFormat.auto
    /// `flowFields`: the field list of flow logs without a header line, as one text, bare or as AWS's templates write it
    /// (`${version} ${account-id}`), or as a list of names. Default `nil`: that of version 2.
    public var flowFields: FlowLogFieldList?
    /// `allowedLateness`: how long after a window's end in this input's event time it is judged for good, in nanoseconds; at most
    /// `aggregation.lateHorizon`. Default `nil`: `aggregation.allowedLateness`, or by the format.
    public var allowedLatenessNanoseconds: Int64?

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
    /// `recordVersion`: in which form records of our own are written, 1, as 0.1.0 reads them, or 2. Default: as what is there, and 2
    /// where nothing is.
    public var recordForm: RecordForm?
    /// `mac`: whether and how records of our own are authenticated. Default: they are not.
    public var mac: MACSettings?

    /// What follows the prefix.
    public static let topicNames = [
        "registers", "checkpoints", "windows", "alerts", "notifications", "audit", "deadletter",
    ]

    public init() {}
}
