/// The settings of `tidewatch run`: a document of kind `Settings`, one struct for each stage.
///
/// Text values may hold `${NAME}`, which stands for an environment variable; `$${` stands for `${` itself.
public struct RunSettings: Sendable, Equatable {
    /// `metadata.name`.
    public var name: String
    public var kafka: KafkaSettings
    /// `inputs`: the topics to read, at least one.
    public var inputs: [InputSettings]
    public var outputs = OutputSettings()
    public var decoding = DecodingSettings()
    public var aggregation = AggregationSettings()
    public var workers = WorkerSettings()
    /// `flushInterval`: the time between two publications of registers, in nanoseconds. At least 100 ms; default 2 s. A crash
    /// costs at most this much repeated work, and windows are this old at most; up to 10 s where a publication takes long.
    public var flushIntervalNanoseconds: Int64 = RunSettings.flushIntervalDefaultNanoseconds
    public var http = HTTPSettings()
    public var tls = TLSSettings()
    /// `pagerDuty` and `sinks`: where alerts are sent, besides their topic.
    public var sinks: [SinkSettings] = []
    public var alerts = AlertSettings()
    public var audit = AuditSettings()
    public var logging = LoggingSettings()
    /// `resources`: files and folders of resources; paths in the file are relative to it, and resolved here.
    public var resources: [String] = []

    /// SHA-256 of the file as it is written, in hexadecimal.
    public var fileDigest: String?

    /// What whoever runs the consumer should know of these settings.
    public var warnings: [ConfigurationProblem] = []

    public static let flushIntervalDefaultNanoseconds: Int64 = 2_000_000_000

    public init(name: String, kafka: KafkaSettings, inputs: [InputSettings]) {
        self.name = name
        self.kafka = kafka
        self.inputs = inputs
    }
}
