import Foundation
import KafkaClient
import TestSupport
import Testing

/// A flood of user agents, a kilobyte each and no two alike, in six minutes of one partition: the consumer's memory stays within its
/// bounds, nothing is folded, and what was counted is all.
///
/// `TIDEWATCH_GROUP_FLOOD` says how many; the attack of docs/trust.md has 360,000.
@Suite struct GroupFloodTests {
    private static let agents =
        ProcessInfo.processInfo.environment["TIDEWATCH_GROUP_FLOOD"].flatMap { Int($0) } ?? 36_000
    private static let residentBytesMax = 300_000_000
    /// Of one group whose window is open at an evaluator, and of its state in a monitor.
    private static let watchedBytesMax = 2_500
    private static let minutes = 6

    private static let resources = """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: agents}
        spec:
          source: CloudTrail
          window: 1m
          groupBy: [userAgent]
          measures: [{name: calls, count: true}]
        """

    private static let monitor = """

        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: unusual}
        spec:
          rollup: agents
          value: calls
          method: {ewma: {alpha: 0.2, threshold: 6, warmup: 5}}
          alert: {severity: warning, direction: up, summary: "{calls} calls by {userAgent}"}
        """

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func event(_ number: Int) -> [UInt8] {
        let second = number * minutes * 60 / agents
        let name = "agent-\(number)-"
        let padding = String(repeating: "x", count: 1000 - name.utf8.count)
        let time = String(format: "09:%02d:%02d", second / 60, second % 60)
        return Array(
            (#"{"eventTime":"2026-01-15T\#(time)Z","eventName":"GetObject","eventSource":"s3.amazonaws.com","#
                + #""readOnly":true,"eventID":"e-\#(number)","userAgent":"\#(name)\#(padding)"}"#).utf8)
    }

    private func resident(_ process: Process) throws -> Int {
        let status = try String(
            contentsOf: URL(fileURLWithPath: "/proc/\(process.processIdentifier)/status"), encoding: .utf8)
        return try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) }) << 10
    }

    /// With a monitor, evaluators hold the groups of all windows that are open.
    @Test(.timeLimit(.minutes(10)), arguments: [false, true])
    func memoryStaysWithinItsBoundAndNothingIsFolded(isWatched: Bool) throws {
        let broker = try Broker(topics: ["cloudtrail:1"] + Broker.allTopics.filter { $0.hasPrefix("tidewatch.") })
        let producer = try KafkaProducer(settings: broker.settings)
        for number in 0..<Self.agents {
            try producer.send(topic: "cloudtrail", partition: 0, key: nil, value: Self.event(number))
        }
        #expect(producer.close(timeout: .seconds(120)) == .delivered)

        let ports = try freePorts(2)
        _ = try folder.write(Self.resources + (isWatched ? Self.monitor : ""), to: "resources.yaml")
        let settings = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: flood}
            spec:
              kafka:
                bootstrapServers: "\(broker.address)"
                groupID: flood
                # What is fetched ahead has a bound of its own.
                options: {fetch.wait.max.ms: 20, queued.max.messages.kbytes: 16384}
              inputs: [{topic: cloudtrail, format: cloudtrail}]
              outputs: {createTopics: false}
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              resources: [resources.yaml]
            """, to: "settings.yaml")
        let consumer = try Tidewatch.prepared(["run", "--config", settings])
        consumer.standardError = try folder.file("run.log")
        try consumer.run()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        let isCounted = try awaitMetric("tidewatch_events_decoded_total{type=\"cloudtrail\"}", port: ports[1]) {
            $0 >= Double(Self.agents)
        }
        let said = try folder.text("run.log").suffix(2000)
        #expect(isCounted, "\(said)")
        let peak = try resident(consumer)
        print("\(Self.agents) user agents\(isWatched ? ", watched" : ""), at most \(peak >> 20) MB resident")
        #expect(peak < Self.residentBytesMax + (isWatched ? Self.agents * Self.watchedBytesMax : 0))
        let metrics = try #require(httpGet(port: ports[1], "/metrics"))
        if isWatched { #expect(metrics.contains(#"tidewatch_rollup_cells_folded_total{name="agents"} 0"#)) }
        #expect(metrics.contains(/tidewatch_config_info\{settings="[0-9a-f]{64}",resources="[0-9a-f]{64}"\} 1/))
        let log = try folder.text("run.log")
        #expect(log.contains("tidewatch starts"))
        consumer.terminate()
        consumer.awaitEnd()
        #expect(consumer.terminationStatus == 0)
    }
}
