import Foundation
import KafkaClient
import TestSupport
import Testing

/// What is dated later than the clock goes to the dead letters and changes nothing else, in every format, wherever it
/// stands, and whatever a Kafka record says of its own time.
@Suite(.serialized) struct FutureDateTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let clock = "2026-01-15T10:00:00Z"
    private static let start = 1_768_467_600

    private static func slo(_ source: String, bad: String, total: String = "true") -> String {
        """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: \(source.lowercased())}
        spec:
          service: s
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.9}]
          indicator: {metadata: {name: i}, spec: {ratioMetric: {
            bad: {metricSource: {type: \(source), spec: {filter: '\(bad)'}}},
            total: {metricSource: {type: \(source), spec: {filter: '\(total)'}}}}}}
        """
    }

    private static let resources = [
        slo("CloudTrail", bad: "has(event.errorCode)"), slo("VPCFlow", bad: #"event.action == "REJECT""#),
    ].joined(separator: "\n---\n")

    private static func cloudTrail(_ time: Int, isBad: Bool = false) -> String {
        let text = Date(timeIntervalSince1970: Double(time)).formatted(.iso8601)
        return #"{"eventTime":"\#(text)","eventName":"A"\#(isBad ? #","errorCode":"X""# : "")}"#
    }

    private static func flow(_ time: Int, isBad: Bool = false) -> String {
        "2 123456789012 eni-0a 10.0.0.1 10.0.0.2 1 2 6 1 1 \(time) \(time + 9) \(isBad ? "REJECT" : "ACCEPT") OK"
    }

    /// Forty records of a minute each, every tenth bad, and one of the future: first, in the middle, last.
    @Test(arguments: ["cloudtrail", "vpcflow"], [0, 17, 40])
    func oneWrongDateInAFileChangesNoCount(format: String, place: Int) throws {
        try folder.write(Self.resources, to: "slo.yaml")
        for (name, future) in [("years", 4_922_208_000), ("days", Self.start + 4 * 86_400)] {
            let line = format == "cloudtrail" ? Self.cloudTrail : Self.flow
            var lines = (0..<40).map { line(Self.start + 60 * $0, $0 % 10 == 0) }
            lines.insert(line(future, false), at: place)
            let input = try folder.write(lines.joined(separator: "\n") + "\n", to: "\(name).log")
            let result = try Tidewatch.run(
                [
                    "replay", "--resources", folder.path("slo.yaml"), "--out", folder.path("out"), "--now", Self.clock,
                    input,
                ], in: folder)
            #expect(result.status == 0, "\(result.error)")
            let report = try folder.json("out/report.json")
            let entry = try #require(report["slos"].items.first { $0["name"].text == format })
            #expect(entry["total"].number == 40)
            #expect(entry["bad"].number == 4)
            #expect(entry["late_uncounted"].number == 0)
            #expect(report["at"].text == "2026-01-15T09:40:00Z")
            let refused = try folder.jsonLines("out/deadletter.ndjson")
            #expect(refused.map { $0["reason"].text } == ["from_the_future"])
        }
    }

    @Test func theClockAndTheToleranceDecideAndNothingIsLateUnasked() throws {
        try folder.write(Self.resources, to: "slo.yaml")
        // Five minutes after the clock is believed; a second more is not. The first is three weeks older than the second.
        let times = [Self.start + 3600 + 300, Self.start - 21 * 86_400, Self.start + 3600 + 301]
        let input = try folder.write(times.map { Self.cloudTrail($0) }.joined(separator: "\n"), to: "in.json")
        func replay(_ more: [String]) throws -> JSON {
            let result = try Tidewatch.run(
                [
                    "replay", "--resources", folder.path("slo.yaml"), "--report", "json", "--now", Self.clock, input,
                ] + more, in: folder)
            #expect(result.status == 0, "\(result.error)")
            let slos = try JSON(parsing: Data(result.output.utf8))["slos"].items
            return try #require(slos.first { $0["name"].text == "cloudtrail" })
        }
        let whole = try replay([])
        #expect(whole["total"].number == 2)
        #expect(whole["late_uncounted"].number == 0)
        let late = try replay(["--late-horizon", "3d"])
        #expect(late["total"].number == 1)
        #expect(late["late_uncounted"].number == 1)
        let refused = try Tidewatch.run(["replay", "--late-horizon", "soon", "--report", "json", input], in: folder)
        #expect(refused.status != 0)
    }

    /// A producer may date its records, and its events, as it likes.
    @Test(.timeLimit(.minutes(8)), arguments: Broker.Kind.tried)
    func theTimeOfAKafkaRecordDecidesNothing(on kind: Broker.Kind) throws {
        let outputs = ["windows", "alerts", "audit", "deadletter", "registers", "checkpoints"]
        let broker = try Broker(topics: ["events:1"] + outputs.map { "tidewatch.\($0):2" }, on: kind)
        let ports = try freePorts(2)
        try folder.write(Self.resources, to: "slo.yaml")
        let settings = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: future}
            spec:
              kafka:
                bootstrapServers: "\(broker.address)"
                groupID: future
                options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20}
              inputs: [{topic: events, format: auto}]
              outputs: {createTopics: false}
              flushInterval: 500ms
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              resources: ["\(folder.path("slo.yaml"))"]
            """, to: "settings.yaml")
        let now = Int(Date().timeIntervalSince1970)
        let day = 86_400
        // The event's time, and its record's.
        let believed = [
            (now - 600, 0), (now - 60, now - 7 * 60), (now - 30, now - 11 * 60), (now - 90, now + 30 * day),
        ]
        let future = [(now + 4 * day, now + 4 * day), (now + 80 * 365 * day, now + 80 * 365 * day), (now + 3600, now)]
        let producer = try KafkaProducer(settings: broker.settings)
        for (time, recordTime) in [future[0], believed[0], future[1]] + believed[1...] + [future[2]] {
            for line in [Self.cloudTrail(time, isBad: true), Self.flow(time)] {
                try producer.send(
                    topic: "events", key: nil, value: Array(line.utf8),
                    timestampMilliseconds: max(1, Int64(recordTime) * 1000))
            }
        }
        #expect(producer.close(timeout: patience) == .delivered)
        let consumer = try Tidewatch.prepared(["run", "--config", settings])
        consumer.standardError = try folder.file("run.log")
        try consumer.run()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        let isCounted = try awaitMetric(#"tidewatch_messages_consumed_total{topic="events"}"#, port: ports[1]) {
            $0 == Double(2 * (believed.count + future.count))
        }
        let said = try folder.text("run.log").suffix(3000)
        #expect(isCounted, "\(said)")
        consumer.terminate()
        consumer.awaitEnd()
        #expect(consumer.terminationStatus == 0)
        let refused = try broker.records("tidewatch.deadletter")
        #expect(refused.map { $0.headers["tidewatch_reason"] } == Array(repeating: "from_the_future", count: 6))
        let reported = try Tidewatch.run(["slo", "report", "--config", settings, "--format", "json"], in: folder)
        #expect(reported.status == 0, "\(reported.error)")
        for entry in try JSON(parsing: Data(reported.output.utf8))["slos"].items {
            #expect(entry["total"].number == Double(believed.count), "\(entry)")
            #expect(entry["late_uncounted"].number == 0)
        }
    }
}
