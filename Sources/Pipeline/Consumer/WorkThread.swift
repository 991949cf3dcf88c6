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
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
