import Foundation
import LockFree

/// A latch: opens once, and threads can wait for that.
///
/// `@unchecked Sendable`: `reachedAt` is only touched with `condition` locked.
package final class Latch: @unchecked Sendable {
    private let condition = MonotonicCondition()
    private var reachedAt: ContinuousClock.Instant?
    private var hasHappened: Bool { reachedAt != nil }

    package init() {}

    package var isReached: Bool { isReached(since: .zero) }

    /// Whether it happened at least so long ago.
    package func isReached(since duration: Duration) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        return reachedAt.map { $0.duration(to: .now) >= duration } ?? false
    }

    package func reach() {
        condition.lock()
        defer { condition.unlock() }
        reachedAt = reachedAt ?? .now
        condition.broadcast()
    }

    /// False when `timeout` seconds passed first.
    package func wait(timeout: TimeInterval) -> Bool { wait(until: .now + .seconds(timeout)) }

    /// False when `deadline` passed first.
    package func wait(until deadline: ContinuousClock.Instant) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !hasHappened {
            if !condition.wait(until: deadline) { return hasHappened }
        }
        return true
    }
}
