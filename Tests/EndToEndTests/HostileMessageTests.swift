import Foundation
import KafkaClient
import TestSupport
import Testing

/// Nothing that comes in stops a consumer: not by what it would make of it, not by how long it takes to read.
///
/// `TIDEWATCH_HOSTILE_MESSAGES` says how many messages there are, each of which is followed by a record that has to be counted.
/// They expand to a megabyte each, so `make hostile` sends ten thousand to the release build, and 64 MiB in one message.
@Suite(.serialized) struct HostileMessageTests {
    private static let count =
        ProcessInfo.processInfo.environment["TIDEWATCH_HOSTILE_MESSAGES"].flatMap { Int($0) } ?? 160
    private static let minutes = min(50, count / kinds.count)
    /// Of two bytes, none of which is a record; 32 Mi are the most that a message may expand to.
    private static let lines = min(32 << 20, count << 14)
    /// Messages that are sent at a time: the embedded broker keeps 5 MiB of a partition.
    private static let turn = 300
    /// What brokers take by default, key and headers included.
    private static let recordBytesMax = 1_000_000
    private static let residentBytesMax = 768 << 20
    private static let stopWithin = Duration.seconds(10)
    private static let group = "hostile"
    private static let source = TopicPartition(topic: "events", partition: 0)
    private static let outputs = ["windows", "alerts", "audit", "deadletter", "registers", "checkpoints"]
    private static let kinds = HostileMessages.Kind.allCases

    private let folder: TemporaryFolder
    private let broker: Broker
    private let ports: [Int]
    private let settings: String

