import NIOCore
import NIOHTTPTypes

/// Follows the requests of a connection, and cuts it where its client makes none, or takes no answer, in time.
///
/// The time of a head is absolute: a byte now and then does not prolong it.
final class ConnectionWatch: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// What an answer may take once the server stops.
    private static let stopTimeout = TimeAmount.seconds(2)

    private let bound: ConnectionBound
    private var deadline: Scheduled<Void>?
    /// Requests whose answers are not written.
    private var requests = 0

    init(_ bound: ConnectionBound) { self.bound = bound }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { expect(context, within: TimeAmount(bound.limits.headTimeout)) }
    }

    func channelActive(context: ChannelHandlerContext) {
        expect(context, within: TimeAmount(bound.limits.headTimeout))
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) {
            requests += 1
            if requests == 1 {
                bound.set(context.channel, isAnswered: true, at: .now())
                expect(context, within: TimeAmount(bound.limits.answerTimeout))
            }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else {
            context.write(data, promise: promise)
            return
        }
        // Done when it is with the kernel: who does not read its answer is still being answered.
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenSuccess { self.answered(context) }
        context.write(data, promise: written)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { expect(context, within: ConnectionWatch.stopTimeout) }
        context.fireUserInboundEventTriggered(event)
    }

    private func answered(_ context: ChannelHandlerContext) {
        requests -= 1
        guard context.channel.isActive else { return }
        bound.set(context.channel, isAnswered: requests > 0, at: .now())
        expect(context, within: TimeAmount(requests > 0 ? bound.limits.answerTimeout : bound.limits.headTimeout))
    }

    private func expect(_ context: ChannelHandlerContext, within time: TimeAmount) {
        deadline?.cancel()
        deadline = context.eventLoop.scheduleTask(in: time) { [bound, channel = context.channel] in
            bound.cut(channel, .timeout)
        }
    }
}
