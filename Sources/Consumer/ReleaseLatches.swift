import Counting
import Runtime
import Synchronization

/// The latches of those who wait until what partitions have counted is committed, by the token that goes through the
/// stages in their place.
final class ReleaseLatches: Sendable {
    private struct State {
        var last: UInt64 = 0
        var waiting: [ReleaseToken: Latch] = [:]
    }

    private let state = Mutex(State())

    func make() -> (token: ReleaseToken, latch: Latch) {
        state.withLock { state in
            state.last += 1
            let token = ReleaseToken(number: state.last)
            let latch = Latch()
            state.waiting[token] = latch
            return (token, latch)
        }
    }

    func reach(_ token: ReleaseToken) { remove(token)?.reach() }

    /// Nobody waits any more.
    @discardableResult
    func remove(_ token: ReleaseToken) -> Latch? {
        state.withLock { $0.waiting.removeValue(forKey: token) }
    }
}
