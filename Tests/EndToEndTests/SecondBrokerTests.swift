import Foundation
import TestSupport
import Testing

/// Over a broker that shares no code with librdkafka's own: topics that the consumer makes, TLS and SASL. What else runs on
/// both brokers is in the suites of `Broker.Kind.tried`.
@Suite(
    .serialized,
    .enabled(
        if: Broker.Kind.tried.contains(.second), "without scripts/install-test-tools there is no second broker"))
struct SecondBrokerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let inputs = ["cloudtrail:4", "vpc-flow:4", "metrics:4"]
    static let user = ["--user", "alice:its-password"]

    /// How clients reach the broker: `kafka.security`, and the broker's options for it.
    enum Access: String, CaseIterable, Sendable { case plain, encryptedAndSignedIn }

    @Test(.timeLimit(.minutes(10)), arguments: Access.allCases)
    func runMakesItsTopicsAndCountsWhatReplayCounts(_ access: Access) throws {
        let made = try Tidewatch.run(Tidewatch.generateEstate + ["--out", folder.path("estate")], in: folder)
        try #require(made.status == 0, "\(made.error)")
        let replayed = try Tidewatch.run(
            ["replay", "--resources", Tidewatch.demoResources, "--out", folder.path("replay"), folder.path("estate")],
            in: folder)
        try #require(replayed.status == 0, "\(replayed.error)")
        let certificates = try Certificates(in: folder)
        let isSecure = access == .encryptedAndSignedIn
        let broker = try Broker(
            topics: Self.inputs, on: .second, options: isSecure ? Self.user + certificates.brokerOptions : [])
        let security = """
            security: {protocol: sasl_ssl, mechanism: SCRAM-SHA-512, username: alice, password: its-password, \
            caFile: "\(certificates.authority)"}
            """
        let ports = try freePorts(2)
        let settings = try folder.writeSettings(
            broker: broker.address, ports: ports,
            outputs: "{createTopics: true, partitions: 3, replicationFactor: 1}")
        if isSecure {
            let text = try folder.text("settings.yaml").replacing("groupID:", with: security + "\n    groupID:")
            try folder.write(text, to: "settings.yaml")
        }
        try send(to: broker, certificates: isSecure ? certificates : nil)

        let expected = totals(try folder.json("replay/report.json")["slos"])
        for attempt in ["first", "restarted"] {
            let consumer = try Tidewatch.prepared(["run", "--config", settings])
            consumer.standardError = try folder.file("\(attempt).log")
            try consumer.run()
            defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
            let isDone = try awaitMetric("tidewatch_watermark_timestamp_seconds", port: ports[1]) {
                $0 >= 1_768_469_400
            }
            let isReady = awaitReady(consumer, port: ports[0])
            consumer.terminate()
            consumer.awaitEnd()
            let log = try folder.text("\(attempt).log")
            #expect(isDone && isReady, "\(log.suffix(3000))")
            #expect(consumer.terminationStatus == 0)
            #expect(log.contains("created topics") == (attempt == "first"), "\(log.suffix(3000))")
            #expect(!log.contains(#""level":"error""#), "\(log.suffix(3000))")
            let reported = try Tidewatch.run(
                ["slo", "report", "--config", settings, "--format", "json"], in: folder)
            #expect(reported.status == 0, "\(reported.error)")
            #expect(totals(try JSON(parsing: Data(reported.output.utf8))["slos"]) == expected, "\(attempt)")
        }
        let listed = try Tidewatch.run(
            ["alerts", "list", "--config", settings, "--all", "--format", "json"], in: folder)
        #expect(listed.status == 0, "\(listed.error)")
        let keys = Set(try JSON.lines(listed.output).map { $0["dedup_key"] })
        #expect(keys == Set(try folder.jsonLines("replay/alerts.ndjson").map { $0["dedup_key"] }))
    }

    /// `generate` speaks to brokers without TLS alone, so what it made goes by the tests' own client where there is some.
    private func send(to broker: Broker, certificates: Certificates?) throws {
        guard let certificates else {
            let sent = try Tidewatch.run(
                Tidewatch.generateEstate + ["--bootstrap", broker.address], in: folder)
            try #require(sent.status == 0, "\(sent.error)")
            return
        }
        try broker.sendLines(
            of: [
                "cloudtrail": folder.text("estate/cloudtrail.jsonl"), "vpc-flow": folder.text("estate/vpc-flow.log"),
                "metrics": folder.text("estate/metrics.jsonl"),
            ],
            settings: broker.settings.security(
                .saslSCRAM(
                    .sha256, user: "alice", password: "its-password", tls: .init(authority: certificates.authority))))
    }
}
