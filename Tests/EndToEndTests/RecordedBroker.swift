import Foundation
import KafkaClient
import TestSupport
import Testing
import UpgradeFixtures

/// The topics of a recording in a broker, and `run` over them.
extension Broker {
    static func forRecordings() throws -> Broker {
        let others = ["tidewatch.audit": 2, "tidewatch.deadletter": 2]
        let topics = Recording.state.merging(Recording.inputs) { $1 }.merging(others) { $1 }
        return try Broker(topics: topics.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" })
    }

    func send(_ messages: [OutageTrace.Message]) throws {
        let producer = try KafkaProducer(settings: settings)
        for message in messages {
            try producer.send(
                topic: message.topic, partition: message.partition, key: nil, value: Array(message.value.utf8),
                timestampMilliseconds: message.milliseconds)
        }
        #expect(producer.close(timeout: patience) == .delivered)
    }

    /// All that lies in the topics, as a recording holds it.
    func recorded(_ topics: [String]) throws -> [Recording.Record] {
        var records: [Recording.Record] = []
        let reader = try KafkaTopicReader(settings: settings, topics: topics, timeout: patience)
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(100)) { partition, message in
                let headers = message.headers.map {
                    Recording.Record.Header(name: $0.name, value: $0.value.map { String(decoding: $0, as: UTF8.self) })
                }
                records.append(
                    Recording.Record(
                        topic: partition.topic, partition: partition.partition, offset: message.offset,
                        milliseconds: message.timestamp?.milliseconds ?? 0,
                        key: message.hasKey ? String(decoding: message.key.bytes, as: UTF8.self) : nil,
                        // Nothing in the recorded topics has a value without bytes: it is a tombstone.
                        value: message.value.byteCount == 0
                            ? nil : String(decoding: message.value.bytes, as: UTF8.self),
                        headers: headers))
            }
        }
        return records.sorted { ($0.topic, $0.partition, $0.offset) < ($1.topic, $1.partition, $1.offset) }
    }

    func commits() throws -> [Recording.Commit] {
        let topics = Recording.state.merging(Recording.inputs) { $1 }.sorted { $0.key < $1.key }
        let partitions = topics.flatMap { topic, count in
            (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) }
        }
        return try Recording.groups.flatMap { group in
            let consumer = try KafkaConsumer(
                settings: settings, options: .init(group: group), delegate: NoPartitions())
            return try consumer.committedWithMetadata(partitions, timeout: patience).compactMap { entry in
                entry.map {
                    Recording.Commit(
                        group: group, topic: $0.position.partition.topic, partition: $0.position.partition.partition,
                        offset: $0.position.offset, metadata: $0.metadata)
                }
            }
        }
    }

    /// Puts a recording into empty topics: every record at its partition and offset, and what the groups had committed.
    func restore(_ recording: Recording) throws {
        let producer = try KafkaProducer(settings: settings)
        for record in try recording.records() {
            try producer.send(
                topic: record.topic, partition: record.partition, key: record.key.map { Array($0.utf8) },
                value: record.value.map { Array($0.utf8) },
                headers: record.headers.map { KafkaHeader(name: $0.name, value: $0.value.map { Array($0.utf8) }) },
                timestampMilliseconds: record.milliseconds)
        }
        try #require(producer.close(timeout: patience) == .delivered)
        for (group, commits) in Dictionary(grouping: try recording.commits(), by: \.group) {
            let consumer = try KafkaConsumer(
                settings: settings, options: .init(group: group), delegate: NoPartitions())
            let offsets = commits.map { commit in
                let partition = TopicPartition(topic: commit.topic, partition: commit.partition)
                return OffsetAndMetadata(
                    PartitionOffset(partition, offset: commit.offset), metadata: commit.metadata)
            }
            try consumer.commit(offsets, timeout: patience)
        }
    }
}

/// Of a consumer that asks for commits and takes no part in its group.
final class NoPartitions: KafkaConsumerDelegate {
    func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] { [] }
    func revoked(_ partitions: [ReleasedPartition]) {}
    func lost(_ partitions: [ReleasedPartition]) {}
}

/// Commands with the settings of the recordings, for one member.
struct RecordedSettings {
    let environment: [String: String]
    let metricsPort: Int
    let folder: TemporaryFolder
    let path: String

