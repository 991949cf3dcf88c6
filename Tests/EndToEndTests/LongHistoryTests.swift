import Foundation
import Testing

/// A backlog in which records are far apart opens more slices in one flush than an hour of traffic does: all of them count.
/// Histories that only files have are `scripts/long-histories`.
@Suite(.serialized) struct LongHistoryTests {
    private static let days = 30
    private static let recordsOfMessage = 100
    private let folder: ScratchFolder
    /// So that the last day ends shortly before now: the partition, read to its end, follows the clock.
    private let start = (Int(Date().timeIntervalSince1970) / 86_400 - days) * 86_400

    init() throws { folder = try ScratchFolder() }

    /// A call a minute, every seventh of which fails.
    private func record(_ minute: Int) -> String {
        let time = Date(timeIntervalSince1970: TimeInterval(start + minute * 60)).formatted(.iso8601)
        return
            #"{"eventTime":"\#(time)","eventID":"call-\#(minute)","eventSource":"s3.amazonaws.com","eventName":"Get""#
            + (minute % 7 == 0 ? #","errorCode":"Denied"}"# : "}") + "\n"
    }

    private let resources = """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: calls}
        spec:
          service: platform
          timeWindow: [{duration: 60d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.8}]
          indicator: {metadata: {name: calls}, spec: {ratioMetric: {
            bad: {metricSource: {type: CloudTrail, spec: {filter: has(event.errorCode)}}},
            total: {metricSource: {type: CloudTrail, spec: {}}}}}}
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: by-source}
        spec: {source: CloudTrail, window: 1m, groupBy: [eventSource], measures: [{name: calls, count: true}]}

        """

    /// Gzip'd messages of a hundred records each.
    private func messages(of records: [String]) throws -> [Data] {
        var names: [String] = []
        for first in stride(from: 0, to: records.count, by: Self.recordsOfMessage) {
            let part = records[first..<min(first + Self.recordsOfMessage, records.count)]
            names.append(try folder.write(part.joined(), to: "messages/\(first)"))
        }
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gzip.arguments = ["gzip", "--recursive", folder.path("messages")]
        try gzip.run()
        gzip.waitUntilExit()
        try #require(gzip.terminationStatus == 0)
        return try names.map { try Data(contentsOf: URL(fileURLWithPath: $0 + ".gz")) }
    }

    @Test(.timeLimit(.minutes(10)), arguments: Broker.Kind.tried)
    func sparseBacklogCountsToTheUnitLiveAndInAReplay(on kind: Broker.Kind) throws {
        let minutes = Self.days * 24 * 60
        let records = (0..<minutes).map(record)
        let bad = (minutes + 6) / 7
        try folder.write(records.joined(), to: "in/calls.jsonl")
        try folder.write(resources, to: "resources.yaml")
        let replayed = try Tidewatch.run(
            [
                "replay", "--resources", folder.path("resources.yaml"), "--out", folder.path("replay"),
                folder.path("in"),
            ], in: folder)
        try #require(replayed.status == 0, "\(replayed.error)")
        let report = try folder.json("replay/report.json")["slos"][0]
        #expect(report["total"].number == Double(minutes))
        #expect(report["bad"].number == Double(bad))
        let rows = try folder.text("replay/rollups/by-source.csv").split(separator: "\n").dropFirst()
        #expect(rows.count == minutes)
        #expect(rows.allSatisfy { $0.hasSuffix(",s3.amazonaws.com,1") })

        let broker = try Broker(
            topics: ["cloudtrail:1", "tidewatch.alerts:1", "tidewatch.audit:1", "tidewatch.deadletter:1"]
                + ["tidewatch.windows:1", "tidewatch.registers:1", "tidewatch.checkpoints:1"], on: kind)
        try broker.send(try messages(of: records), to: "cloudtrail")
        let ports = try (0..<2).map { _ in try freePort() }
        let settings = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: long-history}
            spec:
              kafka:
                bootstrapServers: "\(broker.address)"
                options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20}
              inputs: [{topic: cloudtrail, format: cloudtrail}]
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              resources: ["\(folder.path("resources.yaml"))"]
            """, to: "settings.yaml")
        let consumer = try Tidewatch.prepared(["run", "--config", settings])
        let log = folder.path("run.log")
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        consumer.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try consumer.run()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        let isDone = try awaitMetric(#"tidewatch_slo_total{slo="calls"}"#, port: ports[1]) { $0 >= Double(minutes) }
        let said = try folder.text("run.log").suffix(3000)
        #expect(isDone, "\(said)")
        let status = try String(contentsOfFile: "/proc/\(consumer.processIdentifier)/status", encoding: .utf8)
        let peak = status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) }
        #expect(try #require(peak) < 200 << 10)
        consumer.terminate()
        consumer.waitUntilExit()
        #expect(consumer.terminationStatus == 0)
        let reported = try Tidewatch.run(["slo", "report", "--config", settings, "--format", "json"], in: folder)
        let live = try JSON(parsing: Data(reported.output.utf8))["slos"][0]
        for member in ["good", "bad", "total", "late_uncounted"] {
            #expect(live[member] == report[member], "\(member)")
        }
    }
}
