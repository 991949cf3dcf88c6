import Foundation
import KafkaClient
import TestSupport
import Testing

/// A history that lies in the topics before anybody reads it is judged the same however it is read: as files, by one worker, by four, and
/// by a process that is killed in the middle and its successor.
///
/// `TIDEWATCH_HISTORIES` says how many are tried.
@Suite(.serialized) struct HistoryTests {
    private static let seeds: [UInt64] = {
        let count = ProcessInfo.processInfo.environment["TIDEWATCH_HISTORIES"].flatMap { UInt64($0) } ?? 2
        return Array(1...max(1, count))
    }()

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(.timeLimit(.minutes(60)), arguments: seeds)
    func allReadersJudgeTheSame(seed: UInt64) throws {
        let history = History(seed: seed)
        try folder.write(History.resources, to: "resources.yaml")
        for file in history.partitions {
            try folder.write(file.messages.map { $0 + "\n" }.joined(), to: "history/\(file.topic)-\(file.number).jsonl")
        }
        let replayed = try Tidewatch.run(
            [
                "replay", "--resources", folder.path("resources.yaml"), "--now", "2026-03-02T13:00:00Z", "--out",
                folder.path("replay"), folder.path("history"),
            ], in: folder)
        try #require(replayed.status == 0, "\(replayed.error)")
        let expected = transitions(try folder.jsonLines("replay/alerts.ndjson"), until: history.judgedThrough)
        // A history without alerts would prove nothing.
        try #require(expected.count > 3, "\(expected)")
        for course in Course.allCases {
            let found = try transitions(read(history, course), until: history.judgedThrough)
            let missing = expected.subtracting(found).map(\.description).sorted()
            let added = found.subtracting(expected).map(\.description).sorted()
            #expect(missing.isEmpty && added.isEmpty, "seed \(seed), \(course): lacks \(missing), has \(added)")
        }
    }

    private enum Course: CaseIterable { case oneWorker, fourWorkers, killed }

    /// The alerts of a consumer that has judged all that the topics let it.
    private func read(_ history: History, _ course: Course) throws -> [JSON] {
        let broker = try Broker(topics: History.topics)
        try history.send(to: broker)
        let ports = try freePorts(2)
        let settings = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: history}
            spec:
              kafka:
                bootstrapServers: "\(broker.address)"
                groupID: history
                options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20}
              inputs: [{topic: calls, format: cloudtrail}, {topic: metrics, format: metric-stream-json}]
              outputs: {createTopics: false, recordVersion: 2}
              # Event time goes on with the records alone.
              aggregation: {idleTimeout: 2h}
              workers: {count: \(course == .fourWorkers ? 4 : 1)}
              flushInterval: \(course == .killed ? "100ms" : "500ms")
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              resources: ["\(folder.path("resources.yaml"))"]
            """, to: "\(course).yaml")
        func start() throws -> Process {
            let consumer = try Tidewatch.prepared(["run", "--config", settings])
            consumer.standardError = try folder.file("\(course).log")
            try consumer.run()
            return consumer
        }
        if course == .killed {
            let first = try start()
            let hasBegun = try eventually(within: patience, every: .milliseconds(5)) {
                try !broker.records("tidewatch.registers").isEmpty
            }
            kill(first.processIdentifier, SIGKILL)
            first.awaitEnd()
            let said = try folder.text("\(course).log").suffix(3000)
            try #require(hasBegun, "\(said)")
        }
        let consumer = try start()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        let isJudged = try awaitMetric("tidewatch_watermark_timestamp_seconds", port: ports[1]) {
            $0 >= history.judgedThrough
        }
        let said = try folder.text("\(course).log").suffix(3000)
        try #require(isJudged, "\(said)")
        consumer.terminate()
        consumer.awaitEnd()
        return try broker.records("tidewatch.alerts").filter { !$0.value.isEmpty }.map { try $0.json() }
    }

    private struct Transition: Hashable, CustomStringConvertible {
        let members: [JSON]
        var description: String { members.map { "\($0)" }.joined(separator: " ") }
    }

    private func transitions(_ records: [JSON], until end: Double) -> Set<Transition> {
        let formatter = ISO8601DateFormatter()
        return Set(
            records.filter { record in
                let time = record["time"].text.flatMap { formatter.date(from: $0)?.timeIntervalSince1970 }
                return time.map { $0 <= end } ?? true
            }.map { record in
                Transition(members: ["dedup_key", "status", "time", "summary", "details"].map { record[$0] })
            })
    }
}
