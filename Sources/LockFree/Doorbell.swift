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
/// Any thread may ring; one thread waits. `@unchecked Sendable`, proof: `rings` is touched only under the mutex.
@safe
public final class Doorbell: @unchecked Sendable {
    // Owner: this object, freed in `deinit`. They are at fixed addresses, as POSIX asks.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var rings = 0

    public init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        let (mutexResult, conditionResult) = unsafe (
            pthread_mutex_init(mutex, nil), pthread_cond_init(condition, nil)
        )
        precondition(mutexResult == 0 && conditionResult == 0, "the system has no mutex or condition left")
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    public func ring() {
        unsafe pthread_mutex_lock(mutex)
        rings += 1
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Waits until it rang since the last wait.
    public func wait() {
        unsafe pthread_mutex_lock(mutex)
        while rings == 0 { unsafe pthread_cond_wait(condition, mutex) }
        rings = 0
        unsafe pthread_mutex_unlock(mutex)
    }
}
