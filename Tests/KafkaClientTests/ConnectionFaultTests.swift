import TestSupport
import Testing

@testable import KafkaClient

@Suite struct ConnectionFaultTests {
    /// Lines of librdkafka 2.0.2: what it says, and what is kept of it.
    static let lines: [(message: String, broker: String, kind: ConnectionFault.Kind, text: String)] = [
        (
            "[thrd:localhost:9/bootstrap]: localhost:9/bootstrap: Connect to ipv4#127.0.0.1:9 failed: Connection refused "
                + "(after 0ms in state CONNECT, 5 identical error(s) suppressed)",
            "localhost:9", .refused, "Connect to ipv4#127.0.0.1:9 failed: Connection refused"
        ),
        (
            "[thrd:nowhere.invalid:9092/bootstrap]: nowhere.invalid:9092/bootstrap: Failed to resolve "
                + "'nowhere.invalid:9092': Name or service not known (after 12ms in state CONNECT)",
            "nowhere.invalid:9092", .resolution,
            "Failed to resolve 'nowhere.invalid:9092': Name or service not known"
        ),
        (
            "[thrd:sasl_ssl://b-1.example:9096/bootstrap]: sasl_ssl://b-1.example:9096/2: SASL authentication error: "
                + "Authentication failed (after 305ms in state AUTH_REQ)",
            "b-1.example:9096", .authentication, "SASL authentication error: Authentication failed"
        ),
        (
            "[thrd:sasl_plaintext://h:1/bootstrap]: sasl_plaintext://h:1/bootstrap: SASL PLAIN mechanism handshake failed: "
                + "Broker: Unsupported SASL mechanism: broker's supported mechanisms: SCRAM-SHA-512 (after 1ms in state "
                + "AUTH_HANDSHAKE)",
            "h:1", .authentication,
            "SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: "
                + "SCRAM-SHA-512"
        ),
        (
            "[thrd:ssl://h:1/bootstrap]: ssl://h:1/bootstrap: SSL handshake failed: error:0A000086:SSL routines::"
                + "certificate verify failed: broker certificate could not be verified (install ca-certificates package) "
                + "(after 5ms in state SSL_HANDSHAKE)",
            "h:1", .certificate,
            "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not "
                + "be verified (install ca-certificates package)"
        ),
        (
            "[thrd:h:1/bootstrap]: h:1/bootstrap: Disconnected while requesting ApiVersion: might be caused by incorrect "
                + "security.protocol configuration (connecting to a SSL listener?) (after 1ms in state APIVERSION_QUERY)",
            "h:1", .other,
            "Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol configuration "
                + "(connecting to a SSL listener?)"
        ),
        (
            "[thrd:[::1]:9092/1]: [::1]:9092/1: Disconnected (after 600001ms in state UP)", "[::1]:9092", .closed,
            "Disconnected"
        ),
        (
            "[thrd:GroupCoordinator]: GroupCoordinator: h:2: Disconnected (after 3ms in state UP)", "h:2", .closed,
            "Disconnected"
        ),
        (
            "[thrd:GroupCoordinator]: GroupCoordinator: Connect to ipv4#127.0.0.1:2 failed: Connection refused (after 0ms "
                + "in state CONNECT)",
            "GroupCoordinator", .refused, "Connect to ipv4#127.0.0.1:2 failed: Connection refused"
        ),
    ]

    @Test(arguments: lines)
    func brokerAndCauseAreReadFromTheLog(
        _ line: (message: String, broker: String, kind: ConnectionFault.Kind, text: String)
    ) throws {
        let fault = try #require(ConnectionFault(KafkaLogLine(level: 3, facility: "FAIL", message: line.message)))
        #expect(fault.broker == line.broker)
        #expect(fault.kind == line.kind)
        #expect(fault.text == line.text)
        #expect(fault.isDefinite == [.authentication, .certificate, .encryption].contains(line.kind))
    }

    @Test(arguments: ["", "x", ": ", "[thrd:", "[thrd:a]: ", "no colon"])
    func otherTextsAreNoFault(text: String) {
        #expect(ConnectionFault(KafkaLogLine(level: 3, facility: "REQTMOUT", message: text)) == nil)
        // Whatever it says, nothing traps.
        _ = ConnectionFault(KafkaLogLine(level: 3, facility: "FAIL", message: text))
    }

    @Test func brokersOfOneCauseAreNamedTogether() throws {
        func fault(_ broker: String, _ text: String) throws -> ConnectionFault {
            try #require(
                ConnectionFault(KafkaLogLine(level: 3, facility: "FAIL", message: "\(broker)/1: \(text) (after 1ms)")))
        }
        let now = ContinuousClock.now
        var faults = ConnectionFaults()
        faults.note(try fault("a:1", "Connection refused"), at: now)
        faults.note(try fault("b:1", "Connection refused"), at: now)
        faults.note(try fault("c:1", "SASL authentication error: no"), at: now)
        // That the connection of a refused user ends says less than why it was refused.
        faults.note(try fault("c:1", "Disconnected"), at: now)
        #expect(
            ConnectionFaults.text(of: faults.recent(at: now))
                == "a:1, b:1: Connection refused; c:1: SASL authentication error: no")
        #expect(faults.recent(at: now + .seconds(ConnectionFaults.secondsKept)).isEmpty)
        for index in 0..<100 { faults.note(try fault("d:\(index)", "cause \(index)"), at: now) }
        #expect(faults.recent(at: now).count == ConnectionFaults.brokersMax)
        #expect(ConnectionFaults.text(of: faults.recent(at: now)).hasSuffix("; and 61 more"))
    }

    @Test func nobodyListeningIsSaidWithTheAddress() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 1])
            let settings = broker.settings
            try broker.takeDown()
            let admin = try KafkaAdmin(settings: settings)
            let error = #expect(throws: KafkaError.self) { try admin.describe(timeout: .seconds(2)) }
            #expect(
                error?.message.contains("no broker answers; \(settings.bootstrapServers[0]): ") == true, "\(error!)")
        }
    }
}
