import Glibc
import Synchronization

/// Notes outcomes that are not legal.
enum Legality {
    private static let illegal = Atomic<Int>(0)

    static func check(_ isLegal: Bool, _ outcome: @autoclosure () -> String) {
        if isLegal { return }
        // Some are enough to see what is wrong.
        if illegal.add(1, ordering: .relaxed).newValue <= 20 { Swift.print("illegal: \(outcome())") }
    }

    /// Says what came out. Returns whether all was legal.
    static func print() -> Bool {
        let count = illegal.load(ordering: .relaxed)
        Swift.print(count == 0 ? "all outcomes legal" : "\(count) illegal outcomes")
        return count == 0
    }
}

/// A thread that can be joined.
struct StressThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private let thread: pthread_t

    init(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Work(body)).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, context)
        precondition(result == 0, "a thread could not be started")
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }
}
