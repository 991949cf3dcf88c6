import Foundation

/// A thread of its own for work that blocks, which can be waited for.
///
/// `@unchecked Sendable`: immutable after `init`; `Milestone` does its own locking.
final class WorkThread: @unchecked Sendable {
    private let finished = Milestone()

    init(named name: String, _ body: @escaping @Sendable () -> Void) {
        let finished = finished
        let thread = Thread {
            body()
            finished.reach()
        }
        thread.name = name
        thread.stackSize = 4 << 20
        thread.start()
    }

    func join() {
        while !finished.wait(timeout: 3600) {}
    }

    /// False when `timeout` seconds passed first.
    func join(timeout: TimeInterval) -> Bool { finished.wait(timeout: timeout) }
}

extension Duration {
    /// Held at the limits of 64 bits.
    var nanoseconds: Int64 {
        let (whole, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (components.seconds < 0 ? .min : .max) : whole + components.attoseconds / 1_000_000_000
    }

    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
