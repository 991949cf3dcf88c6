import Foundation
import KafkaClient
import TestSupport
import Testing

/// A consumer begins in the middle of every series, so it counts nothing of a cumulative metric, and says which one it is.
@Suite(.serialized) struct CumulativeMetricTests {
    private static let resources = """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: shop}
        spec:
          service: shop
          timeWindow: [{duration: 1d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
          indicator: {metadata: {name: shop}, spec: {ratioMetric: {
            bad: {metricSource: {type: Metric, spec: {metricName: failed}}},
            total: {metricSource: {type: Metric, spec: {metricName: requests}}}}}}
        """

    @Test(.timeLimit(.minutes(5)), arguments: Broker.Kind.tried)
    func cumulativeMetricOverKafkaIsRefusedByName(on kind: Broker.Kind) throws {
        let folder = try TemporaryFolder()
        let outputs = ["windows", "alerts", "audit", "deadletter", "registers", "checkpoints"]
        let broker = try Broker(topics: ["metrics:1"] + outputs.map { "tidewatch.\($0):1" }, on: kind)
        let ports = try freePorts(2)
        let resources = try folder.write(Self.resources, to: "resources.yaml")
        let settings = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: cumulative}
            spec:
              kafka:
                bootstrapServers: "\(broker.address)"
                groupID: cumulative
                # The embedded broker does not wake a fetch that waits.
                options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20}
              inputs: [{topic: metrics, format: otlp-json}]
              outputs: {createTopics: false}
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              resources: ["\(resources)"]
            """, to: "settings.yaml")
        let log = try folder.file("run.log")
        let consumer = try Tidewatch.prepared(["run", "--config", settings])
        consumer.standardError = log
        try consumer.run()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        let producer = try KafkaProducer(settings: broker.settings)
        for (second, value) in [100, 200, 300].enumerated() {
            try producer.send(
                topic: "metrics", partition: 0, key: nil, value: Array(Self.point("requests", value, second).utf8))
        }
        // What no objective takes is nobody's concern.
        try producer.send(topic: "metrics", partition: 0, key: nil, value: Array(Self.point("other", 1, 3).utf8))
        #expect(producer.close(timeout: patience) == .delivered)
        let metric = #"tidewatch_metric_points_refused_total{topic="metrics",metric="requests",reason="cumulative"}"#
        #expect(try awaitMetric(metric, port: ports[1]) { $0 == 3 })
        let scraped = httpGet(port: ports[1], "/metrics") ?? ""
        #expect(!scraped.contains(#"metric="other""#))
        consumer.terminate()
        consumer.awaitEnd()
        let lines = try folder.text("run.log").split(separator: "\n").filter { $0.contains("is cumulative") }
        #expect(lines.count == 1 && lines.allSatisfy { $0.contains("requests") }, "\(lines)")
    }

    private static func point(_ name: String, _ value: Int, _ second: Int) -> String {
        let start = 1_768_467_600
        return #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"\#(name)","#
            + #""sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"startTimeUnixNano":"\#(start)000000000","#
            + #""timeUnixNano":"\#(start + 1 + second)000000000","asInt":"\#(value)"}]}}]}]}]}"#
    }
}
