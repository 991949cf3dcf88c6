import Foundation
import KafkaClient

/// The topics of one run, all with a prefix of its own.
struct Topics {
    let prefix: String
    var group: String { prefix + "group" }
    var evaluatorsGroup: String { group + "-evaluators" }
    func group(of sink: PageSink) -> String {
        switch sink {
        case .pagerDuty: "\(group)-\(sink.rawValue)"
        case .webhook: "\(group)-sink-\(sink.rawValue)"
        }
    }

    static let cloudTrail = "cloudtrail"
    static let flowLogs = "vpc-flow"
    static let metrics = "metrics"
    static let inputs = [cloudTrail, flowLogs, metrics]
    static let inputPartitions = 6

    var outputPrefix: String { prefix + "tidewatch." }
    var windows: String { outputPrefix + "windows" }
    var alerts: String { outputPrefix + "alerts" }
    var notifications: String { outputPrefix + "notifications" }
    var audit: String { outputPrefix + "audit" }
    var deadLetter: String { outputPrefix + "deadletter" }
    var registers: String { outputPrefix + "registers" }
    var checkpoints: String { outputPrefix + "checkpoints" }

    func input(_ name: String) -> String { prefix + name }

    var shards: [TopicPartition] { partitions(of: registers) }

    /// Of one of those that members write to.
    func partitions(of topic: String) -> [TopicPartition] {
        let count = all.first { $0.name == topic }?.partitions ?? 0
        return (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) }
    }

    var inputPartitions: [TopicPartition] {
        Self.inputs.flatMap { name in
            (0..<Int32(Self.inputPartitions)).map { TopicPartition(topic: input(name), partition: $0) }
        }
    }

    /// Enough partitions that none comes near the 5 MiB which the embedded broker keeps of each: it compacts nothing, so
    /// every version of a window record stays.
    var all: [TopicSpecification] {
        var topics = Self.inputs.map { TopicSpecification(name: input($0), partitions: Self.inputPartitions) }
        let policies: [(String, Int, String)] = [
            (windows, 12, "compact"), (alerts, 4, "delete"), (notifications, 4, "compact"), (audit, 24, "delete"),
            (deadLetter, 2, "delete"),
            (registers, 6, "delete"), (checkpoints, 6, "compact"),
        ]
        for (name, partitions, policy) in policies {
            topics.append(
                TopicSpecification(
                    name: name, partitions: partitions,
                    configuration: ["cleanup.policy": policy, "message.timestamp.type": "LogAppendTime"]))
        }
        return topics
    }
}
