import Foundation
import TestSupport
import Testing

/// A member comes while another one counts, and the first is killed: nothing is lost, nothing counts twice.
@Suite(.serialized) struct MembersTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(.timeLimit(.minutes(8)), arguments: Broker.Kind.tried)
    func whatAKilledMemberHadIsCountedOnceByTheOther(on kind: Broker.Kind) throws {
        let broker = try Broker(topics: Broker.allTopics, on: kind)
        let first = try Member("first", of: broker, in: folder)
        let producer = try Tidewatch.prepared([
            "generate", "--seed", "7", "--start", Date(timeIntervalSinceNow: -7_200).ISO8601Format(), "--minutes", "30",
            "--cloudtrail-per-minute", "100", "--flow-logs-per-minute", "300", "--incident", "all",
            "--duplicates", "0.05", "--late", "0.05", "--rate", "300", "--bootstrap", broker.address,
            "--ledger", folder.path("ledger.json"),
        ])
        producer.standardError = try folder.file("generate.log")
        try producer.run()
        defer { if producer.isRunning { kill(producer.processIdentifier, SIGKILL) } }
        #expect(first.awaits { first.messages() > 300 }, "\(first.log)")
        let second = try Member("second", of: broker, in: folder)
        #expect(second.awaits { second.messages() > 300 }, "\(second.log)")
        kill(first.process.processIdentifier, SIGKILL)

        producer.awaitEnd()
        let said = try folder.text("generate.log").suffix(2_000)
        try #require(producer.terminationStatus == 0, "\(said)")
        let expected = totals(try folder.json("ledger.json")["slos"])
        var found: [String: [Double?]] = [:]
        let isExact = try second.awaits {
            let report = try Tidewatch.run(
                ["slo", "report", "--config", second.settings, "--format", "json"], in: folder)
            found = report.status == 0 ? totals(try JSON(parsing: Data(report.output.utf8))["slos"]) : [:]
            return found == expected
        }
        #expect(isExact, "found \(found), expected \(expected); \(second.log)")
        // Totals stand before the alerts that follow from them.
        #expect(try second.awaits { try !broker.records("tidewatch.alerts").isEmpty }, "\(second.log)")
        second.process.terminate()
        second.process.awaitEnd()
        #expect(second.process.terminationStatus == 0, "\(second.log)")
        let transitions = try broker.records("tidewatch.alerts").map { record in
            let alert = try record.json()
            return ["dedup_key", "status", "time"].map { alert[$0] }
        }
        #expect(transitions.counts.allSatisfy { $0.value == 1 }, "\(transitions.counts)")
    }
}

/// `tidewatch run` as a member of the group, killed with this object.
private final class Member {
    let process: Process
    let settings: String
    private let logFile: String
    private let metricsPort: Int

    init(_ name: String, of broker: Broker, in folder: TemporaryFolder) throws {
        let ports = try freePorts(2)
        metricsPort = ports[1]
        logFile = folder.path("\(name).log")
        settings = try folder.writeSettings(
            broker: broker.address, ports: ports, idleTimeout: "20s", to: "\(name).yaml")
        process = try Tidewatch.prepared(["run", "--config", settings])
        process.standardError = try folder.file("\(name).log")
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The end of its log.
    var log: Substring { ((try? String(contentsOfFile: logFile, encoding: .utf8)) ?? "").suffix(3_000) }

    /// Those that it has taken, of all topics.
    func messages() -> Double {
        let lines = (httpGet(port: metricsPort, "/metrics") ?? "").split(separator: "\n")
        return lines.filter { $0.hasPrefix("tidewatch_messages_consumed_total{") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    /// Until it is so; false when the process has ended before, or after some minutes.
    func awaits(_ condition: () throws -> Bool) rethrows -> Bool {
        // Neither the report nor the metrics say when they change.
        try eventually(every: .milliseconds(200), while: { process.isRunning }, condition)
    }
}
