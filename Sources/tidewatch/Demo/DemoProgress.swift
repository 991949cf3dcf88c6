import Alerting
import Synchronization
import TelemetryModel

/// What the demo's consumer has announced, and whether it has come to the end.
final class DemoProgress: Sendable {
    private struct State {
        var alerts: [AlertTransition] = []
    }

    private let expectedEnd: Timestamp
    private let state = Mutex(State())
    private let closed: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    /// - Parameter expectedEnd: the event time by which everything is over.
    init(expectedEnd: Timestamp) {
        self.expectedEnd = expectedEnd
        (closed, continuation) = AsyncStream.makeStream()
    }

    var alerts: [AlertTransition] { state.withLock { $0.alerts } }

    func add(_ transition: AlertTransition) {
        state.withLock { $0.alerts.append(transition) }
    }

    /// The consumer has ended: nothing more will be closed.
    func giveUp() { continuation.finish() }

    /// Windows up to `time` are closed.
    func close(_ time: Timestamp) {
        if time >= expectedEnd { continuation.finish() }
    }

    /// Returns when everything is closed.
    func allClosed() async {
        for await _ in closed {}
    }
}
