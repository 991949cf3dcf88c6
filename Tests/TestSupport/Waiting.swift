import Foundation

/// How long an event is awaited before a test gives up. What is awaited comes within seconds on an idle machine; on one
/// that is busy with other things it may take many times that, and a test that passes never waits it out.
public let patience = Duration.seconds(240)

/// Asks again and again until `condition` holds; the result says whether it does, false also once `isPossible` says that it
/// cannot any more.
///
/// For what announces nothing when it changes: a process's metrics, a group's commits. What announces it is awaited.
public func eventually(
    within limit: Duration = patience, every pause: Duration = .milliseconds(50),
    while isPossible: () -> Bool = { true },
    _ condition: () throws -> Bool
) rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline, isPossible() {
        if try condition() { return true }
        letPass(pause)
    }
    return try condition()
}

/// Lets time pass where the time is what is tested: an outage, a pace, the moment of a kill. What happens is awaited by
/// ``eventually(within:every:while:_:)``, never by this.
public func letPass(_ time: Duration) { Thread.sleep(forTimeInterval: time / .seconds(1)) }

/// A test that blocks its thread, on Kafka or a process, runs on one of its own instead of the cooperative pool's.
public func onOwnThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    // Through an executor, so that the task's context goes along, and issues are recorded for the right test.
    try await withTaskExecutorPreference(ThreadForEachJob()) { try await perform(body) }
}

@concurrent
private func perform(_ body: @escaping @Sendable () throws -> Void) async throws { try body() }

private final class ThreadForEachJob: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
