import Foundation
import LockFree

/// How far the evaluator has published each shard, for who waits for it.
///
/// `@unchecked Sendable`: `offsets` is only touched with `condition` locked.
final class PublishedOffsets: @unchecked Sendable {
    private let condition = MonotonicCondition()
    private var offsets: [Int32: Int64] = [:]

    func set(_ shards: [Int32: Int64]) {
        condition.lock()
        defer { condition.unlock() }
        offsets = shards
        condition.broadcast()
    }

    /// Waits until those of the shards that are evaluated here are published up to these offsets; false when `timeout`
    /// seconds passed first.
    func wait(for wanted: [Int32: Int64], timeout: TimeInterval) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let deadline = ContinuousClock.now + .seconds(timeout)
        while wanted.contains(where: { shard, offset in offsets[shard].map { $0 < offset } ?? false }) {
            if !condition.wait(until: deadline) { return false }
        }
        return true
    }
}
