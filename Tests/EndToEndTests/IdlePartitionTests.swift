import Foundation
import KafkaClient
import TestSupport
import Testing

/// A partition with traffic and eleven that never had a record: windows close in time all the same, while the traffic
/// flows, and after it has stopped.
///
/// Settings are the defaults but for the lateness, so this is what they promise. The machine's clock is the broker's too.
@Suite(.serialized) struct IdlePartitionTests {
    private static let lateness = 10.0
    /// What may come on top of the lateness: the idle timeout and the flush interval are 2 s each.
    private static let allowance = 5.0
    private static let topic = "metrics"

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func writeSettings(_ broker: Broker, _ ports: [Int]) throws -> String {
        let resources = try folder.write(Self.resources, to: "resources.yaml")
        return try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: idle}
            spec:
              kafka:
                bootstrapServers: "\(broker.address)"
                groupID: idle
                # The embedded broker does not wake a fetch that waits.
                options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20}
              inputs: [{topic: \(Self.topic), format: metric-stream-json}]
              outputs: {createTopics: false}
              aggregation: {allowedLateness: \(Int(Self.lateness))s}
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              resources: ["\(resources)"]
            """, to: "settings.yaml")
    }

    /// Values go up and down by one; a hundred is unusual.
    private static let resources = """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: load}
        spec:
          source: Metric
          window: 1s
          groupBy: [metric_name]
          measures:
            - {name: highest, max: value.max}
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: load}
        spec:
          rollup: load
          value: highest
          method: {ewma: {alpha: 0.2, threshold: 6, warmup: 5}}
          alert: {severity: warning, direction: up, summary: "{highest} jobs wait"}
        """

    @Test(.timeLimit(.minutes(8)), arguments: Broker.Kind.tried)
    func windowsCloseInTimeWhileOnePartitionFlowsAndAfterItStops(on kind: Broker.Kind) throws {
        let outputs = ["windows", "alerts", "audit", "deadletter", "registers", "checkpoints"]
        let broker = try Broker(topics: ["\(Self.topic):12"] + outputs.map { "tidewatch.\($0):3" }, on: kind)
        let ports = try freePorts(2)
        let settings = try writeSettings(broker, ports)
        let log = try folder.file("run.log")
        let consumer = try Tidewatch.prepared(["run", "--config", settings])
        consumer.standardError = log
        try consumer.run()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        try #require(try awaitMetric("tidewatch_ready_seconds", port: ports[1]) { $0 > 0 })
        let producer = try KafkaProducer(settings: broker.settings)
        var watch = WatermarkWatch(port: ports[1])

        // Until the consumer has been through a few windows, and 20 s more.
        let start = now()
        var sent = 0
        func send(_ value: Int) throws {
            try producer.send(
                topic: Self.topic, partition: 0, key: nil, value: Array(Self.metric(value, at: now()).utf8))
            sent += 1
        }
        while now() < start + Self.lateness + 20, consumer.isRunning {
            try send(10 + Int(now()) % 2)
            if now() > start + Self.lateness + Self.allowance { watch.sample() }
            // The pace of the producer, twenty records a second.
            letPass(.milliseconds(50))
        }
        let flowing = watch
        // The last record makes its window unusual: its alert says that the last window closed.
        try send(100)
        let stopped = now()
        #expect(producer.close(timeout: patience) == .delivered)
        watch = WatermarkWatch(port: ports[1])
        while now() < stopped + Self.lateness + Self.allowance + 3, consumer.isRunning {
            watch.sample()
            // The pace of the samples: what is tested is how the metric goes on by itself.
            letPass(.milliseconds(50))
        }
        let silent = watch
        let said = try folder.text("run.log").suffix(3_000)
        try #require(consumer.isRunning, "\(said)")
        consumer.terminate()
        consumer.awaitEnd()
        #expect(consumer.terminationStatus == 0, "\(said)")

        let alerts = try openings(broker)
        print(
            "\(sent) records; from a window's end to its close, the lateness of \(Self.lateness) s in it: "
                + "\(flowing) while records came, \(silent) after the last, \(alerts) to the alert")
        for (watch, phase) in [(flowing, "while records came"), (silent, "after the last record")] {
            #expect(watch.samples > 20, "\(phase); \(said)")
            #expect(watch.longest <= Self.lateness + Self.allowance, "\(phase): \(watch); \(said)")
            // A window that closes before the lateness is over was not kept open for late events.
            #expect(watch.shortest >= Self.lateness, "\(phase): \(watch)")
        }
        #expect(alerts.count == 1 && alerts.allSatisfy { $0 <= Self.lateness + Self.allowance }, "\(alerts); \(said)")
    }

    /// Seconds from the end of the window that opened an alert to the alert's record in the topic.
    private func openings(_ broker: Broker) throws -> [Double] {
        let reader = try KafkaTopicReader(settings: broker.settings, topics: ["tidewatch.alerts"], timeout: patience)
        var records: [(Data, Int64)] = []
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(100)) { _, message in
                records.append((Data(message.value.bytes), message.timestamp?.milliseconds ?? .max))
            }
        }
        return try records.compactMap { value, written in
            let alert = try JSON(parsing: value)
            guard alert["status"].text == "open", let time = alert["time"].text else { return nil }
            return try Double(written) / 1000 - Date(time, strategy: .iso8601).timeIntervalSince1970
        }
    }

    private static func metric(_ value: Int, at time: Double) -> String {
        """
        {"metric_stream_name":"s","account_id":"111122223333","region":"eu-central-1","namespace":"Jobs",\
        "metric_name":"Waiting","dimensions":{},"timestamp":\(Int64(time * 1000)),\
        "value":{"max":\(value),"min":\(value),"sum":\(value),"count":1},"unit":"Count"}
        """
    }
}

private func now() -> Double { Date().timeIntervalSince1970 }

/// How far the event time up to which windows are closed lies behind the clock.
///
/// A window that ends at T is closed no later than T + d for every T, when the watermark is at no time more than d behind.
private struct WatermarkWatch: CustomStringConvertible {
    let port: Int
    private(set) var samples = 0
    private(set) var longest = 0.0
    private(set) var shortest = Double.infinity

    init(port: Int) { self.port = port }

    var description: String { String(format: "%.2f to %.2f s of %d samples", shortest, longest, samples) }

    mutating func sample() {
        let asked = now()
        let lines = (httpGet(port: port, "/metrics") ?? "").split(separator: "\n")
        let answered = now()
        guard let line = lines.first(where: { $0.hasPrefix("tidewatch_watermark_timestamp_seconds ") }),
            let watermark = line.split(separator: " ").last.flatMap({ Double($0) })
        else { return }
        samples += 1
        longest = max(longest, asked - watermark)
        shortest = min(shortest, answered - watermark)
    }
}
