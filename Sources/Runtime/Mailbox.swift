import Foundation
import LockFree

/// A queue between two threads whose reader sleeps while it is empty.
///
/// It carries requests and orders, a few in a second, never events or flushes. It refuses nothing, as what is put in must arrive; its
/// bound is in its users: an assignment, a revocation, a lost position is one item for a partition.
///
/// `@unchecked Sendable`: `items` and `isClosed` are only touched with `condition` locked.
package final class Mailbox<Item: Sendable>: @unchecked Sendable {
    private let condition = MonotonicCondition()
    private var items: [Item] = []
    private var isClosed = false

    package init() {}

    package func put(_ item: Item) {
        condition.lock()
        defer { condition.unlock() }
        items.append(item)
        condition.signal()
    }

    /// Everything there is, waiting up to `timeout` seconds for the first; `nil` once closed and empty.
    package func takeAll(timeout: TimeInterval) -> [Item]? {
        condition.lock()
        defer { condition.unlock() }
        let deadline = ContinuousClock.now + .seconds(timeout)
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
