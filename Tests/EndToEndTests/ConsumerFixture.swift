import Foundation
import TestSupport

/// What the tests of `run` have in common: an estate in a broker's topics, and settings to consume it.
extension Broker {
    static let allTopics = [
        "cloudtrail:4", "vpc-flow:4", "metrics:4", "tidewatch.windows:2", "tidewatch.alerts:2", "tidewatch.audit:2",
        "tidewatch.deadletter:2", "tidewatch.registers:4", "tidewatch.checkpoints:4",
        "tidewatch.notifications:2",
    ]
}

extension Tidewatch {
    /// `generate`, for half an hour in which all that the demo's resources watch for happens.
    static let generateEstate = [
        "generate", "--seed", "42", "--minutes", "30", "--cloudtrail-per-minute", "100", "--flow-logs-per-minute",
        "500", "--incident", "all",
    ]
}

extension TemporaryFolder {
    /// Writes settings that consume the estate's topics with the demo's resources, and gives their path.
    ///
    /// - Parameters:
    ///   - ports: of health and of metrics.
    ///   - more: further members of `spec`, each line from its first column.
    ///   - outputs: the member of that name.
    ///   - idleTimeout: longer than whoever sends old records may stand still.
    ///   - name: the file's.
    func writeSettings(
        broker: String, ports: [Int], outputs: String = "{createTopics: false}", idleTimeout: String = "3s",
        to name: String = "settings.yaml",
        _ more: String = ""
    ) throws -> String {
        try write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: end-to-end}
            spec:
              kafka:
                bootstrapServers: "\(broker)"
                groupID: end-to-end
                options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20}
              inputs:
                - {topic: cloudtrail, format: cloudtrail}
                - {topic: vpc-flow, format: vpc-flow}
                - {topic: metrics, format: metric-stream-json}
              outputs: \(outputs)
              aggregation: {idleTimeout: \(idleTimeout)}
              flushInterval: 500ms
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              resources: ["\(Tidewatch.demoResources)"]

            """ + more.split(separator: "\n").map { "  \($0)\n" }.joined(), to: name)
    }
}
