import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Observability
import ServiceLifecycle
import Synchronization

/// Health for Kubernetes and metrics for Prometheus, each on a port of its own so that network policy can tell them
/// apart.
public struct ObservabilityServer: Service {
    /// Where a server listens, and how.
    public struct Port: Sendable {
        let host: String
        let number: Int
        let identity: ServerIdentity?
        let limits: ConnectionLimits

        /// - Parameter identity: nil for plain HTTP.
        public init(host: String, number: Int, identity: ServerIdentity? = nil, limits: ConnectionLimits) {
            self.host = host
            self.number = number
            self.identity = identity
            self.limits = limits
        }
    }

    private let application: Application<RouterResponder<BasicRequestContext>>
    private let name: String
    private let address: String
    private let logger: Logger
    private let listening = Listening()

    private final class Listening: Sendable {
        /// Once it has begun.
        let port = Mutex<Int?>(nil)
        private let (beginning, began) = AsyncStream<Never>.makeStream()

        func begin(on port: Int) {
            self.port.withLock { $0 = port }
            began.finish()
        }

        func end() { began.finish() }

        func wait() async { for await _ in beginning {} }
    }

    /// Returns when the server listens. For one who waits.
    ///
    /// - Returns: the port, which is another than was asked for where that was 0.
    /// - Throws: `CancellationError` when it has ended without, or the task is cancelled.
    @discardableResult
    public func awaitListening() async throws -> Int {
        await listening.wait()
        guard let port = listening.port.withLock({ $0 }) else { throw CancellationError() }
        return port
    }

    /// `GET /healthz` answers 200 while the process lives, unless it can't come to its stop; `GET /readyz` answers 200 when it consumes, else 503 with
    /// the reason.
    public static func health(
        on port: Port, readiness: Readiness, metrics: MetricsRegistry, logger: Logger
    ) -> ObservabilityServer {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("healthz") { _, _ in
            let isOverdue = readiness.isStopOverdue()
            return Response(
                status: isOverdue ? .serviceUnavailable : .ok, headers: [.contentType: "text/plain"],
                body: .init(byteBuffer: .init(string: isOverdue ? "does not come to its stop\n" : "ok\n")))
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
        // Kubernetes' probes have no certificate.
        return ObservabilityServer(
            router, on: port, asksForCertificate: false,
            ConnectionBound("health", limits: port.limits, metrics: metrics, logger: logger), logger)
    }

    /// `GET /metrics` in Prometheus' text format.
    public static func metrics(
        on port: Port, registry: MetricsRegistry, logger: Logger
    ) -> ObservabilityServer {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: .init(string: registry.exposition())))
        }
        return ObservabilityServer(
            router, on: port, asksForCertificate: true,
            ConnectionBound("metrics", limits: port.limits, metrics: registry, logger: logger), logger)
    }

    private init(
        _ router: Router<BasicRequestContext>, on port: Port, asksForCertificate: Bool, _ bound: ConnectionBound,
        _ logger: Logger
    ) {
        let name = bound.server
        self.name = name
        address = "\(port.host):\(port.number)"
        self.logger = logger
        let http = HTTP1Channel.Configuration(additionalChannelHandlers: [ConnectionWatch(bound)])
        application = Application(
            router: router,
            server: HTTPServerBuilder { responder in
                PortChannel(
                    http: HTTP1Channel(responder: responder, configuration: http), bound: bound,
                    identity: port.identity, asksForCertificate: asksForCertificate)
            },
            configuration: .init(address: .hostname(port.host, port: port.number), serverName: "tidewatch"),
            onServerRunning: { [listening] channel in
                await AcceptPace.set(channel)
                listening.begin(on: channel.localAddress?.port ?? 0)
                logger.info(
                    "listening",
                    metadata: ["server": "\(name)", "address": "\(ObservabilityServer.text(of: channel.localAddress))"])
            },
            eventLoopGroupProvider: .shared(AcceptPace.eventLoop()),
            logger: ObservabilityServer.quiet(logger))
    }

    /// - Throws: ``ListenFailure`` when the port can't be had.
    public func run() async throws {
        defer { listening.end() }
        do {
            try await application.runService(gracefulShutdownSignals: [])
        } catch {
            if listening.port.withLock({ $0 }) != nil || error is CancellationError { throw error }
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
