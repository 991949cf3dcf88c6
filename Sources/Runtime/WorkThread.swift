import Foundation

/// A thread of its own for work that blocks, which can be waited for.
///
/// `@unchecked Sendable`: immutable after `init`; `Latch` does its own locking.
package final class WorkThread: @unchecked Sendable {
    private let finished = Latch()

    package init(named name: String, _ body: @escaping @Sendable () -> Void) {
        let finished = finished
        let thread = Thread {
            body()
            finished.reach()
        }
        thread.name = name
        thread.stackSize = 4 << 20
        thread.start()
    }

    package func join() {
        while !finished.wait(timeout: 3600) {}
    }

    /// False when `timeout` seconds passed first.
    package func join(timeout: TimeInterval) -> Bool { finished.wait(timeout: timeout) }

    /// False when `deadline` passed first.
    package func join(until deadline: ContinuousClock.Instant) -> Bool { finished.wait(until: deadline) }
}
