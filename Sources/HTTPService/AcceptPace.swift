import Hummingbird
import NIOCore

/// How a port takes new connections, so that a burst of them neither holds the process's last files nor keeps out who asks.
enum AcceptPace {
    /// NIO's own is a second, which is all that a probe waits.
    private static let retry = TimeAmount.milliseconds(20)
    /// Of NIO's `ServerBootstrap`.
    private static let backOffName = "AcceptBackOffHandler"

    /// One for the port and its connections: each is within the bound before the next few are accepted, and the newest is
    /// the one that came last. With several, a burst is open on all of them before the first is let in or closed.
    static func eventLoop() -> any EventLoop { EventLoopGroupProvider.singleton.eventLoopGroup.next() }

    /// Where the process has no file left for a connection, it is tried again at once rather than in a second.
    static func set(_ server: any Channel) async {
        // Where the server is already closed there is nothing to set.
        try? await server.eventLoop.submit {
            let pipeline = server.pipeline.syncOperations
            let former = try pipeline.context(name: backOffName)
            let soon = AcceptBackoffHandler(shouldForwardIOErrorCaught: false) { _ in retry }
            try pipeline.addHandler(soon, position: .before(former.handler))
            pipeline.removeHandler(context: former, promise: nil)
        }.get()
    }
}
