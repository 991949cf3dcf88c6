import KafkaClient
import Settings

/// The names of the topics that Tidewatch writes, and how they are to be created.
public struct OutputTopics: Sendable {
    public let registers: String
    public let checkpoints: String
    public let windows: String
    public let alerts: String
    public let audit: String
    public let deadLetter: String

    /// Of a record's value: below the megabyte that brokers take by default, with room for the key and headers.
    static let valueBytesMax = 900_000

    public init(prefix: String) {
        registers = prefix + "registers"
        checkpoints = prefix + "checkpoints"
        windows = prefix + "windows"
        alerts = prefix + "alerts"
        audit = prefix + "audit"
        deadLetter = prefix + "deadletter"
    }

    public var names: [String] { [registers, checkpoints, windows, alerts, audit, deadLetter] }

    /// Those from which the pipeline reads its own records back.
    public var stateNames: [String] { [registers, checkpoints, windows, alerts] }

    /// Registers are a log that is read once; a week bridges the longest stop of all evaluators. Windows must never be
    /// forgotten, so they are only compacted; checkpoints and alerts are kept for a quarter after that; audit records and
    /// dead letters are kept by time.
    func specifications(_ settings: OutputSettings) -> [TopicSpecification] {
        let quarter = String(90 * 86_400_000)
        let policies: [(String, [String: String])] = [
            (registers, ["cleanup.policy": "delete", "retention.ms": String(7 * 86_400_000)]),
            (checkpoints, ["cleanup.policy": "compact,delete", "retention.ms": quarter]),
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