    /// - Parameter isOld: for a release that knows no `alerts`; today's has to be told that the trace's day is not past.
    init(_ broker: Broker, pagerDuty: EventsServer, in folder: TemporaryFolder, isOld: Bool = false) throws {
        self.folder = folder
        let text = try String(contentsOfFile: Recording.settings, encoding: .utf8)
        path =
            isOld
            ? Recording.settings
            : try folder.write(
                text.replacing("[resources.yaml]", with: "[\"\(Recording.folder)/resources.yaml\"]")
                    + "  alerts: {maxAge: 36500d}\n", to: "recorded.yaml")
        metricsPort = try freePort()
        environment = [
            "UPGRADE_BROKER": broker.address, "UPGRADE_HEALTH_PORT": "\(try freePort())",
            "UPGRADE_METRICS_PORT": "\(metricsPort)", "UPGRADE_PAGERDUTY_PORT": "\(pagerDuty.port)",
        ]
    }

    /// What a command prints that reads the topics.
    func output(_ command: [String]) throws -> String {
        let result = try Tidewatch.run(
            command + ["--config", path], in: folder, environment: environment)
        try #require(result.status == 0, "\(command): \(result.error)")
        return result.output
    }

    func report() throws -> Data { Data(try output(["slo", "report", "--format", "json"]).utf8) }
    func alerts() throws -> String { try output(["alerts", "list", "--all", "--format", "json"]) }
}

/// `tidewatch run` with them, killed with this object.
final class RecordedMember {
    private let process: Process
    private let settings: RecordedSettings
    private let log: String

    init(_ name: String, _ settings: RecordedSettings) throws {
        self.settings = settings
        log = settings.folder.path("\(name).log")
        process = try Tidewatch.prepared(
            ["run", "--config", settings.path], environment: settings.environment)
        process.standardError = try settings.folder.file("\(name).log")
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The end of its log.
    var said: Substring { ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").suffix(4_000) }

    /// Until all is judged that can be after so many minutes of the trace.
    func awaitJudged(_ minutes: Int) throws -> Bool {
        let judged = OutageTrace.startSeconds + Int64(OutageTrace.judgedMinutes(of: minutes)) * 60
        return try awaitMetric("tidewatch_watermark_timestamp_seconds", port: settings.metricsPort) {
            $0 >= Double(judged)
        }
    }

    /// Until every transition of the feed was posted, some of them more than once after a kill.
    func awaitPosted(_ broker: Broker, _ pagerDuty: EventsServer) throws -> Bool {
        try awaits {
            let posted = pagerDuty.requests.map { Recording.Notification($0.event) }.counts
            let announced = try broker.records(Recording.alerts).map { record in
                let alert = try record.json()
                return Recording.Notification(
                    dedupKey: alert["dedup_key"].text ?? "",
                    action: alert["status"] == .text("open") ? "trigger" : "resolve")
            }
            return announced.counts.allSatisfy { posted[$0.key, default: 0] >= $0.value }
        }
    }

    /// Until it is so; false when the process has ended before, or after some minutes.
    func awaits(_ condition: () throws -> Bool) rethrows -> Bool {
        // Neither the report nor the feed says when it changes.
        try eventually(every: .milliseconds(200), while: { process.isRunning }, condition)
    }

    func kill9() {
        kill(process.processIdentifier, SIGKILL)
        process.awaitEnd()
    }

    /// Ends it as an orchestrator does.
    func stop() {
        process.terminate()
        process.awaitEnd()
        #expect(process.terminationStatus == 0, "\(said)")
    }
}

/// What was counted of each objective of a report: good, and good and bad together.
///
/// The report's `total` was the judged slices of `Timeslices` in the first release, and is all of the window since.
func recordedTotals(_ report: Data) throws -> [String: OutageTrace.Counts] {
    try JSON(parsing: report)["slos"].items.reduce(into: [:]) { totals, slo in
        let (good, bad) = (try #require(slo["good"].number), try #require(slo["bad"].number))
        totals[try #require(slo["name"].text)] = OutageTrace.Counts(good: Int64(good), total: Int64(good + bad))
    }
}

extension Recording.Notification {
    init(_ event: JSON) {
        self.init(dedupKey: event["dedup_key"].text ?? "", action: event["event_action"].text ?? "")
    }
}
