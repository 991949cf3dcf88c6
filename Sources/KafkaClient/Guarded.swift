import Glibc

/// A value behind a lock, for state that librdkafka's callbacks share with our threads.
///
/// Why not `Synchronization.Mutex`: when it is contended the kernel hands it over, where ThreadSanitizer cannot see it, so
/// each such hand-over is reported as a race. It sees a pthread mutex, so the stress run needs no suppression, and what it
/// reports is real. No lock here is on the path of a single consumed message.
///
/// `@unchecked Sendable`: the value is only reached inside of `withLock`, which holds the mutex.
@safe
final class Guarded<Value>: @unchecked Sendable {
    private var value: Value
    // Owner: this object. On the heap because a mutex must not move; destroyed in `deinit`, when nobody can hold it.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init(_ value: Value) {
        self.value = value
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        let code = unsafe pthread_mutex_init(mutex, nil)
        precondition(code == 0, "a mutex cannot be made")
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
