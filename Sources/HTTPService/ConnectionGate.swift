import NIOCore

/// Stands next to the socket: lets a connection in, and closes it there, past TLS, which would wait for the other side's word.
final class ConnectionGate: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// From whoever wants a connection closed at once.
    struct Cut: Sendable {}

    private let bound: ConnectionBound
    private var isOpen = false

    init(_ bound: ConnectionBound) { self.bound = bound }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { open(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        if open(context) { context.fireChannelActive() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        bound.close(context.channel)
        context.fireChannelInactive()
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Cut else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        context.close(promise: promise)
    }

    @discardableResult
    private func open(_ context: ChannelHandlerContext) -> Bool {
        if isOpen { return true }
        isOpen = bound.open(context.channel, at: .now())
        if !isOpen { context.close(promise: nil) }
        return isOpen
    }
}
