import Synchronization

/// A count that one thread adds to and any thread reads: what metrics are made of.
///
/// Assumption: one writer at a time. Guarantee: a reader sees every addition that happened before it in some
/// synchronisation, and never a torn or decreasing value. Progress: wait-free. An addition is a plain load and store,
/// not a locked instruction, which is why there is one writer.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    public init() {}

    /// The writer only. Wraps at 2⁶⁴.
    public func add(_ more: UInt64) {
        // Relaxed, both: one writer, and a count alone publishes nothing else.
        count.store(count.load(ordering: .relaxed) &+ more, ordering: .relaxed)
    }

    /// Any thread.
    public var value: UInt64 { count.load(ordering: .relaxed) }
}