    init() throws {
        folder = try TemporaryFolder()
        broker = try Broker(topics: ["events:1"] + Self.outputs.map { "tidewatch.\($0):1" })
        ports = try freePorts(2)
        try folder.write(Self.resources, to: "resources.yaml")
        settings = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: hostile}
            spec:
              kafka:
                bootstrapServers: "\(broker.address)"
                groupID: \(Self.group)
                options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20}
              inputs: [{topic: events, format: auto}]
              outputs: {createTopics: false}
              # Longer than a pause between two turns, over which the clock would close windows of what is still to come.
              aggregation: {idleTimeout: 20s}
              flushInterval: 500ms
              workers: {count: 1}
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              resources: ["\(folder.path("resources.yaml"))"]
            """, to: "settings.yaml")
    }

    private static func slo(_ name: String, _ type: String, total: String, bad: String) -> String {
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
            bad: {metricSource: {type: \(type), spec: {filter: '\(bad)'}}},
            total: {metricSource: {type: \(type), spec: {filter: '\(total)'}}}}}}
        """
    }

    private static let resources = [
        slo(
            "good", "CloudTrail", total: #"event.eventSource == "good.amazonaws.com""#,
            bad: #"event.eventSource == "good.amazonaws.com" && has(event.errorCode)"#),
        slo(
            "hostile", "CloudTrail", total: #"event.eventSource == "hostile.amazonaws.com""#,
            bad: #"event.eventSource == "hostile.amazonaws.com" && has(event.errorMessage)"#),
        slo("flows", "VPCFlow", total: "true", bad: #"event.action == "REJECT""#),
        """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: by-agent}
        spec:
          source: CloudTrail
          window: 1m
          groupBy: [userAgent, userIdentity.arn]
          measures: [{name: calls, count: true}]
        """,
        """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: sets}
        spec:
          source: CloudTrail
          window: 1m
          measures:
            - {name: agents, distinct: userAgent, exact: true}
            - {name: requests, distinct: requestID, exact: true}
            - {name: arns, distinct: userIdentity.arn, exact: true}
        """,
        """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: by-metric}
        spec: {source: Metric, window: 1m, groupBy: [metric_name], measures: [{name: all, sum: value.sum}]}
        """,
        """
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: agents}
        spec:
          rollup: by-agent
          value: calls
          method: {ewma: {alpha: 0.2, threshold: 3, warmup: 5}}
          alert: {severity: warning, direction: up, summary: "{calls} calls by {userAgent}"}
        """,
    ].joined(separator: "\n---\n")

    /// In one minute there is nothing but the usual agent.
    private static func kind(_ number: Int) -> HostileMessages.Kind {
        if minute(number) == minutes * 7 / 10 { return .usualAgent }
        let kind = kinds[number % kinds.count]
        // Every other minute has more of it, so that what is usual has a deviation.
        return kind == .agent && minute(number) % 2 == 0 ? .usualAgent : kind
    }

    private static func minute(_ number: Int) -> Int { number * minutes / count }

    private static func good(_ number: Int, time: Int) -> Data {
        let stamp = Date(timeIntervalSince1970: Double(time)).ISO8601Format()
        return Data(
            (#"{"eventTime":"\#(stamp)","eventSource":"good.amazonaws.com","eventName":"DeleteThing","#
                + #""eventID":"good-\#(number)""# + (number % 7 == 0 ? #","errorCode":"Denied"}"# : "}")).utf8)
    }

    @Test(.timeLimit(.minutes(15))) func messagesThatExpandToAMegabyteStopNoConsumer() throws {
        let made = try HostileMessages(in: folder)
        let bomb = try GzipMembers.compressed(String(repeating: "x\n", count: Self.lines), in: folder)
        let start = Int(Date().timeIntervalSince1970) / 60 * 60 - 3600
        let kinds = (0..<Self.count).map(Self.kind)
        let committed = try CommittedOffset(broker, group: Self.group, Self.source)
        var published = PublishedRecords(broker, topics: Self.outputs.map { "tidewatch.\($0)" })
        var audited: Set<String> = []
        var sent: Int64 = 0
        var peak = 0
        var consumer = try run()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }

        for first in stride(from: 0, to: Self.count, by: Self.turn) {
            var values: [Data] = []
            for number in first..<min(first + Self.turn, Self.count) {
                let time = start + Self.minute(number) * 60
                for (value, isAudited) in [
                    (made.message(kinds[number], number: number, time: time), kinds[number].isCloudTrail),
                    (Self.good(number, time: time), true),
                ] {
                    if isAudited { audited.insert("events/0/\(sent + Int64(values.count))#0") }
                    values.append(value)
                }
            }
            try broker.send(values, to: "events")
            sent += Int64(values.count)
            try #require(committed.reaches(sent, while: consumer), "\(log)")
            peak = max(peak, try peakBytes(consumer))
            try published.read()
            guard first <= Self.count / 2, first + Self.turn > Self.count / 2 else { continue }
            // At most 65 kB, and it takes its time. Meanwhile the consumer is stopped, and the next one reads all of it.
            #expect(bomb.count < 66_000)
            try broker.send([bomb], to: "events")
            sent += 1
            #expect(
                try awaitMetric(#"tidewatch_unflushed_message_seconds{worker="0"}"#, port: ports[1]) { $0 > 0.5 },
                "\(log)")
            peak = max(peak, try peakBytes(consumer))
            try stop(consumer)
            consumer = try run()
            try #require(committed.reaches(sent, while: consumer), "\(log)")
        }
        let isCounted = try awaitMetric(#"tidewatch_slo_total{slo="good"}"#, port: ports[1]) {
            $0 == Double(Self.count)
        }
        #expect(isCounted, "\(log)")
        #expect(
            try awaitMetric(#"tidewatch_alert_transitions_total{status="open"}"#, port: ports[1]) { $0 > 0 }, "\(log)")
        peak = max(peak, try peakBytes(consumer))
        try stop(consumer)
        try published.read()
        print("\(sent) messages, at most \(peak >> 20) MB resident, largest records \(published.largest)")

        #expect(peak < Self.residentBytesMax)
        #expect(published.largest.allSatisfy { $0.value < Self.recordBytesMax }, "\(published.largest)")
        #expect(published.audited == audited)
        // What begins as a text file is set aside in one piece, without its last line break; the lines behind it have a letter each, up to a hundred.
        var refused = kinds.flatMap(\.refusals).counts
        for (reason, count) in ["text_file": 1, "wrong_field_count": 99, "more_rejected": 1] { refused[reason] = count }
        #expect(published.refused.mapValues(\.count) == refused)
        #expect((published.textFileBytes + 1) / 2 + 99 + published.moreRejected == Self.lines)
        try expectReport(kinds)
        expectShortened(published.alerts)
    }

    private func expectReport(_ kinds: [HostileMessages.Kind]) throws {
        let reported = try Tidewatch.run(["slo", "report", "--config", settings, "--format", "json"], in: folder)
        #expect(reported.status == 0, "\(reported.error)")
        var found: [String: [Double?]] = [:]
        for entry in try JSON(parsing: Data(reported.output.utf8))["slos"].items {
            found[entry["name"].text ?? ""] = [entry["total"].number, entry["bad"].number]
        }
        func count(_ isCounted: (HostileMessages.Kind) -> Bool) -> Double { Double(kinds.count(where: isCounted)) }
        #expect(found["good"] == [Double(Self.count), Double((Self.count + 6) / 7)])
        #expect(found["hostile"] == [count(\.isCloudTrail), count { $0 == .errorMessage }])
        #expect(found["flows"] == [count { $0 == .repeatedField }, 0])
    }

    /// The alert names the agent by its first letters, its length and a hash.
    private func expectShortened(_ alerts: [JSON]) {
        let usual = alerts.filter { $0["labels"]["userAgent"].text?.hasPrefix("usual-aaa") == true }
        #expect(usual.contains { $0["status"].text == "open" })
        for alert in usual {
            let label = alert["labels"]["userAgent"].text ?? ""
            #expect(label.utf8.count <= 1024)
            #expect(label.contains("…(\(HostileMessages.agentBytes + 6) bytes, sha256 "))
        }
    }

    // MARK: The consumer

    private func run() throws -> Process {
        let consumer = try Tidewatch.prepared(["run", "--config", settings])
        consumer.standardError = try folder.file("run.log")
        try consumer.run()
        return consumer
    }

    private func stop(_ consumer: Process) throws {
        let began = ContinuousClock.now
        consumer.terminate()
        consumer.awaitEnd()
        #expect(began.duration(to: .now) < Self.stopWithin, "\(log)")
        #expect(consumer.terminationStatus == 0, "\(log)")
    }

    private var log: Substring { ((try? folder.text("run.log")) ?? "").suffix(3_000) }

    private func peakBytes(_ consumer: Process) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(consumer.processIdentifier)/status", encoding: .utf8)
        return try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) }) << 10
    }
}

