import Foundation
import TestSupport
import Testing

/// A consumer of two partitions in one worker, watched from outside while something is done to it.
final class WatchedConsumer {
    static let residentBytesMax = 300 << 20
    static let countedWithin = Duration.seconds(5)
    static let answeredWithin = Duration.seconds(1)
    static let stoppedWithin = Duration.seconds(10)

    let broker: Broker
    let healthPort: Int
    let metricsPort: Int
    let folder: TemporaryFolder
    private let process: Process
    private var sent = 0

    /// - Parameters:
    ///   - kafka: further members of `kafka`, in braces' form.
    ///   - filesMax: how many open files the process may have.
    init(
        _ folder: TemporaryFolder, on broker: Broker? = nil, kafka: String = "", filesMax: Int? = nil,
        _ more: String = ""
    ) throws {
        self.folder = folder
        self.broker = try broker ?? Broker(topics: WatchedConsumer.topics)
        (healthPort, metricsPort) = (try freePort(), try freePort())
        try folder.write(WatchedConsumer.resources, to: "resources.yaml")
        let settings = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: watched}
            spec:
              kafka: {bootstrapServers: "\(self.broker.address)", groupID: watched\(kafka)}
              inputs: [{topic: events, format: cloudtrail}]
              outputs: {createTopics: false}
              aggregation: {idleTimeout: 2s}
              flushInterval: 500ms
              workers: {count: 1}
              http: {host: 127.0.0.1, healthPort: \(healthPort), metricsPort: \(metricsPort)}
              resources: [resources.yaml]
            \(more)
            """, to: "settings.yaml")
        if let filesMax {
            process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = [
                "-c", "ulimit -n \(filesMax) && exec \"$0\" run --config \"$1\"", try Tidewatch.binary().path, settings,
            ]
        } else {
            process = try Tidewatch.prepared(["run", "--config", settings])
        }
        process.standardError = try folder.file("run.log")
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    static let topics =
        ["events:2"]
        + ["windows", "alerts", "audit", "deadletter", "registers", "checkpoints", "notifications"].map {
            "tidewatch.\($0):1"
        }

    private static let resources = """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: calls}
        spec:
          service: s
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.5}]
          indicator: {metadata: {name: i}, spec: {ratioMetric: {
            bad: {metricSource: {type: CloudTrail, spec: {filter: has(event.errorCode)}}},
            total: {metricSource: {type: CloudTrail}}}}}
        """

    var log: String { String(((try? folder.text("run.log")) ?? "").suffix(3000)) }
    var isRunning: Bool { process.isRunning }
    var readiness: String { httpGet(port: healthPort, "/readyz") ?? "" }

    func isReady() -> Bool { awaitReady(process, port: healthPort) }

    /// Sends a record to the second partition, and expects that it is counted soon.
    func expectCounted() throws {
        sent += 1
        let stamp = Date().ISO8601Format()
        let record =
            #"{"eventTime":"\#(stamp)","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"e\#(sent)"}"#
        let began = ContinuousClock.now
        try broker.send(key: "", Data(record.utf8), to: "events", partition: 1)
        let wanted = Double(sent)
        let isCounted = try awaitMetric(#"tidewatch_events_decoded_total{type="cloudtrail"}"#, port: metricsPort) {
            $0 >= wanted
        }
        #expect(isCounted && began.duration(to: .now) < Self.countedWithin, "\(began.duration(to: .now)): \(log)")
    }

    /// Expects an answer of `/healthz`, asked over a connection of its own.
    func expectHealthy() throws {
        let began = ContinuousClock.now
        let client = try #require(LocalSocket.connected(to: healthPort))
        defer { client.close() }
        client.send(Array("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".utf8))
        var answer = ""
        while let bytes = client.receive(atMost: 4096) { answer += String(decoding: bytes, as: UTF8.self) }
        #expect(answer.hasPrefix("HTTP/1.1 200 OK"), "\(answer)")
        #expect(began.duration(to: .now) < Self.answeredWithin)
    }

    /// Stops it, and expects that all bounds were kept.
    func expectStop() throws {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let peak = try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) }) << 10
        #expect(peak < Self.residentBytesMax, "\(peak >> 20) MiB")
        let began = ContinuousClock.now
        process.terminate()
        process.awaitEnd()
        #expect(began.duration(to: .now) < Self.stoppedWithin, "\(log)")
        #expect(process.terminationStatus == 0, "\(log)")
    }
}
