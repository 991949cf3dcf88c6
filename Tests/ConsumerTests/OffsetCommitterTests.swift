import Testing

@testable import Consumer

@Suite struct OffsetCommitterTests {
    @Test func failuresAreWorthALineOnceTheyLastAndThenOneAMinute() {
        var failing = FailingCommits()
        let start = ContinuousClock.now
        let lines = (0..<60).filter { failing.isWorthALine(at: start + .seconds($0 * 3)) }
        #expect(lines == [10, 30, 50])
    }
}
