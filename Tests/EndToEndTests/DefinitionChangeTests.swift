import Foundation
import TestSupport
import Testing

/// Members are restarted with an SLO that counts otherwise: its history begins anew and the former one is kept, and no other SLO's
/// numbers change.
@Suite(.serialized) struct DefinitionChangeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let start = 1_768_467_600
    private static let failed = #"has(event.errorCode) && event.eventSource == "s3.amazonaws.com""#
    private static let denied = #"event.errorCode == "AccessDenied""#

    private static func slo(_ name: String, bad: String) -> String {
        """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: \(name)}
        spec:
          service: s
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.5}]
          indicator: {metadata: {name: i}, spec: {ratioMetric: {
            bad: {metricSource: {type: CloudTrail, spec: {filter: '\(bad)'}}}, total: {metricSource: {type: CloudTrail}}}}}
        """
    }

    /// So many events in a row of minutes, every fourth one failed, every eighth one denied.
    private func send(_ range: Range<Int>, to broker: Broker) throws {
        let values = range.map { number in
            let time = Date(timeIntervalSince1970: Double(Self.start + 30 * number)).formatted(.iso8601)
            let code = number % 8 == 0 ? "AccessDenied" : number % 4 == 0 ? "SlowDown" : nil
            return #"{"eventTime":"\#(time)","eventID":"\#(number)","eventSource":"s3.amazonaws.com","eventName":"A""#
                + (code.map { #","errorCode":"\#($0)"}"# } ?? "}")
        }
        try broker.send(values, to: "cloudtrail")
    }

    private struct Entry: Equatable {
        let total: Double?
        let bad: Double?
        let definition: String?
        let former: [String?]
    }

    private func report(_ settings: String) throws -> [String: Entry] {
        let reported = try Tidewatch.run(["slo", "report", "--config", settings, "--format", "json"], in: folder)
        guard reported.status == 0 else { return [:] }
        return try Dictionary(
            uniqueKeysWithValues: JSON(parsing: Data(reported.output.utf8))["slos"].items.map { slo in
                let former = slo["former"].items.map { $0["definition"].text }
                return (
                    try #require(slo["name"].text),
                    Entry(
                        total: slo["total"].number, bad: slo["bad"].number, definition: slo["definition"].text,
                        former: former)
                )
            })
    }

    /// Runs a consumer until the report says so.
    private func consume(
        _ broker: Broker, bad filter: String, version: Int, _ wanted: [String: (total: Double, bad: Double)],
        while isRunning: (Process) throws -> Void = { _ in }
    ) throws -> [String: Entry] {
        let ports = try freePorts(2)
        let resources = try folder.write(
            [Self.slo("calls", bad: filter), Self.slo("other", bad: "has(event.errorCode)")].joined(
                separator: "\n---\n"),
            to: "resources.yaml")
        let settings = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: definitions}
            spec:
              kafka:
                bootstrapServers: "\(broker.address)"
                groupID: definitions
                options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20}
              inputs: [{topic: cloudtrail, format: cloudtrail}]
              outputs: {createTopics: false, recordVersion: \(version)}
              flushInterval: 200ms
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              resources: ["\(resources)"]
            """, to: "settings.yaml")
        let consumer = try Tidewatch.prepared(["run", "--config", settings])
        consumer.standardError = try folder.file("run.log")
        try consumer.run()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        var found: [String: Entry] = [:]
        let isDone = try eventually(every: .milliseconds(200), while: { consumer.isRunning }) {
            found = try report(settings)
            return wanted.allSatisfy { found[$0.key]?.total == $0.value.total && found[$0.key]?.bad == $0.value.bad }
        }
        let said = try folder.text("run.log").suffix(2_000)
        #expect(isDone, "found \(found), wanted \(wanted): \(said)")
        try isRunning(consumer)
        if consumer.isRunning {
            consumer.terminate()
            consumer.awaitEnd()
            #expect(consumer.terminationStatus == 0)
        }
        return found
    }

    @Test(.timeLimit(.minutes(10))) func aChangedFilterBeginsAnewAndARevertedOneGoesOn() throws {
        let broker = try Broker(topics: Broker.allTopics)
        try send(0..<80, to: broker)
        let plain = try consume(broker, bad: Self.failed, version: 1, ["calls": (80, 20), "other": (80, 20)])
        #expect(plain.values.allSatisfy { $0.definition == nil && $0.former.isEmpty })
        #expect(try versions(of: "tidewatch.windows", broker) == [1])

        // The newer form takes over what was counted before it.
        try send(80..<120, to: broker)
        let told = try consume(broker, bad: Self.failed, version: 2, ["calls": (120, 30), "other": (120, 30)])
        let first = try #require(told["calls"]?.definition)
        #expect(told["calls"]?.former == [] && told["other"]?.definition != first)
        #expect(try versions(of: "tidewatch.registers", broker) == [1, 2])

        try send(120..<200, to: broker)
        let changed = try consume(broker, bad: Self.denied, version: 2, ["calls": (80, 10), "other": (200, 50)])
        let second = try #require(changed["calls"]?.definition)
        #expect(second != first && changed["calls"]?.former == [first] && changed["other"]?.former == [])
        let said = try Tidewatch.run(["slo", "report", "--config", folder.path("settings.yaml")], in: folder)
        let words = said.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            words.contains(
                "counted since 2026-01-15T10:00:00Z: the definition changed; what was counted before is in no number here: "
                    + "from 2026-01-15T09:00:00Z to 2026-01-15T10:00:00Z by definition \(first)"), "\(said.output)")

        // The same as at first, written otherwise.
        try send(200..<240, to: broker)
        let reverted = try consume(
            broker, bad: #"(r"s3.amazonaws.com" == event["eventSource"]) && has( event.errorCode ) // as before"#,
            version: 2,
            ["calls": (160, 40), "other": (240, 60)]
        ) { consumer in
            // A member of 0.1.0 comes.
            try broker.send(
                key: "cloudtrail/0",
                Data(#"{"kind":"claim","source":{"topic":"cloudtrail","partition":0},"epoch":99999}"#.utf8),
                to: "tidewatch.registers", partition: 0)
            consumer.awaitEnd()
            let log = try folder.text("run.log")
            #expect(consumer.terminationStatus == 1)
            #expect(
                log.contains("a member that reads records up to version 1 is running (it owns cloudtrail[0]")
                    && log.contains("this one is told to write version 2"), "\(log.suffix(2_000))")
        }
        #expect(reverted["calls"]?.definition == first && reverted["calls"]?.former == [second])
    }

    private func versions(of topic: String, _ broker: Broker) throws -> Set<Double?> {
        Set(try broker.records(topic).filter { !$0.value.isEmpty }.map { try $0.json()["version"].number })
    }
}
