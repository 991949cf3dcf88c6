import Foundation
import KafkaClient
import TestSupport
import Testing

/// `tidewatch run` and a seeded estate that comes at a steady rate, over a broker that the test can hurt.
final class FaultedRun {
    static let group = "faults"
    let broker: EmbeddedBroker
    let folder: TemporaryFolder
    private let consumer: Process
    private let producer: Process
    private let ports: [Int]
    private var goal = 0
    private let settings: String

    static let inputs = ["cloudtrail", "vpc-flow", "metrics"]
    private static let outputs = ["windows", "alerts", "audit", "deadletter", "registers", "checkpoints"]

    /// Starts both, and returns when the consumer counts.
    ///
    /// - Parameters:
    ///   - leaderless: partitions without a leader.
    ///   - counts: false where the consumer can't count yet.
    init(brokers: Int = 1, leaderless: [TopicPartition] = [], counts: Bool = true) throws {
        broker = try EmbeddedBroker(brokers: brokers)
        folder = try TemporaryFolder()
        for topic in Self.inputs + Self.outputs.map({ "tidewatch." + $0 }) {
            try broker.createTopic(topic, partitions: 2, replicationFactor: brokers)
        }
        for partition in leaderless { try broker.setLeader(of: partition, to: nil) }
        let bootstrap = broker.bootstrapServers.joined(separator: ",")
        ports = try freePorts(2)
        settings = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: faults}
            spec:
              kafka:
                bootstrapServers: "\(bootstrap)"
                groupID: \(Self.group)
                options:
                  session.timeout.ms: 6000
                  heartbeat.interval.ms: 500
                  fetch.wait.max.ms: 20
                  reconnect.backoff.max.ms: 500
              inputs:
                - {topic: cloudtrail, format: cloudtrail}
                - {topic: vpc-flow, format: vpc-flow}
                - {topic: metrics, format: metric-stream-json}
              # Records are two hours old, and a generator that stands still for a moment is no partition without records.
              aggregation: {idleTimeout: 1h}
              outputs: {createTopics: false}
              flushInterval: 500ms
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              logging: {format: json}
              resources: ["\(Tidewatch.demoResources)"]
            """, to: "settings.yaml")
        consumer = try Tidewatch.prepared(["run", "--config", settings])
        consumer.standardError = try folder.file("run.log")
        let start = Date(timeIntervalSinceNow: -7_200).ISO8601Format()
        // 30 minutes are some 4,300 messages: a quarter of a minute.
        producer = try Tidewatch.prepared([
            "generate", "--seed", "7", "--start", start, "--minutes", "30", "--cloudtrail-per-minute", "100",
            "--flow-logs-per-minute", "300", "--incident", "all", "--duplicates", "0.05", "--late", "0.05", "--rate",
            "300", "--bootstrap", bootstrap, "--ledger", folder.path("ledger.json"),
        ])
        producer.standardError = try folder.file("generate.log")
        try consumer.run()
        try producer.run()
        if counts { try #require(awaits { self.counted() > 0 }, "\(log)") }
    }

    deinit {
        for process in [consumer, producer] where process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// The end of the consumer's log, for messages.
    var log: Substring { ((try? folder.text("run.log")) ?? "").suffix(3_000) }
    var isRunning: Bool { consumer.isRunning }

    /// Messages that the consumer has taken since it was started.
    func counted() -> Int { metric("tidewatch_messages_consumed_total{") }

    /// The sum of the metrics whose line begins so.
    func metric(_ prefix: String) -> Int {
        let lines = (scrape() ?? "").split(separator: "\n")
        return lines.filter { $0.hasPrefix(prefix) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0) { $0 + Int($1) }
    }

    /// The consumer's metrics; `nil` where it does not answer.
    func scrape() -> String? { httpGet(port: ports[1], "/metrics") }

    /// Lets the consumer take this many messages more than it was to have taken before. What it took ahead of that counts:
    /// where the machine stands still for a while, little of what the generator sends may be left.
    func proceed(by count: Int) throws {
        goal += count
        try #require(awaits { self.counted() >= self.goal }, "\(counted()) of \(goal) messages taken\n\(log)")
    }

    /// What counts are held against.
    enum Truth {
        /// What the generator sent.
        case sent
        /// What the broker holds, by a replay of it. Where leaders move librdkafka's mock loses some of what it has
        /// acknowledged, and where a request fails it may take a batch twice: it knows no sequences; see `EmbeddedBroker`.
        case held
    }

    /// Everything comes out exact, from the process that was there all along, and it ends as it should.
    func expectExactTotals(of truth: Truth = .sent) throws {
        producer.awaitEnd()
        let said = try folder.text("generate.log").suffix(2_000)
        try #require(producer.terminationStatus == 0, "\(said)")
        var expected = totals(try folder.json("ledger.json")["slos"])
        if truth == .held {
            let sent = expected
            expected = try replayedTotals()
            // That is a few records at each move or failure.
            for (name, counts) in sent {
                let (sent, held) = (try #require(counts.last ?? nil), try #require(expected[name]?.last ?? nil))
                #expect(abs(held - sent) < sent * 0.1, "\(name): \(sent) sent, \(held) held")
            }
        }
        var found: [String: [Double?]] = [:]
        let isExact = try awaits {
            let report = try Tidewatch.run(
                ["slo", "report", "--config", self.settings, "--format", "json"], in: self.folder)
            found = report.status == 0 ? totals(try JSON(parsing: Data(report.output.utf8))["slos"]) : [:]
            return found == expected
        }
        #expect(isExact, "found \(found), expected \(expected)\n\(isExact ? "" : findings())\n\(log)")
        #expect(isRunning, "\(log)")
        #expect(awaits { httpGet(port: self.ports[0], "/readyz") == "ready\n" })
        // What is counted is judged a little later.
        #expect(try awaits { try !self.values(of: "tidewatch.alerts").isEmpty })
        consumer.terminate()
        consumer.awaitEnd()
        #expect(consumer.terminationStatus == 0, "\(log)")
        try expectEachOnce()
    }

    /// Transitions of alerts stand in their topic once, and so do audited events for who goes by their `uid`: an owner that
    /// lost a partition may have sent some that its successor sends again, to the byte.
    private func expectEachOnce() throws {
        var transitions: [[String?]] = []
        var audited: [String: Set<Data>] = [:]
        for value in try values(of: "tidewatch.alerts") {
            let alert = try JSON(parsing: value)
            transitions.append([alert["dedup_key"].text, alert["status"].text, alert["time"].text])
        }
        for value in try values(of: "tidewatch.audit") {
            audited[try JSON(parsing: value)["uid"].text ?? "", default: []].insert(value)
        }
        #expect(!transitions.isEmpty && transitions.counts.allSatisfy { $0.value == 1 }, "\(transitions.counts)")
        #expect(!audited.isEmpty && audited.allSatisfy { !$0.key.isEmpty && $0.value.count == 1 })
    }

    /// Totals of all that the inputs hold, by a replay of their messages in files.
    private func replayedTotals() throws -> [String: [Double?]] {
        let names = ["cloudtrail": "cloudtrail.jsonl", "vpc-flow": "vpc-flow.log", "metrics": "metrics.jsonl"]
        try FileManager.default.createDirectory(atPath: folder.path("held"), withIntermediateDirectories: true)
        for (topic, name) in names {
            let lines = try values(of: topic).map { $0.last == 0x0A ? $0 : $0 + [0x0A] }
            try Data(lines.joined()).write(to: URL(fileURLWithPath: folder.path("held/\(name)")))
        }
        let replayed = try Tidewatch.run(
            ["replay", "--resources", Tidewatch.demoResources, "--out", folder.path("replayed"), folder.path("held")],
            in: folder)
        try #require(replayed.status == 0, "\(replayed.error)")
        return totals(try folder.json("replayed/report.json")["slos"])
    }

    private func values(of topic: String) throws -> [Data] {
        let reader = try KafkaTopicReader(settings: broker.settings, topics: [topic], timeout: .seconds(30))
        var values: [Data] = []
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(100)) { values.append(Data($1.value.bytes)) }
        }
        return values
    }

    /// Until the condition holds, at most two minutes: a slow machine, a slow broker, and faults on purpose.
    func awaits(_ condition: () throws -> Bool) rethrows -> Bool {
        // Neither the report nor the metrics say when they change.
        try eventually(within: .seconds(120), every: .milliseconds(200), while: { consumer.isRunning }, condition)
    }
}
