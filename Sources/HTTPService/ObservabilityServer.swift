import Hummingbird
import Logging
import NIOCore
import Observability
import ServiceLifecycle
import Synchronization

/// Health for Kubernetes and metrics for Prometheus, each on a port of its own so that network policy can tell them
/// apart.
public struct ObservabilityServer: Service {
    private let application: Application<RouterResponder<BasicRequestContext>>
    private let name: String
    private let address: String
    private let logger: Logger
    private let listening = Listening()

    private final class Listening: Sendable {
        let hasBegun = Mutex(false)
        private let (beginning, began) = AsyncStream<Never>.makeStream()

        func begin() {
            hasBegun.withLock { $0 = true }
            began.finish()
        }

        func end() { began.finish() }

        func wait() async { for await _ in beginning {} }
    }

    /// Returns when the server listens. For one who waits.
    ///
    /// - Throws: `CancellationError` when it has ended without, or the task is cancelled.
    public func awaitListening() async throws {
        await listening.wait()
        if !listening.hasBegun.withLock({ $0 }) { throw CancellationError() }
    }

    /// `GET /healthz` answers 200 while the process lives; `GET /readyz` answers 200 when it consumes, else 503 with
    /// the reason.
    public static func health(host: String, port: Int, readiness: Readiness, logger: Logger) -> ObservabilityServer {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("healthz") { _, _ in
            Response(status: .ok, headers: [.contentType: "text/plain"], body: .init(byteBuffer: .init(string: "ok\n")))
        }
        router.get("readyz") { _, _ in
            let (status, text): (HTTPResponse.Status, String) =
                switch readiness.current {
                case .ready: (.ok, "ready")
                case .starting(let what): (.serviceUnavailable, "starting: \(what)")
                case .degraded(let what): (.serviceUnavailable, "degraded: \(what)")
                case .stopping: (.serviceUnavailable, "stopping")
                }
            return Response(
                status: status, headers: [.contentType: "text/plain"],
                body: .init(byteBuffer: .init(string: text + "\n")))
        }
        return ObservabilityServer(router: router, host: host, port: port, name: "health", logger: logger)
    }

    /// `GET /metrics` in Prometheus' text format.
    public static func metrics(
        host: String, port: Int, registry: MetricsRegistry, logger: Logger
    ) -> ObservabilityServer {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: .init(string: registry.exposition())))
        }
        return ObservabilityServer(router: router, host: host, port: port, name: "metrics", logger: logger)
    }

    private init(router: Router<BasicRequestContext>, host: String, port: Int, name: String, logger: Logger) {
        self.name = name
        address = "\(host):\(port)"
        self.logger = logger
        application = Application(
            router: router,
            configuration: .init(address: .hostname(host, port: port), serverName: "tidewatch"),
            onServerRunning: { [listening] channel in
                listening.begin()
                logger.info(
                    "listening",
                    metadata: ["server": "\(name)", "address": "\(ObservabilityServer.text(of: channel.localAddress))"])
            },
            logger: ObservabilityServer.quiet(logger))
    }

    /// - Throws: ``ListenFailure`` when the port can't be had.
    public func run() async throws {
        defer { listening.end() }
        do {
            try await application.runService(gracefulShutdownSignals: [])
        } catch {
            if listening.hasBegun.withLock({ $0 }) || error is CancellationError { throw error }
            let failure = ListenFailure(server: name, address: address, reason: "\(error)")
            // Now, because the other services may take their time to stop.
            logger.error("not listening", metadata: ["error": "\(failure)"])
            throw failure
        }
    }

    /// `host:port`.
    private static func text(of address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else { return "unknown" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// The server's own start and stop lines say less than ours, and what ends it is thrown: nothing is left for it to say.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = .critical
        return logger
    }
}
