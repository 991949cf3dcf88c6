import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL
import Observability
import Runtime
import Settings
import Sinks
import TelemetryModel

/// Sends the requests of one sink.
///
/// TLS 1.2 at least with authenticated ciphers; no redirections, which would carry a secret elsewhere; a limit of time for
/// the whole exchange; and of an answer no more than its beginning.
struct SinkClient: Sendable {
    /// Below the ten seconds in which a stop is to be done.
    static let timeoutDefault = Duration.seconds(8)
    static let answerBytesMax = 64 * 1024

    private let client: HTTPClient
    private let timeout: Duration

    /// - Parameter proxy: nil for a direct connection.
    init(
        proxy: ProxyChoice?, minimumVersion: TLSSettings.Version = .v12, timeout: Duration = SinkClient.timeoutDefault,
        trusting authorities: NIOSSLTrustRoots = .default
    ) {
        self.timeout = timeout
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = authorities
        tls.minimumTLSVersion = minimumVersion == .v13 ? .tlsv13 : .tlsv12
        // Of TLS 1.2; those of 1.3 are all of this kind.
        tls.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(5)
        configuration.proxy = proxy.map(SinkClient.proxy)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private static func proxy(_ choice: ProxyChoice) -> HTTPClient.Configuration.Proxy {
        switch choice.kind {
        case .socks5: .socksServer(host: choice.host, port: choice.port)
        case .http:
            .server(
                host: choice.host, port: choice.port,
                authorization: choice.credentials.map { .basic(username: $0.user, password: $0.password) })
        }
    }

    func shutdown() async throws { try await client.shutdown() }

    /// Never throws: that no answer came is one too.
    func answer(to request: SinkRequest) async -> SinkAnswer {
        let head = AnswerHead()
        do {
            return try await withThrowingTaskGroup(of: SinkAnswer.self) { group in
                group.addTask { try await exchange(request, head) }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    // With a status there was an answer, and only its words are missing.
                    return head.answer ?? .none("nothing came within \(timeout)")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? .none("cancelled")
            }
        } catch {
            return head.answer ?? .none("\(error)")
        }
    }

    private func exchange(_ request: SinkRequest, _ head: AnswerHead) async throws -> SinkAnswer {
        var message = HTTPClientRequest(url: request.url)
        message.method = .init(rawValue: request.method)
        for header in request.headers { message.headers.add(name: header.name, value: header.value) }
        message.body = .bytes(ByteBuffer(bytes: request.body))
        let response = try await client.execute(message, timeout: .nanoseconds(timeout.nanoseconds))
        let status = Int(response.status.code)
        let wish = response.headers.first(name: "retry-after").flatMap { RetryAfter.seconds($0, now: .now()) }
        head.set(.status(status, body: [], retryAfterSeconds: wish))
        var body: [UInt8] = []
        for try await part in response.body {
            body += part.readableBytesView.prefix(SinkClient.answerBytesMax - body.count)
            // What has come is kept, should the rest not come.
            head.set(.status(status, body: body, retryAfterSeconds: wish))
            if body.count == SinkClient.answerBytesMax { break }
        }
        return .status(status, body: body, retryAfterSeconds: wish)
    }
}
