import Foundation

/// The run's folder: settings, logs, the journal. It is kept when a check fails.
struct Workspace {
    let folder: URL

    /// - Parameter hasGroups: there are SLOs for each group.
    init(seed: UInt64, hasGroups: Bool = true) throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tidewatch-chaos-\(seed)-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data((Resources.text + (hasGroups ? Resources.grouped : "")).utf8).write(
            to: folder.appendingPathComponent("resources.yaml"))
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// The settings of the member on these ports.
    func settings(
        name: String, options: ChaosOptions, bootstrap: String, topics: Topics, ports: [Int],
        recordVersion: Int?, sinks: String
    ) throws -> URL {
        let url = folder.appendingPathComponent("\(name).yaml")
        let version = recordVersion.map { ", recordVersion: \($0)" } ?? ""
        let text = """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: chaos}
            spec:
              kafka:
                bootstrapServers: "\(bootstrap)"
                groupID: \(topics.group)
                # A request of a member that is stopped is no older than that when it goes on.
                options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20, socket.timeout.ms: 120000}
              inputs:
                - {topic: \(topics.input(Topics.cloudTrail)), format: cloudtrail}
                - {topic: \(topics.input(Topics.flowLogs)), format: vpc-flow}
                - {topic: \(topics.input(Topics.metrics)), format: metric-stream-json}
              outputs: {createTopics: false, prefix: \(topics.outputPrefix)\(version)}
              # Event time goes on with the records alone: when all are read, the broker's clock would take it to the present,
              # and what comes then would raise nothing. An alert comes soon after what it is about, so that there are many.
              aggregation: {idleTimeout: 30m, allowedLateness: 5m}
              workers: {count: 2}
              flushInterval: \(options.flushInterval)
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              logging: {level: info, format: json}
              \(sinks)
              resources: ["\(folder.appendingPathComponent("resources.yaml").path)"]
            """
        try Data(text.utf8).write(to: url)
        return url
    }
}
