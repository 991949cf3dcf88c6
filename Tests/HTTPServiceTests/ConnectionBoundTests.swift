import TestSupport
import Testing

@testable import HTTPService
@testable import Observability

/// Who connects and says nothing, says it slowly, or does not listen, takes nobody's place for long.
@Suite struct ConnectionBoundTests {
    private static let request = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"

    @Test(.timeLimit(.minutes(2)), arguments: ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nx: "])
    func aRequestThatDoesNotComeEndsItsConnection(begun: String) async throws {
        try await PortFixture.serve(.health) {
            $0.headTimeout = .milliseconds(300)
        } body: { port in
            let client = try #require(LocalSocket.connected(to: port.port))
            defer { client.close() }
            if !begun.isEmpty { #expect(client.send(begun)) }
            #expect(client.receive(atMost: 100) == nil)
            #expect(port.closed("timeout") == 1)
        }
    }

    @Test(.timeLimit(.minutes(2))) func aByteNowAndThenDoesNotProlongIt() async throws {
        try await PortFixture.serve(.health) {
            $0.headTimeout = .milliseconds(300)
        } body: { port in
            let client = try #require(LocalSocket.connected(to: port.port))
            defer { client.close() }
            #expect(client.send("GET /healthz HTTP/1.1\r\nx: "))
            #expect(eventually { !client.send("y") })
            #expect(port.closed("timeout") == 1)
        }
    }

    @Test(.timeLimit(.minutes(2))) func aConnectionIsKeptForTheNextRequestAndNotForEver() async throws {
        try await PortFixture.serve(.health) {
            $0.headTimeout = .seconds(2)
        } body: { port in
            let client = try #require(LocalSocket.connected(to: port.port))
            defer { client.close() }
            for _ in 0..<3 {
                #expect(client.send(Self.request))
                #expect(client.answer(endingIn: "ok\n").hasPrefix("HTTP/1.1 200 OK"))
            }
            #expect(client.receive(atMost: 100) == nil)
            #expect(port.closed("timeout") == 1)
        }
    }

    @Test(.timeLimit(.minutes(2))) func anAnswerThatIsNotTakenEndsItsConnection() async throws {
        let metrics = MetricsRegistry()
        for number in 0..<20_000 { metrics.set(.partitionPosition, [("topic", "t\(number)")], to: 1) }
        try await PortFixture.serve(.metrics, nil, { $0.answerTimeout = .milliseconds(500) }, metrics: metrics) {
            port in
            let client = try #require(LocalSocket.connected(to: port.port))
            defer { client.close() }
            // More than a connection on this machine holds on its way.
            let request = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"
            #expect(client.send(String(repeating: request, count: 40)))
            #expect(eventually { port.closed("timeout") == 1 })
        }
    }

    @Test(.timeLimit(.minutes(2))) func whoComesLastIsAnsweredAndWhoHasWaitedLongestMakesRoom() async throws {
        try await PortFixture.serve(.health) {
            $0.connectionsMax = 4
        } body: { port in
            let silent = try (0..<4).map { _ in try #require(LocalSocket.connected(to: port.port)) }
            defer { for client in silent { client.close() } }
            #expect(eventually { port.metrics.value(.httpConnections, [("server", "health")]) == 4 })
            let client = try #require(LocalSocket.connected(to: port.port))
            defer { client.close() }
            #expect(client.send(Self.request))
            #expect(client.answer(endingIn: "ok\n").hasPrefix("HTTP/1.1 200 OK"))
            #expect(silent[0].receive(atMost: 1) == nil)
            #expect(port.closed("bound") == 1 && port.closed("refused") == 0)
        }
    }

    @Test func theBoundLeavesMostFilesToKafka() {
        #expect(ConnectionLimits(filesMax: 1024).connectionsMax == 64)
        #expect(ConnectionLimits(filesMax: 300).connectionsMax == 59)
        #expect(ConnectionLimits(filesMax: 64).connectionsMax == 4)
    }
}
