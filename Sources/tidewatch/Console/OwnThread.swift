import Foundation
import Synchronization

/// Runs `body`, which blocks, on a thread of its own, so that the cooperative pool stays free.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread {
            continuation.resume(with: Swift.Result { try body() })
        }
        thread.stackSize = 4 << 20
        thread.start()
    }
}

/// A request to stop, raised once and looked at by a blocking loop.
final class StopFlag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }

    func raise() { state.withLock { $0 = true } }
}
