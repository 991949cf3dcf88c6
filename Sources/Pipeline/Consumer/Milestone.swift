import Foundation

/// Something that happens once, and that threads can wait for.
///
/// `@unchecked Sendable`: `hasHappened` is only touched with `condition` locked.
final class Milestone: @unchecked Sendable {
    private let condition = NSCondition()
    private var hasHappened = false

    var isReached: Bool {
        condition.lock()
        defer { condition.unlock() }
        return hasHappened
    }

    func reach() {
        condition.lock()
        defer { condition.unlock() }
        hasHappened = true
        condition.broadcast()
    }

    /// False when `timeout` seconds passed first.
    func wait(timeout: TimeInterval) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let deadline = Date(timeIntervalSinceNow: timeout)
        while !hasHappened {
            if !condition.wait(until: deadline) { return hasHappened }
        }
        return true
    }
}
