import Glibc

// ThreadSanitizer intercepts `pthread_*` but not C11's `thrd_*`, `mtx_*` and `cnd_*`, which Debian's librdkafka uses: it
// would crash in the first thread that librdkafka starts, and see none of the ordering that librdkafka's queues give. So
// this executable answers those names itself, by their pthread twins, as glibc does inside (the types have one layout).
// The dynamic linker prefers an executable's symbols over a library's, so librdkafka finds these.
//
// With them every hand-over through librdkafka is visible, and no suppression is needed.

private let success: CInt = 0, busy: CInt = 1, failure: CInt = 2, timedOut: CInt = 4

private func result(_ code: CInt) -> CInt {
    switch code {
    case 0: success
    case EBUSY: busy
    case ETIMEDOUT: timedOut
    default: failure
    }
}

typealias ThreadBody = @convention(c) (UnsafeMutableRawPointer?) -> CInt

private final class ThreadStart {
    let body: ThreadBody
    let argument: UnsafeMutableRawPointer?
    init(_ body: @escaping ThreadBody, _ argument: UnsafeMutableRawPointer?) {
        self.body = body
        self.argument = argument
    }
}

@_cdecl("thrd_create")
public func createThread(
    _ thread: UnsafeMutablePointer<pthread_t>, _ body: @escaping @convention(c) (UnsafeMutableRawPointer?) -> CInt,
    _ argument: UnsafeMutableRawPointer?
) -> CInt {
    // Owned by the new thread, which takes it over with its first act.
    let start = Unmanaged.passRetained(ThreadStart(body, argument))
    let code = pthread_create(
        thread, nil,
        { opaque in
            let start = Unmanaged<ThreadStart>.fromOpaque(opaque!).takeRetainedValue()
            return UnsafeMutableRawPointer(bitPattern: Int(start.body(start.argument)))
        }, start.toOpaque())
    if code != 0 { start.release() }
    return result(code)
}

@_cdecl("thrd_join")
public func joinThread(_ thread: pthread_t, _ status: UnsafeMutablePointer<CInt>?) -> CInt {
    var value: UnsafeMutableRawPointer?
    let code = pthread_join(thread, &value)
    status?.pointee = CInt(truncatingIfNeeded: Int(bitPattern: value))
    return result(code)
}

@_cdecl("thrd_detach")
public func detachThread(_ thread: pthread_t) -> CInt { result(pthread_detach(thread)) }

@_cdecl("mtx_init")
public func initMutex(_ mutex: UnsafeMutablePointer<pthread_mutex_t>, _ type: CInt) -> CInt {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    defer { pthread_mutexattr_destroy(&attributes) }
    // 1 is `mtx_recursive`.
    if type & 1 != 0 { pthread_mutexattr_settype(&attributes, CInt(PTHREAD_MUTEX_RECURSIVE)) }
    return result(pthread_mutex_init(mutex, &attributes))
}

@_cdecl("mtx_destroy")
public func destroyMutex(_ mutex: UnsafeMutablePointer<pthread_mutex_t>) { pthread_mutex_destroy(mutex) }

@_cdecl("mtx_lock")
public func lockMutex(_ mutex: UnsafeMutablePointer<pthread_mutex_t>) -> CInt { result(pthread_mutex_lock(mutex)) }

@_cdecl("mtx_trylock")
public func tryLockMutex(_ mutex: UnsafeMutablePointer<pthread_mutex_t>) -> CInt {
    result(pthread_mutex_trylock(mutex))
}

@_cdecl("mtx_unlock")
public func unlockMutex(_ mutex: UnsafeMutablePointer<pthread_mutex_t>) -> CInt { result(pthread_mutex_unlock(mutex)) }

@_cdecl("cnd_init")
public func initCondition(_ condition: UnsafeMutablePointer<pthread_cond_t>) -> CInt {
    result(pthread_cond_init(condition, nil))
}

@_cdecl("cnd_destroy")
public func destroyCondition(_ condition: UnsafeMutablePointer<pthread_cond_t>) { pthread_cond_destroy(condition) }

@_cdecl("cnd_signal")
public func signalCondition(_ condition: UnsafeMutablePointer<pthread_cond_t>) -> CInt {
    result(pthread_cond_signal(condition))
}

@_cdecl("cnd_broadcast")
public func broadcastCondition(_ condition: UnsafeMutablePointer<pthread_cond_t>) -> CInt {
    result(pthread_cond_broadcast(condition))
}

@_cdecl("cnd_wait")
public func waitCondition(
    _ condition: UnsafeMutablePointer<pthread_cond_t>, _ mutex: UnsafeMutablePointer<pthread_mutex_t>
) -> CInt {
    result(pthread_cond_wait(condition, mutex))
}

@_cdecl("cnd_timedwait")
public func waitCondition(
    _ condition: UnsafeMutablePointer<pthread_cond_t>, _ mutex: UnsafeMutablePointer<pthread_mutex_t>,
    until deadline: UnsafePointer<timespec>
) -> CInt {
    result(pthread_cond_timedwait(condition, mutex, deadline))
}
