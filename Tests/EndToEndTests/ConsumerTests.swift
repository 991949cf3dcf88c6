import Foundation
import TestSupport
import Testing

/// `run` against a broker gives what `replay` gives over the same records.
@Suite(.serialized) struct ConsumerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let broken = ["{broken", "{\"eventVersion\":", #"{"eventVersion":"1.08"}"#]

    @Test(.timeLimit(.minutes(15)), arguments: Broker.Kind.tried)
    func runEqualsReplayAndNeitherARestartNorAnotherGroupCountsTwice(on kind: Broker.Kind) throws {
        let broker = try Broker(topics: Broker.allTopics, on: kind)
        let made = try Tidewatch.run(
            Tidewatch.generateEstate + [
                "--out", folder.path("estate"), "--bootstrap", broker.address, "--ledger", folder.path("ledger.json"),
            ], in: folder)
        try #require(made.status == 0, "\(made.error)")
        try broker.send(Self.broken, to: "cloudtrail")
        try folder.write(Self.broken.joined(separator: "\n") + "\n", to: "estate/damaged.jsonl")
        let replayed = try Tidewatch.run(
            ["replay", "--resources", Tidewatch.demoResources, "--out", folder.path("replay"), folder.path("estate")],
            in: folder)
        try #require(replayed.status == 0, "\(replayed.error)")
        let ports = try freePorts(2)
        // In version 1 slices are judged once, and alerts dated otherwise.
        let settings = try folder.writeSettings(
            broker: broker.address, ports: ports, outputs: "{createTopics: false, recordVersion: 2}")

        for attempt in ["first", "restarted", "renamed"] {
            let registers = try broker.records("tidewatch.registers").count
            if attempt == "renamed" {
                // Nothing is committed by this name.
                let text = try folder.text("settings.yaml").replacing("groupID: end-to-end", with: "groupID: another")
                try folder.write(text, to: "settings.yaml")
            }
            let consumer = try Tidewatch.prepared(["run", "--config", settings])
            let log = folder.path("\(attempt).log")
            _ = FileManager.default.createFile(atPath: log, contents: nil)
            consumer.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
            try consumer.run()
            defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
            let isDone = try awaitMetric("tidewatch_watermark_timestamp_seconds", port: ports[1]) {
                $0 >= 1_768_469_400
            }
            let said = try folder.text("\(attempt).log").suffix(3000)
            #expect(isDone, "\(attempt): \(said)")
            #expect(httpGet(port: ports[0], "/healthz") == "ok\n")
            // After a restart the evaluators know how far time is before the partitions are taken over.
            #expect(awaitReady(consumer, port: ports[0]))
            let began = ContinuousClock.now
            consumer.terminate()
            consumer.awaitEnd()
            #expect(consumer.terminationStatus == 0)
            #expect(began.duration(to: .now) < .seconds(10))

            let reported = try Tidewatch.run(
                ["slo", "report", "--config", settings, "--format", "json"], in: folder)
            #expect(reported.status == 0, "\(reported.error)")
            let report = totals(try JSON(parsing: Data(reported.output.utf8))["slos"])
            #expect(report == totals(try folder.json("replay/report.json")["slos"]), "\(attempt)")
            let transitions = try broker.records("tidewatch.alerts").map { try $0.json() }
            let replayedTransitions = try folder.jsonLines("replay/alerts.ndjson")
            #expect(alerts(transitions) == alerts(replayedTransitions), "\(attempt)")
            let audited = try broker.records("tidewatch.audit").map { try $0.json().dropping("position") }
            let replayedAudit = try folder.jsonLines("replay/audit.ndjson").map { $0.dropping("position") }
            // A replay without --now asks no clock, and these have no settings.
            let hour = Date.now.timeIntervalSince1970 * 1000 - 3_600_000
            #expect(audited.allSatisfy { $0["record"]["metadata"]["processed_time"].number.map { $0 > hour } ?? false })
            #expect(replayedAudit.allSatisfy { $0["record"]["metadata"]["processed_time"] == .null })
            let version = audited.first?["record"]["metadata"]["transformation_info_list"]
            #expect(version?[0]["product"]["version"].text?.isEmpty == false)
            #expect(
                audited.map(\.withoutProcessing).counts == replayedAudit.map(\.withoutProcessing).counts, "\(attempt)")
            try expectOrderOfEachSource(try broker.records("tidewatch.audit"))
            let refused = try broker.records("tidewatch.deadletter")
            #expect(refused.count == Self.broken.count)
            #expect(Set(refused.map { String(decoding: $0.value, as: UTF8.self) }) == Set(Self.broken))
            let replayedRefusals = try folder.jsonLines("replay/deadletter.ndjson")
            #expect(refused.count == replayedRefusals.count)
            if attempt == "renamed" {
                // The evaluators' checkpoints are near the logs' ends.
                let readBack = try folder.text("renamed.log").firstMatch(of: /read the registers back.*/)?.output ?? ""
                let entries = readBack.firstMatch(of: /entries\W+(\d+)/).flatMap { Int($0.1) }
                #expect(entries.map { $0 < registers / 4 } == true, "\(readBack), of \(registers)")
            }
        }
        if kind == .embedded { try dumpMessages(broker) }
    }

    /// Audit records are keyed by their source partition, identified by their position, and in its order.
    private func expectOrderOfEachSource(_ records: [Broker.Record]) throws {
        var places: [String: [[Int]]] = [:]
        for record in records {
            let position = try record.json()["position"]
            let offset = position["offset"].number.map { Int($0) } ?? -1
            let index = position["record"].number.map { Int($0) } ?? -1
            let partition = position["partition"].number.map { Int($0) } ?? -1
            let source = "\(position["topic"].text ?? "")/\(partition)"
            #expect(record.key == source)
            #expect(record.headers["ce_id"] == "\(source)/\(offset)#\(index)")
            places[source, default: []].append([offset, index])
        }
        #expect(places.count > 1)
        for (source, places) in places {
            #expect(places == places.sorted { $0.lexicographicallyPrecedes($1) }, "\(source)")
        }
    }

    /// What must be equal of each transition.
    private func alerts(_ records: [JSON]) -> [[JSON]: Int] {
        records.map { record in ["dedup_key", "status", "time", "summary"].map { record[$0] } }.counts
    }

    /// For checks of the published messages against their schemas.
    private func dumpMessages(_ broker: Broker) throws {
        guard let path = ProcessInfo.processInfo.environment["TIDEWATCH_MESSAGES_FILE"] else { return }
        var lines = Data()
        for topic in ["windows", "alerts", "audit", "deadletter"] {
            for record in try broker.records("tidewatch.\(topic)") {
                let text = String(decoding: record.value, as: UTF8.self)
                let value: Any =
                    topic == "deadletter" ? text : try JSONSerialization.jsonObject(with: record.value)
                let message: [String: Any] = [
                    "topic": record.topic, "key": record.key, "headers": record.headers, "value": value,
                ]
                lines += try JSONSerialization.data(withJSONObject: message, options: .sortedKeys) + [0x0A]
            }
        }
        try lines.write(to: URL(fileURLWithPath: path))
    }
}
