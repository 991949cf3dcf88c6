import KafkaClient
import Settings

/// The names of the topics that Tidewatch writes, and how they are to be created.
public struct OutputTopics: Sendable {
    public let windows: String
    public let alerts: String
    public let audit: String
    public let deadLetter: String

    public init(prefix: String) {
        windows = prefix + "windows"
        alerts = prefix + "alerts"
        audit = prefix + "audit"
        deadLetter = prefix + "deadletter"
    }

    public var names: [String] { [windows, alerts, audit, deadLetter] }

    /// Windows must never be forgotten, so they are only compacted; alerts are kept for a quarter after that; audit
    /// records and dead letters are kept by time.
    func specifications(_ settings: OutputSettings) -> [TopicSpecification] {
        let quarter = String(90 * 86_400_000)
        let policies: [(String, [String: String])] = [
            (windows, ["cleanup.policy": "compact"]),
            (alerts, ["cleanup.policy": "compact,delete", "retention.ms": quarter]),
            (audit, ["cleanup.policy": "delete", "retention.ms": quarter]),
            (deadLetter, ["cleanup.policy": "delete", "retention.ms": String(14 * 86_400_000)]),
        ]
        return policies.map { name, configuration in
            TopicSpecification(
                name: name, partitions: settings.partitions, replicationFactor: settings.replicationFactor,
                configuration: configuration)
        }
    }
}
