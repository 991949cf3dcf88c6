import Foundation
import Settings
import Sinks
import TestSupport
import Testing

@testable import Delivery

/// What a request may cost, and where it may go.
@Suite struct SinkClientTests {
    private func answer(
        to address: String, proxy: ProxyChoice? = nil, timeout: Duration = .seconds(300)
    ) async throws -> SinkAnswer {
        let client = SinkClient(proxy: proxy, timeout: timeout)
        let answer = await client.answer(
            to: SinkRequest(url: address, headers: [.init("x-test", "yes")], body: Array("hello".utf8)))
        try await client.shutdown()
        return answer
    }

    @Test func anAnswerIsItsStatusItsBodyAndItsWish() async throws {
        let server = try AnsweringServer(
            .bytes("HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbusy"))
        defer { server.stop() }
        #expect(
            try await answer(to: server.address) == .status(503, body: Array("busy".utf8), retryAfterSeconds: 7))
        let head = try #require(server.requests.first).lowercased()
        #expect(
            head.hasPrefix("post /in http/1.1") && head.contains("x-test: yes") && head.contains("content-length: 5"))
    }

    @Test func aRedirectionIsNotFollowed() async throws {
        let other = try AnsweringServer(.bytes("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"))
        let server = try AnsweringServer(
            .bytes(
                "HTTP/1.1 307 Elsewhere\r\nlocation: \(other.address)\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            ))
        defer {
            server.stop()
            other.stop()
        }
        #expect(try await answer(to: server.address) == .status(307, body: [], retryAfterSeconds: nil))
        #expect(other.requests.isEmpty)
    }

    @Test func ofAnEndlessAnswerTheBeginningIsRead() async throws {
        let server = try AnsweringServer(.endless("HTTP/1.1 400 Bad\r\n\r\n"))
        defer { server.stop() }
        guard case .status(400, let body, nil) = try await answer(to: server.address) else {
            Issue.record("no answer")
            return
        }
        #expect(body.count == SinkClient.answerBytesMax)
    }

    @Test func whatDoesNotAnswerIsGivenUpAndWhatStopsInTheMiddleHasItsStatus() async throws {
        let silent = try AnsweringServer(.hanging(""))
        let halting = try AnsweringServer(.hanging("HTTP/1.1 500 Bad\r\ncontent-length: 9\r\n\r\nhalf"))
        defer {
            silent.stop()
            halting.stop()
        }
        guard case .none = try await answer(to: silent.address, timeout: .milliseconds(500)) else {
            Issue.record("an answer")
            return
        }
        let half = try await answer(to: halting.address, timeout: .seconds(2))
        #expect(half == .status(500, body: Array("half".utf8), retryAfterSeconds: nil), "the words that came")
    }

    @Test(arguments: [("https", 443), ("http", 80)])
    func aProxyIsAskedForATunnelWithItsPasswordAndSeesNoRequest(scheme: String, port: Int) async throws {
        let proxy = try AnsweringServer(.bytes("HTTP/1.1 407 Who\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"))
        defer { proxy.stop() }
        let choice = try ProxyChoice.of(
            try #require(URL(string: "\(scheme)://sink.example/in")),
            environment: ["ALL_PROXY": "http://me:secret@127.0.0.1:\(proxy.port)"])
        guard case .none(let reason) = try await answer(to: "\(scheme)://sink.example/in", proxy: choice) else {
            Issue.record("an answer")
            return
        }
        #expect(!reason.contains("secret"))
        let head = try #require(proxy.requests.first).lowercased()
        #expect(head.hasPrefix("connect sink.example:\(port) http/1.1") && !head.contains("x-test"))
        #expect(head.contains("proxy-authorization: basic bwu6c2vjcmv0"))
    }

    /// A server that speaks one version alone, and whether a request gets to it.
    @Test(arguments: [
        ("-tls1_1", TLSSettings.Version.v12, false), ("-tls1_2", .v12, true), ("-tls1_3", .v12, true),
        ("-tls1_2", .v13, false), ("-tls1_3", .v13, true),
    ])
    func whatIsOlderThanTheLeastVersionIsNotSpoken(version: String, least: TLSSettings.Version, isSpoken: Bool)
        async throws
    {
        let folder = try TemporaryFolder()
        let certificates = try Certificates(in: folder)
        let server = try TLSServer(certificates, in: folder, [version, "-cipher", "ALL:@SECLEVEL=0"])
        defer { withExtendedLifetime(server) {} }
        let client = SinkClient(
            proxy: nil, minimumVersion: least, timeout: isSpoken ? .seconds(2) : .seconds(60),
            trusting: .file(certificates.authority))
        // It answers nothing: what it was sent tells.
        let answer = await client.answer(
            to: SinkRequest(url: "https://localhost:\(server.port)/in", headers: [], body: Array("hello".utf8)))
        try await client.shutdown()
        guard case .none = answer else {
            Issue.record("an answer")
            return
        }
        if isSpoken {
            #expect(eventually { server.said.contains("POST /in HTTP/1.1") })
        } else {
            #expect(eventually { server.said.contains("error:") } && !server.said.contains("POST"), "\(server.said)")
        }
    }
}
