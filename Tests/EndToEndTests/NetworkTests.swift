import Foundation
import KafkaClient
import TestSupport
import Testing

/// What comes over the network and is no telemetry: peers that say nothing, a flood, a broker that hangs, old TLS.
@Suite(.serialized) struct NetworkTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    // MARK: Each alone: a stop in 10 s, health in 1 s, under 300 MB, other partitions counted within 5 s

    @Test(.timeLimit(.minutes(5))) func aMegabyteOfLinesThatAreNoRecordsHoldsUpNobody() throws {
        let consumer = try WatchedConsumer(folder)
        try #require(consumer.isReady(), "\(consumer.log)")
        try consumer.expectCounted()
        var settings = consumer.broker.settings
        settings.options["message.max.bytes"] = "2000000"
        let producer = try KafkaProducer(settings: settings)
        let lines = Array(String(repeating: "x\n", count: 500_000).utf8)
        try producer.send(topic: "events", partition: 0, key: nil, value: lines)
        #expect(producer.close(timeout: patience) == .delivered)
        for _ in 0..<3 {
            try consumer.expectHealthy()
            try consumer.expectCounted()
        }
        #expect(try consumer.broker.records("tidewatch.deadletter").count <= 101)
        try consumer.expectStop()
    }

    @Test(.timeLimit(.minutes(5))) func tenThousandHalfOpenConnectionsHoldUpNobody() throws {
        let consumer = try WatchedConsumer(folder)
        try #require(consumer.isReady(), "\(consumer.log)")
        // Of this process, which has two files for the ends of each test's own connections.
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, 20_000)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let count = min(10_000, Int(limit.rlim_cur) - 500)
        var clients: [LocalSocket] = []
        defer { for client in clients { client.close() } }
        for number in 0..<count {
            let port = number % 2 == 0 ? consumer.healthPort : consumer.metricsPort
            let client = try #require(LocalSocket.connected(to: port), "connection \(number)")
            client.send(Array("GET /healthz HT".utf8))
            clients.append(client)
            if number % 2_500 == 2_499 { try consumer.expectHealthy() }
        }
        print("\(count) half-open connections")
        try consumer.expectHealthy()
        try consumer.expectCounted()
        let metrics = httpGet(port: consumer.metricsPort, "/metrics") ?? ""
        let open = metrics.matches(of: /tidewatch_http_connections{server="\w+"} (\d+)/).compactMap { Int($0.1) }
        #expect(open.count == 2 && open.allSatisfy { $0 <= 64 }, "\(open)")
        try consumer.expectStop()
    }

    @Test(.timeLimit(.minutes(5))) func sixtyFourOpenFilesAreEnoughForOneBroker() throws {
        let consumer = try WatchedConsumer(folder, filesMax: 64)
        try #require(consumer.isReady(), "\(consumer.log)")
        // Whether the files run out at a moment depends on how soon what is closed is closed.
        for _ in 0..<20 {
            let clients = try (0..<40).map { number in
                try #require(
                    LocalSocket.connected(to: number % 2 == 0 ? consumer.healthPort : consumer.metricsPort))
            }
            defer { for client in clients { client.close() } }
            try consumer.expectHealthy()
        }
        try consumer.expectCounted()
        try consumer.expectStop()
    }

    // MARK: Brokers that hang

    @Test(.timeLimit(.minutes(5))) func aBrokerThatHangsIsNamedWithinAQuarterOfAMinute() throws {
        let consumer = try WatchedConsumer(folder)
        try #require(consumer.isReady(), "\(consumer.log)")
        consumer.broker.halt()
        let expected = "degraded: \(consumer.broker.address): no answer for "
        #expect(eventually(within: .seconds(15)) { consumer.readiness.hasPrefix(expected) }, "\(consumer.readiness)")
        consumer.broker.resume()
        #expect(consumer.isReady(), "\(consumer.readiness) \(consumer.log)")
        try consumer.expectStop()
    }

    @Test(.timeLimit(.minutes(5))) func aStartNamesTheBrokerThatAcceptsAndNeverAnswers() throws {
        let (listener, port) = try LocalSocket.listening()
        defer { listener.close() }
        let health = try freePort()
        let path = try folder.writeSettings(broker: "127.0.0.1:\(port)", ports: [health, try freePort()])
        let process = try Tidewatch.prepared(["run", "--config", path])
        process.standardError = try folder.file("run.log")
        try process.run()
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        var said = ""
        let isNamed = eventually(within: .seconds(15), while: { process.isRunning }) {
            said = httpGet(port: health, "/readyz") ?? said
            return said.contains("127.0.0.1:\(port): ")
        }
        #expect(isNamed && said.hasPrefix("starting: waiting for the first assignment; "), "\(said)")
    }

    // MARK: TLS and passwords towards brokers

    /// A server that speaks one version alone, and whether a handshake with it comes to its end.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            ("-tls1", "1.2", false), ("-tls1_1", "1.2", false), ("-tls1_2", "1.2", true), ("-tls1_3", "1.2", true),
            ("-tls1_2", "1.3", false), ("-tls1_3", "1.3", true),
        ])
    func brokersOfAnOlderVersionOfTLSAreNotSpokenTo(version: String, least: String, isSpoken: Bool) throws {
        let certificates = try Certificates(in: folder)
        let server = try TLSServer(certificates, in: folder, [version, "-cipher", "ALL:@SECLEVEL=0"])
        let path = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: x}
            spec:
              kafka:
                bootstrapServers: "localhost:\(server.port)"
                security: {protocol: ssl, caFile: "\(certificates.authority)"}
              inputs: [{topic: cloudtrail}]
              tls: {minimumVersion: \(least)}
            """, to: "settings.yaml")
        let process = try Tidewatch.prepared(["alerts", "list", "--config", path])
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.awaitEnd()
        }
        #expect(eventually(while: { process.isRunning }) { server.said.contains(isSpoken ? "CIPHER is " : "error:") })
        #expect(server.said.contains("CIPHER is ") == isSpoken, "\(server.said)")
    }

    @Test(
        .timeLimit(.minutes(5)),
        .enabled(if: Broker.Kind.tried.contains(.second), "the embedded broker asks for no password"))
    func aPasswordThatIsReplacedInItsFileSignsInWithoutARestart() throws {
        let port = try freePort()
        func broker(_ password: String) throws -> Broker {
            try Broker(
                topics: WatchedConsumer.topics, on: .second,
                options: ["--user", "alice:\(password)", "--port", "\(port)"])
        }
        var present: Broker? = try broker("first")
        try folder.write("first\n", to: "password")
        let consumer = try WatchedConsumer(
            folder, on: present,
            kafka: ", options: {reconnect.backoff.max.ms: 500}, security: {protocol: sasl_plaintext, mechanism: PLAIN, "
                + "username: alice, passwordFile: password}")
        try #require(consumer.isReady(), "\(consumer.log)")
        present?.end()
        present = try broker("second")
        #expect(
            eventually(while: { consumer.isRunning }) { consumer.log.contains("SASL authentication error") },
            "\(consumer.log)")
        try folder.write("second\n", to: "password")
        #expect(
            eventually(while: { consumer.isRunning }) { consumer.log.contains("a broker answers again") },
            "\(consumer.log)")
        #expect(consumer.log.contains("a changed file was read again"))
        _ = present
    }
}
