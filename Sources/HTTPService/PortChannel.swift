import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// HTTP on a connection within its port's bounds, behind TLS where there is an identity.
struct PortChannel: ServerChildChannel {
    let http: HTTP1Channel
    let bound: ConnectionBound
    /// Nil for plain HTTP.
    let identity: ServerIdentity?
    let asksForCertificate: Bool

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        do {
            try channel.pipeline.syncOperations.addHandler(ConnectionGate(bound))
            if let identity {
                try channel.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: identity.context(asksForCertificate: asksForCertificate)))
            }
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return http.setup(channel: channel, logger: logger)
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async { await http.handle(value: value, logger: logger) }
}
