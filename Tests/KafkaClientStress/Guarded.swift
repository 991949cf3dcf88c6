import Foundation

/// A value behind a lock that ThreadSanitizer sees (it does not see a contended `Synchronization.Mutex`).
///
/// `@unchecked Sendable`: the value is only reached inside of `withLock`.
final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result { lock.withLock { body(&value) } }
}
