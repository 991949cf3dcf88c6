import Foundation
import TestSupport
import Testing

/// A record of our own topics that can't be read stops who reads it, with a reason and a way out.
@Suite(.serialized) struct StateRecordEndToEndTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private struct Planted {
        let topic: String
        let key: String
        var partition: Int32 = 0
        var place = ""
    }

    @Test(.timeLimit(.minutes(10))) func aNewerRecordStopsItsReaderUntilItIsPassedOver() throws {
        let broker = try Broker(topics: Broker.allTopics)
        let made = try Tidewatch.run(Tidewatch.generateEstate + ["--bootstrap", broker.address], in: folder)
        try #require(made.status == 0, "\(made.error)")
        let ports = try freePorts(2)
        // In version 2 a consumer has its alerts from a state of their own, and does not read the feed.
        let settings = try folder.writeSettings(
            broker: broker.address, ports: ports, outputs: "{createTopics: false, recordVersion: 1}")
        try consume(settings, ports, [])
        let before = try report(settings, [])
        // Its budget is of events; where it is of time, a report without a single window has a total.
        let window = try #require(
            try broker.records("tidewatch.windows").last { $0.key.hasPrefix("ingress-accepted/") })
        let checkpoint = try #require(
            try broker.records("tidewatch.checkpoints").first { $0.key.hasPrefix("evaluator/") })
        let objective = try #require(try window.json()["name"].text)

        let planted = [
            Planted(topic: "tidewatch.registers", key: "cloudtrail/1"),
            Planted(
                topic: "tidewatch.checkpoints", key: checkpoint.key + "9", partition: checkpoint.partition),
            Planted(topic: "tidewatch.windows", key: window.key + "9", partition: window.partition),
            Planted(topic: "tidewatch.alerts", key: "a"),
        ]
        var skips: [String] = []
        for var record in planted {
            try broker.send(
                key: record.key, Data(#"{"kind":"later","version":9}"#.utf8), to: record.topic,
                partition: record.partition)
            let sent = try #require(
                try broker.records(record.topic).last { $0.key == record.key && $0.partition == record.partition })
            record.place = "\(record.topic)/\(record.partition)/\(sent.offset)"
            for words in readers(of: record.topic, settings) {
                let stopped = try Tidewatch.run(words + skips, in: folder)
                #expect(stopped.status == 1, "\(words) with \(record.place)")
                let said = "the record at offset \(sent.offset) of \(record.topic)[\(record.partition)] can't be used: "
                #expect(stopped.error.contains(said), "\(words): \(stopped.error.suffix(600))")
                #expect(stopped.error.contains("of version 9") && stopped.error.contains("--skip \(record.place)"))
            }
            skips += ["--skip", record.place]
        }
        // Somebody takes a record of a former epoch out of the compacted topic.
        try broker.send(
            key: "evaluator/0/0", Data?.none, to: "tidewatch.checkpoints", partition: checkpoint.partition)
        try consume(settings, ports, skips)
        let after = try report(settings, skips)
        #expect(after.map(\.total) == before.map(\.total))
        let gaps = try #require(after.first { $0.name == objective }).gaps
        #expect(gaps.contains { $0["topic"].text == "tidewatch.windows" }, "\(objective): \(gaps)")

        // All that is skipped is said, also where nothing else is left of an objective.
        let places = try broker.records("tidewatch.windows").filter {
            $0.key.hasPrefix("\(objective)/") && !$0.value.isEmpty
        }
        .flatMap { ["--skip", "\($0.topic)/\($0.partition)/\($0.offset)"] }
        let without = try #require(try report(settings, skips + places).first { $0.name == objective })
        #expect(without.total == .number(0) && without.gaps.count == places.count / 2, "\(without)")
        let strange = try Tidewatch.run(["slo", "report", "--config", settings, "--skip", "nosuch/0/0"], in: folder)
        #expect(
            strange.status == 2 && strange.error.contains("nosuch is no topic that is read back"), "\(strange.error)")
        let nowhere = "tidewatch.windows/0/999999"
        let slipped = try Tidewatch.run(["slo", "report", "--config", settings, "--skip", nowhere] + skips, in: folder)
        #expect(slipped.status == 0 && slipped.error.contains("--skip \(nowhere): no such record was read"))

        // The same checkpoint where the topic of windows has another number of partitions; at the beginning of the registers, which
        // hold nothing there.
        let next = try #require(try checkpoint.json()["next"].number)
        let moved = String(decoding: checkpoint.value, as: UTF8.self)
            .replacing(#""next":\#(Int64(next)),"#, with: #""next":0,"#)
        try #require(moved.contains(#""next":0,"#), "\(moved)")
        let other = try Broker(topics: Broker.allTopics.map { $0.replacing("windows:2", with: "windows:3") })
        try other.send(
            key: checkpoint.key, Data(moved.utf8), to: checkpoint.topic, partition: checkpoint.partition)
        let elsewhere = try folder.writeSettings(broker: other.address, ports: ports)
        let refused = try Tidewatch.run(["run", "--config", elsewhere], in: folder)
        #expect(refused.status == 1)
        #expect(refused.error.contains("the topic tidewatch.windows had 2 partitions and has 3"), "\(refused.error)")
    }

    /// Commands that come by a record of the topic.
    private func readers(of topic: String, _ settings: String) -> [[String]] {
        var commands = [["run", "--config", settings]]
        if topic.hasSuffix("windows") { commands.append(["slo", "report", "--config", settings]) }
        if topic.hasSuffix("alerts") {
            commands.append(["alerts", "list", "--config", settings])
            commands.append(["alerts", "tail", "--from-beginning", "--config", settings])
        }
        return commands
    }

    private func consume(_ settings: String, _ ports: [Int], _ skips: [String]) throws {
        let consumer = try Tidewatch.prepared(["run", "--config", settings] + skips)
        let log = folder.path("run.log")
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        consumer.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try consumer.run()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        let isDone = try awaitMetric("tidewatch_watermark_timestamp_seconds", port: ports[1]) { $0 >= 1_768_469_400 }
        let isReady = awaitReady(consumer, port: ports[0])
        let said = try folder.text("run.log").suffix(2000)
        #expect(isDone && isReady, "\(said)")
        consumer.terminate()
        consumer.awaitEnd()
        #expect(consumer.terminationStatus == 0)
    }

    private func report(_ settings: String, _ skips: [String]) throws -> [(name: String, total: JSON, gaps: [JSON])] {
        let reported = try Tidewatch.run(
            ["slo", "report", "--config", settings, "--format", "json"] + skips, in: folder)
        #expect(reported.status == 0, "\(reported.error)")
        return try JSON(parsing: Data(reported.output.utf8))["slos"].items.map { slo in
            (try #require(slo["name"].text), slo["total"], slo["gaps"].items)
        }
    }
}
