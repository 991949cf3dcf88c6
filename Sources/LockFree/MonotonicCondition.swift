#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A mutex and a condition whose waits are over by the monotonic clock: `NSCondition` waits for a date, and where the host's clock is
/// set back by an hour meanwhile, a wait of a second takes an hour and a second.
///
/// It blocks, so it stays out of the path of an event. What it guards is touched only between `lock` and `unlock`, as the types say
/// that have one. Any thread may call; `@unchecked Sendable`, proof: both pointers are set once, and what lies there is POSIX's.
@safe
public final class MonotonicCondition: @unchecked Sendable {
    // Owner: this object, freed in `deinit`. They are at fixed addresses, as POSIX asks.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    public init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        var results = [unsafe pthread_mutex_init(mutex, nil), unsafe pthread_condattr_init(&attributes)]
        #if !canImport(Darwin)
            results.append(unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC))
        #endif
        results.append(unsafe pthread_cond_init(condition, &attributes))
        unsafe pthread_condattr_destroy(&attributes)
        precondition(results.allSatisfy { $0 == 0 }, "the system has no mutex or condition left")
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    public func lock() { unsafe pthread_mutex_lock(mutex) }
    public func unlock() { unsafe pthread_mutex_unlock(mutex) }
    /// Wakes one that waits.
    public func signal() { unsafe pthread_cond_signal(condition) }
    /// Wakes all that wait.
    public func broadcast() { unsafe pthread_cond_broadcast(condition) }

    /// Gives the lock up, waits to be woken, and takes it again. It may wake without a reason.
    public func wait() { unsafe pthread_cond_wait(condition, mutex) }

    /// As ``wait()``; false when the time came first.
    public func wait(until deadline: ContinuousClock.Instant) -> Bool {
        let (seconds, attoseconds) = max(.zero, ContinuousClock.now.duration(to: deadline)).components
        #if canImport(Darwin)
            var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
            return unsafe pthread_cond_timedwait_relative_np(condition, mutex, &left) != ETIMEDOUT
        #else
            var end = timespec()
            unsafe clock_gettime(CLOCK_MONOTONIC, &end)
            let nanoseconds = end.tv_nsec + Int(attoseconds / 1_000_000_000)
            end.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
            end.tv_nsec = nanoseconds % 1_000_000_000
            return unsafe pthread_cond_timedwait(condition, mutex, &end) != ETIMEDOUT
        #endif
    }
}
