import Foundation
import TestSupport
import Testing

/// A backlog in which records are far apart opens more slices in one flush than an hour of traffic does: all of them count.
/// Histories that only files have are `scripts/long-histories`.
@Suite(.serialized) struct LongHistoryTests {
    private static let days = 30
    private static let recordsOfMessage = 100
    private let folder: TemporaryFolder
    /// So that the last day ends shortly before now: the partition, read to its end, follows the clock.
    private let start = (Int(Date().timeIntervalSince1970) / 86_400 - days) * 86_400

    init() throws { folder = try TemporaryFolder() }

    /// A call a minute, every seventh of which fails.
    private func record(_ minute: Int) -> String {
        let time = Date(timeIntervalSince1970: TimeInterval(start + minute * 60)).formatted(.iso8601)
        return
            #"{"eventTime":"\#(time)","eventID":"call-\#(minute)","eventSource":"s3.amazonaws.com","eventName":"Get""#
            + (minute % 7 == 0 ? #","errorCode":"Denied"}"# : "}") + "\n"
    }

    private static let sparseMinutes = 5

    /// A flow every five minutes, every fourth of which is rejected.
    private func flow(_ number: Int) -> String {
        let time = start + number * Self.sparseMinutes * 60
        return
            "2 111122223333 eni-1 10.0.0.\(number % 9) 10.0.1.1 443 999 6 2 \(number % 1000 + 40) \(time) \(time + 5) "
            + (number % 4 == 0 ? "REJECT" : "ACCEPT") + " OK\n"
    }

    /// Requests and errors every five minutes, neither of which is a whole number.
    private func metrics(_ number: Int) -> String {
        let time = (start + number * Self.sparseMinutes * 60) * 1000
        return [("Requests", 1.3), ("Errors", number % 3 == 0 ? 0.7 : 0)].map { name, sum in
            #"{"metric_stream_name":"s","account_id":"1","region":"r","namespace":"App","metric_name":"\#(name)","#
                + #""dimensions":{},"timestamp":\#(time),"value":{"max":1,"min":0,"sum":\#(sum),"count":3},"unit":"Count"}"#
                + "\n"
        }.joined()
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
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: hours}
        spec:
          service: platform
          timeWindow: [{duration: 60d, isRolling: true}]
          budgetingMethod: Timeslices
          objectives: [{target: 0.5, timeSliceTarget: 0.86, timeSliceWindow: 1h}]
          indicator: {metadata: {name: hours}, spec: {ratioMetric: {
            bad: {metricSource: {type: CloudTrail, spec: {filter: has(event.errorCode)}}},
            total: {metricSource: {type: CloudTrail, spec: {}}}}}}
        ---
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: flows}
        spec:
          service: network
          timeWindow: [{duration: 60d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.5}]
          indicator: {metadata: {name: flows}, spec: {ratioMetric: {
            good: {metricSource: {type: VPCFlow, spec: {filter: event.action == "ACCEPT"}}},
            total: {metricSource: {type: VPCFlow, spec: {}}}}}}
        ---
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: requests}
        spec:
          service: app
          timeWindow: [{duration: 60d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.5}]
          indicator: {metadata: {name: requests}, spec: {ratioMetric: {
            bad: {metricSource: {type: Metric, spec: {namespace: App, metricName: Errors, statistic: Sum}}},
            total: {metricSource: {type: Metric, spec: {namespace: App, metricName: Requests, statistic: Sum}}}}}}
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: by-action}
        spec:
          source: VPCFlow
          window: 1h
          groupBy: [action]
          measures: [{name: flows, count: true}, {name: bytes, sum: bytes}]
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: by-source}
        spec: {source: CloudTrail, window: 1m, groupBy: [eventSource], measures: [{name: calls, count: true}]}

        """

    /// Gzip'd messages of a hundred records each.
    private func messages(of records: [String], header: String = "", _ kind: String) throws -> [Data] {
        var names: [String] = []
        for first in stride(from: 0, to: records.count, by: Self.recordsOfMessage) {
            let part = records[first..<min(first + Self.recordsOfMessage, records.count)]
            names.append(try folder.write(header + part.joined(), to: "messages/\(kind)/\(first)"))
        }
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gzip.arguments = ["gzip", "--recursive", folder.path("messages/\(kind)")]
        try gzip.run()
        gzip.awaitEnd()
        try #require(gzip.terminationStatus == 0)
        return try names.map { try Data(contentsOf: URL(fileURLWithPath: $0 + ".gz")) }
    }

    @Test(.timeLimit(.minutes(10)), arguments: Broker.Kind.tried)
    func sparseBacklogCountsToTheUnitLiveAndInAReplay(on kind: Broker.Kind) throws {
        let minutes = Self.days * 24 * 60
        let records = (0..<minutes).map(record)
        let bad = (minutes + 6) / 7
        let flows = (0..<minutes / Self.sparseMinutes).map(flow)
        let points = (0..<minutes / Self.sparseMinutes).map(metrics)
        let header =
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"
        try folder.write(records.joined(), to: "in/calls.jsonl")
        try folder.write(header + flows.joined(), to: "in/flows.log")
        try folder.write(points.joined(), to: "in/points.jsonl")
        try folder.write(resources, to: "resources.yaml")
        let replayed = try Tidewatch.run(
            [
                "replay", "--resources", folder.path("resources.yaml"), "--out", folder.path("replay"),
                folder.path("in"),
            ], in: folder)
        try #require(replayed.status == 0, "\(replayed.error)")
        let report = try entries(folder.json("replay/report.json"))
        #expect(report["calls"]?["total"].number == Double(minutes))
        #expect(report["calls"]?["bad"].number == Double(bad))
        let hours = stride(from: 0, to: minutes, by: 60).map { hour in (hour..<hour + 60).count { $0 % 7 == 0 } }
        #expect(report["hours"]?["bad"].number == Double(hours.count { $0 > 8 }))
        #expect(report["flows"]?["total"].number == Double(flows.count))
        #expect(report["flows"]?["bad"].number == Double((flows.count + 3) / 4))
        let rows = try folder.text("replay/rollups/by-source.csv").split(separator: "\n").dropFirst()
        #expect(rows.count == minutes)
        #expect(rows.allSatisfy { $0.hasSuffix(",s3.amazonaws.com,1") })

        let broker = try Broker(
            topics: [
                "cloudtrail:1", "vpc-flow:1", "metrics:1", "tidewatch.alerts:1", "tidewatch.audit:1",
                "tidewatch.deadletter:1",
            ]
                + ["tidewatch.windows:1", "tidewatch.registers:1", "tidewatch.checkpoints:1"], on: kind)
        try broker.send(try messages(of: records, "calls"), to: "cloudtrail")
        try broker.send(try messages(of: flows, header: header, "flows"), to: "vpc-flow")
        try broker.send(try messages(of: points, "points"), to: "metrics")
        let ports = try freePorts(2)
        let settings = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: long-history}
            spec:
              kafka:
                bootstrapServers: "\(broker.address)"
                options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20}
              inputs:
                - {topic: cloudtrail, format: cloudtrail}
                - {topic: vpc-flow, format: vpc-flow}
                - {topic: metrics, format: metric-stream-json}
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              resources: ["\(folder.path("resources.yaml"))"]
            """, to: "settings.yaml")
        let consumer = try Tidewatch.prepared(["run", "--config", settings])
        let log = folder.path("run.log")
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        consumer.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try consumer.run()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        var isDone = true
        for (slo, entry) in report where isDone {
            isDone = try awaitMetric(#"tidewatch_slo_total{slo="\#(slo)"}"#, port: ports[1]) {
                $0 >= entry["total"].number ?? .infinity
            }
        }
        let said = try folder.text("run.log").suffix(3000)
        #expect(isDone, "\(said)")
        let status = try String(contentsOfFile: "/proc/\(consumer.processIdentifier)/status", encoding: .utf8)
        let peak = status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) }
        #expect(try #require(peak) < 200 << 10)
        consumer.terminate()
        consumer.awaitEnd()
        #expect(consumer.terminationStatus == 0)
        let reported = try Tidewatch.run(["slo", "report", "--config", settings, "--format", "json"], in: folder)
        let live = try entries(JSON(parsing: Data(reported.output.utf8)))
        #expect(live.keys == report.keys)
        for (slo, entry) in report {
            for member in ["good", "bad", "total", "unknown_slices", "late_uncounted"] {
                #expect(live[slo]?[member] == entry[member], "\(slo): \(member)")
            }
        }
        for rollup in ["by-source", "by-action"] {
            let rows = try folder.text("replay/rollups/\(rollup).csv").split(separator: "\n").dropFirst().map(
                String.init)
            #expect(try liveRows(of: rollup, broker) == rows.sorted(), "\(rollup)")
        }
    }

    private func entries(_ report: JSON) -> [String: JSON] {
        Dictionary(uniqueKeysWithValues: report["slos"].items.map { ($0["name"].text ?? "", $0) })
    }

    /// A rollup's rows as the updates of one consumer, which never repeats any, add up to them: `window,group,measure,…`.
    private func liveRows(of rollup: String, _ broker: Broker) throws -> [String] {
        var sums: [String: [Double]] = [:]
        for record in try broker.records("tidewatch.registers") {
            for entry in try record.json()["rollups"].items where entry["name"].text == rollup {
                for cell in entry["cells"].items {
                    let window = try Date(try #require(cell["window"].text), strategy: .iso8601)
                    let row = "\(Int(window.timeIntervalSince1970)),\(cell["group"][0].text ?? "")"
                    let amounts = cell["measures"].items.map { $0.number ?? $0["sum"].number ?? .nan }
                    sums[row] = zip(sums[row] ?? amounts.map { _ in 0 }, amounts).map { $0 + $1 }
                }
            }
        }
        return sums.map { row, amounts in row + amounts.map { ",\(Int($0))" }.joined() }.sorted()
    }
}