/// How far a group has come in a partition, asked by nobody of the group.
private final class CommittedOffset {
    private let consumer: KafkaConsumer
    private let partition: TopicPartition

    private final class NoPartitions: KafkaConsumerDelegate {
        func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] { [] }
        func revoked(_ partitions: [ReleasedPartition]) {}
        func lost(_ partitions: [ReleasedPartition]) {}
    }

    init(_ broker: Broker, group: String, _ partition: TopicPartition) throws {
        consumer = try KafkaConsumer(settings: broker.settings, options: .init(group: group), delegate: NoPartitions())
        self.partition = partition
    }

    func reaches(_ offset: Int64, while process: Process) -> Bool {
        // A broker says nothing when a group commits.
        eventually(while: { process.isRunning }) {
            (try? consumer.committed([partition], timeout: .seconds(5)))?.first == offset
        }
    }
}

/// What a consumer has published in topics of one partition, read as it goes, before the embedded broker drops it.
private struct PublishedRecords {
    private let broker: Broker
    private let topics: [String]
    private var next: [String: Int64] = [:]
    /// Of each topic's largest record, with its key and headers.
    private(set) var largest: [String: Int] = [:]
    /// By `ce_id`: what is read again after a stop is published again, as it was.
    private(set) var audited: Set<String> = []
    /// The positions of dead letters, by their reason.
    private(set) var refused: [String: Set<[UInt8]>] = [:]
    private(set) var moreRejected = 0
    private(set) var textFileBytes = 0
    private(set) var alerts: [JSON] = []

    init(_ broker: Broker, topics: [String]) {
        self.broker = broker
        self.topics = topics
    }

    mutating func read() throws {
        for topic in topics {
            let reader = try KafkaTopicReader(
                settings: broker.settings, topics: [topic], from: .offset(next[topic] ?? 0), timeout: patience)
            var failure: (any Error)?
            while !reader.isAtEnd {
                try reader.poll(timeout: .milliseconds(100)) { _, message in
                    next[topic] = message.offset + 1
                    let headers = message.headers
                    let bytes = headers.reduce(message.key.byteCount + message.value.byteCount) {
                        $0 + $1.name.utf8.count + ($1.value?.count ?? 0)
                    }
                    largest[topic] = max(largest[topic] ?? 0, bytes)
                    func header(_ name: String) -> String {
                        String(decoding: message.lastHeader(name) ?? [], as: UTF8.self)
                    }
                    switch topic {
                    case "tidewatch.audit": audited.insert(header("ce_id"))
                    case "tidewatch.alerts":
                        do { alerts.append(try JSON(parsing: Data(message.value.bytes))) } catch { failure = error }
                    case "tidewatch.deadletter":
                        refused[header("tidewatch_reason"), default: []].insert(message.key.bytes)
                        if header("tidewatch_reason") == "text_file" { textFileBytes = message.value.byteCount }
                        moreRejected = max(moreRejected, Int(header("tidewatch_more_rejected")) ?? 0)
                    default: break
                    }
                }
            }
            if let failure { throw failure }
        }
    }
}
