import KafkaClient
import Records
import Settings

extension OutputTopics {
    /// How the topics are to be created.
    ///
    /// Registers are a log that is read once; a week bridges the longest stop of all evaluators. Windows must never be
    /// forgotten, nor what sinks were told of alerts that are open, so these are only compacted; checkpoints and alerts are kept
    /// for a quarter after that; audit records and dead letters are kept by time.
    package func specifications(_ settings: OutputSettings) -> [TopicSpecification] {
        let quarter = String(90 * 86_400_000)
        let policies: [(String, [String: String])] = [
            (registers, ["cleanup.policy": "delete", "retention.ms": String(7 * 86_400_000)]),
            (checkpoints, ["cleanup.policy": "compact,delete", "retention.ms": quarter]),
            (windows, ["cleanup.policy": "compact"]),
            (alerts, ["cleanup.policy": "compact,delete", "retention.ms": quarter]),
            (notifications, ["cleanup.policy": "compact"]),
            (audit, ["cleanup.policy": "delete", "retention.ms": quarter]),
            (deadLetter, ["cleanup.policy": "delete", "retention.ms": String(14 * 86_400_000)]),
        ]
        return policies.map { name, policy in
            var configuration = policy
            // Of what is read back the time counts at which the broker took it: members know its clock by that, and no writer can date a
            // record before codes were asked for.
            if stateNames.contains(name) { configuration["message.timestamp.type"] = "LogAppendTime" }
            return TopicSpecification(
                name: name, partitions: settings.partitions, replicationFactor: settings.replicationFactor,
                configuration: configuration)
        }
    }
}
