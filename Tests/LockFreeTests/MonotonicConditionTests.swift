import Synchronization
import Testing

@testable import LockFree

@Suite struct MonotonicConditionTests {
    @Test func aWaitIsOverWhenItsTimeHasComeAndNotBefore() {
        let condition = MonotonicCondition()
        let began = ContinuousClock.now
        condition.lock()
        let deadline = began + .milliseconds(30)
        while condition.wait(until: deadline) {}
        condition.unlock()
        // A clock of its own may be a hair before the one that is waited by.
        #expect(began.duration(to: .now) > .milliseconds(29))
    }

    @Test func aTimeThatIsOverIsNotWaitedFor() {
        let condition = MonotonicCondition()
        condition.lock()
        #expect(!condition.wait(until: .now - .seconds(5)))
        condition.unlock()
    }

    /// Touched only with `condition` locked.
    private final class Box: @unchecked Sendable {
        let condition = MonotonicCondition()
        var value = 0
    }

    @Test func whoWaitsIsWokenAndSeesWhatWasChanged() async {
        let box = Box()
        async let seen = Self.awaited(box)
        box.condition.lock()
        box.value = 7
        box.condition.broadcast()
        box.condition.unlock()
        #expect(await seen == 7)
    }

    private static func awaited(_ box: Box) async -> Int {
        box.condition.lock()
        defer { box.condition.unlock() }
        let deadline = ContinuousClock.now + .seconds(60)
        while box.value == 0, box.condition.wait(until: deadline) {}
        return box.value
    }
}
