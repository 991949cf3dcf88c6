import Synchronization

/// Whether the consumer does its work: what `/readyz` says, and why not.
public final class Readiness: Sendable {
    public enum State: Sendable, Equatable {
        case starting(String)
        case ready
        /// It was ready, and a dependency is gone; work goes on as soon as that is back.
        case degraded(String)
        case stopping
    }

    private let state = Mutex<State>(.starting("waiting for the first assignment"))

    public init() {}

    public var current: State { state.withLock { $0 } }

    public func set(_ new: State) {
        state.withLock { state in
            // Once stopping, nothing makes it ready again.
            if state != .stopping { state = new }
        }
    }

    /// What it depends on is gone. What was not ready yet goes on waiting for its own reason.
    func degrade(_ reason: String) {
        state.withLock { state in
            if state == .ready { state = .degraded(reason) }
        }
    }

    /// What it depends on is back.
    func recover() {
        state.withLock { state in
            if case .degraded = state { state = .ready }
        }
    }
}
