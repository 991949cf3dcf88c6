import Foundation
import TestSupport
import Testing

/// What is said where a broker is not reached: which one, and why, by every command that makes a Kafka client.
@Suite(
    .serialized,
    .enabled(
        if: Broker.Kind.tried.contains(.second), "without scripts/install-test-tools there is no second broker"))
struct UnreachedBrokerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A setting that is wrong, and what must be said of it.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Of `kafka.security`; `CA` and `OTHER` stand for the files of the broker's authority and of another.
        var security: String
        var host = "localhost"
        var listener = Listener.closed
        var says: String
    }

    /// What the mistake meets.
    enum Listener: Sendable {
        /// TLS and SASL.
        case closed
        /// Neither.
        case open
        case none
    }

    private static let trusting = #", caFile: "CA""#

    static let definite: [Mistake] = [
        Mistake(
            testDescription: "another authority",
            security:
                #"protocol: sasl_ssl, mechanism: PLAIN, username: alice, password: its-password, caFile: "OTHER""#,
            says: "certificate verify failed"),
        Mistake(
            testDescription: "another name than the certificate's",
            security: "protocol: sasl_ssl, mechanism: PLAIN, username: alice, password: its-password" + trusting,
            host: "127.0.0.1", says: "certificate verify failed"),
        Mistake(
            testDescription: "wrong user",
            security: "protocol: sasl_ssl, mechanism: SCRAM-SHA-512, username: bob, password: its-password" + trusting,
            says: "SASL authentication error: Authentication failed"),
        Mistake(
            testDescription: "wrong password",
            security: "protocol: sasl_ssl, mechanism: SCRAM-SHA-512, username: alice, password: wrong-one" + trusting,
            says: "SASL authentication error: Authentication failed"),
        Mistake(
            testDescription: "wrong mechanism",
            security: "protocol: sasl_ssl, mechanism: SCRAM-SHA-256, username: alice, password: its-password"
                + trusting,
            says: "broker's supported mechanisms: PLAIN,SCRAM-SHA-512"),
    ]

    /// Each command that makes a Kafka client from settings, by its arguments before `--config`.
    static let commands = [["run"], ["slo", "report"], ["alerts", "list"], ["alerts", "tail"]]

    @Test(.timeLimit(.minutes(5)), arguments: definite)
    func whatWaitingCannotMendIsSaidSoonByEveryCommand(_ mistake: Mistake) throws {
        let certificates = try Certificates(in: folder)
        let broker = try Broker(
            topics: ["cloudtrail:1"], on: .second,
            options: SecondBrokerTests.user + certificates.brokerOptions
                + ["--mechanism", "PLAIN", "--mechanism", "SCRAM-SHA-512"])
        let address = broker.address.replacing("localhost", with: mistake.host)
        for command in Self.commands {
            for createsTopics in command == ["run"] ? [true, false] : [false] {
                let began = ContinuousClock.now
                let path = try settings(for: mistake, address, certificates, createsTopics: createsTopics)
                let result = try Tidewatch.run(command + ["--config", path], in: folder)
                let said = "\(command), createTopics \(createsTopics): \(result.error)"
                #expect(result.status == 1, "\(said)")
                // An idle machine needs a quarter of a second; nobody waits the 15 s out.
                #expect(began.duration(to: .now) < .seconds(12), "\(said)")
                expectOneReason(result, address, mistake.says, said)
                #expect(!result.error.contains("its-password") && !result.error.contains("wrong-one"), "\(said)")
            }
        }
    }

    static let lasting: [Mistake] = [
        Mistake(
            testDescription: "no TLS against TLS", security: "protocol: plaintext",
            says: "might be caused by incorrect security.protocol configuration (connecting to a SSL listener?)"),
        Mistake(
            testDescription: "no SASL against SASL", security: "protocol: ssl" + trusting,
            says: "broker might require SASL authentication"),
        Mistake(
            testDescription: "TLS against no TLS", security: "protocol: ssl" + trusting, listener: .open,
            says: "SSL handshake failed"),
        Mistake(
            testDescription: "a port where nobody listens", security: "protocol: plaintext", listener: .none,
            says: "Connection refused"),
        Mistake(
            testDescription: "a host that nobody knows", security: "protocol: plaintext", host: "nowhere.invalid",
            listener: .none, says: "Failed to resolve"),
    ]

    /// All at once, because each waits for a quarter of a minute and does nothing; `generate`, which takes no settings, for a
    /// minute.
    @Test(.timeLimit(.minutes(5))) func whatMayPassIsWaitedForAndThenSaidByEveryCommand() throws {
        let certificates = try Certificates(in: folder)
        let closed = try Broker(
            topics: ["cloudtrail:1"], on: .second, options: SecondBrokerTests.user + certificates.brokerOptions)
        let open = try Broker(topics: ["cloudtrail:1"], on: .second)
        var began: [(mistake: Mistake, address: String, command: [String], run: Tidewatch.Started)] = []
        let clock = ContinuousClock.now
        for mistake in Self.lasting {
            let address =
                switch mistake.listener {
                case .closed: closed.address
                case .open: open.address
                case .none: "\(mistake.host):\(try freePort())"
                }
            for command in Self.commands {
                let path = try settings(for: mistake, address, certificates)
                let run = try Tidewatch.start(command + ["--config", path], in: folder)
                began.append((mistake, address, command, run))
            }
            if mistake.security == "protocol: plaintext" {
                let command = ["generate", "--minutes", "1", "--bootstrap", address]
                began.append((mistake, address, command, try Tidewatch.start(command, in: folder)))
            }
        }
        for (mistake, address, command, run) in began {
            let result = try run.finish()
            let said = "\(command), \(mistake.testDescription): \(result.error)"
            #expect(result.status == 1, "\(said)")
            #expect(clock.duration(to: .now) > .seconds(14), "\(said)")
            expectOneReason(result, address, mistake.says, said)
            // What is waited for stands there before the wait is over; in the log of `run` it is a line of its own.
            if command != ["run"] {
                #expect(result.error.hasPrefix("no broker answers yet; \(address): "), "\(said)")
                #expect(result.error.split(separator: "\n").count == 2, "\(said)")
            }
        }
    }

    /// The last line says why it ended, with the broker and its cause, and "transport failure" is nowhere all there is.
    private func expectOneReason(_ result: Tidewatch.Result, _ address: String, _ cause: String, _ said: String) {
        let last = result.error.split(separator: "\n").last ?? ""
        #expect(last.contains("no broker answers; \(address): "), "\(said)")
        #expect(last.contains(cause), "\(said)")
        #expect(!result.error.contains("Broker transport failure"), "\(said)")
        #expect(result.error.ranges(of: "no broker answers; ").count == 1, "\(said)")
        #expect(!result.error.contains("CancellationError") && !result.error.contains("Already closed"), "\(said)")
    }

    /// Settings of their own for each command: two `run` at a time need ports of their own.
    private func settings(
        for mistake: Mistake, _ address: String, _ certificates: Certificates, createsTopics: Bool = false
    ) throws -> String {
        let security = mistake.security.replacing("CA\"", with: certificates.authority + "\"")
            .replacing("OTHER\"", with: certificates.otherAuthority + "\"")
        return try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: x}
            spec:
              kafka:
                bootstrapServers: "\(address)"
                security: {\(security)}
              inputs: [{topic: cloudtrail}]
              outputs: {createTopics: \(createsTopics)}
              http: {host: 127.0.0.1, healthPort: \(try freePort()), metricsPort: \(try freePort())}
              logging: {format: json}
            """, to: "\(UUID().uuidString).yaml")
    }
}
