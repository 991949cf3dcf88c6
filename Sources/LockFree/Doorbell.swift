#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lets another thread run.
func yieldCore() {
    sched_yield()
}

/// Where a thread parks until another has something for it: the waiting that `SPSCRing` leaves to its users.
///
/// It blocks (a mutex and a condition), so it stays out of the path of an event: ring once for each batch. A ring before
/// the wait is not lost: rings are counted, and a wait returns at once when there was one since the last wait.
///
/// Any thread may ring; one thread waits. `@unchecked Sendable`, proof: `rings` is touched only with `condition` locked.
public final class Doorbell: @unchecked Sendable {
    private let condition = MonotonicCondition()
    private var rings = 0

    public init() {}

    public func ring() {
        condition.lock()
        defer { condition.unlock() }
        rings += 1
        condition.signal()
    }

    /// Waits until it rang since the last wait.
    public func wait() {
        condition.lock()
        defer { condition.unlock() }
        while rings == 0 { condition.wait() }
        rings = 0
    }
}
