import Sinks
import Synchronization

/// A sink whose secret was replaced, on its way to the thread that delivers.
final class SinkRenewal: Sendable {
    private let held = Mutex<(any Sink)?>(nil)

    func put(_ sink: any Sink) { held.withLock { $0 = sink } }

    /// Nil where there is none since the last call.
    func take() -> (any Sink)? {
        held.withLock { held in
            defer { held = nil }
            return held
        }
    }
}
