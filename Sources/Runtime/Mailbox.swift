import Foundation

/// A queue between two threads whose reader sleeps while it is empty.
///
/// It carries flushes and requests, a few in a second, never events. It refuses nothing, as what is put in must arrive; its
/// bound is in its users: who puts in a regular rhythm looks at `count` first and skips a turn when the reader is behind, and
/// what comes otherwise (an assignment, a revocation, a gap) is one item for a partition.
///
/// `@unchecked Sendable`: `items` and `isClosed` are only touched with `condition` locked.
package final class Mailbox<Item: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var items: [Item] = []
    private var isClosed = false

    package init() {}

    package func put(_ item: Item) {
        condition.lock()
        defer { condition.unlock() }
        items.append(item)
        condition.signal()
    }

    /// How many items wait.
    package var count: Int {
        condition.lock()
        defer { condition.unlock() }
        return items.count
    }

    /// Everything there is, waiting up to `timeout` seconds for the first; `nil` once closed and empty.
    package func takeAll(timeout: TimeInterval) -> [Item]? {
        condition.lock()
        defer { condition.unlock() }
        let deadline = Date(timeIntervalSinceNow: timeout)
        while items.isEmpty, !isClosed {
            if timeout <= 0 || !condition.wait(until: deadline) { break }
        }
        if items.isEmpty, isClosed { return nil }
        defer { items = [] }
        return items
    }

    /// No more will be put; the reader gets what is there, then `nil`.
    package func close() {
        condition.lock()
        defer { condition.unlock() }
        isClosed = true
        condition.broadcast()
    }
}
