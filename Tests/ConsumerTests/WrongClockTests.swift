import Runtime
import Synchronization
import TelemetryModel
import TestSupport
import Testing

@testable import Consumer

/// Members whose hosts' clocks are wrong, over a broker whose clock is right.
@Suite(.serialized) struct WrongClockTests {
    /// How far a host's clock is off, which may change.
    private final class Offset: Sendable {
        private let seconds: Mutex<Int64>
        init(_ seconds: Int64) { self.seconds = Mutex(seconds) }
        func set(_ value: Int64) { seconds.withLock { $0 = value } }

        var clock: TrustedClock {
            TrustedClock(
                broker: Timestamp.now,
                host: { [self] in Timestamp.now().advanced(by: seconds.withLock { $0 } * 1_000_000_000) })
        }
    }

    private func isOff(_ member: RunningPipeline) -> Bool {
        eventually(while: { member.isRunning }) { member.metrics.value(.clockIsOff) == 1 }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [-3600, 3600])
    func aMemberBeyondTheBoundCountsNothingAndSaysSoAndAnotherTakesOver(_ seconds: Int64) async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 120, failing: 4)
            let wrong = Offset(seconds)
            let member = try cluster.run(clock: wrong.clock)
            #expect(self.isOff(member))
            guard case .starting(let reason) = member.readiness.current else {
                Issue.record("\(member.readiness.current)")
                return
            }
            let side = seconds > 0 ? "ahead of" : "behind"
            #expect(reason == "takes no partitions: the host's clock is 3600 s \(side) the broker's")
            let right = try cluster.run(clock: Offset(0).clock)
            #expect(try cluster.isCounted(while: right, member))
            #expect(member.metrics.value(.rebalances, [("direction", "assigned")]) ?? 0 == 0)
            #expect(right.stop() == nil)
            try cluster.send(calls: 60, failing: 3)
            // Set right, it takes what the other has left.
            wrong.set(0)
            #expect(try cluster.isCounted(while: member))
            #expect(member.metrics.value(.clockIsOff) == 0)
            #expect(member.metrics.value(.clockIsHosts) == 0)
            #expect(member.isReady())
            #expect(member.stop() == nil)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aMemberThatOnlyEvaluatesAsksForTheBrokersTimeAndGoesOnWhenItsHostsClockIsOff() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            let evaluator = try cluster.run([.evaluate], clock: Offset(3600).clock)
            #expect(self.isOff(evaluator))
            #expect(evaluator.isReady())
            // Nobody else is there that writes one.
            #expect(try cluster.records(in: CallsCluster.topics.registers) == 1)
            try cluster.send(calls: 120, failing: 4)
            let counter = try cluster.run([.count], clock: Offset(0).clock)
            #expect(try cluster.isCounted(while: counter, evaluator))
            #expect(counter.stop() == nil)
            #expect(evaluator.stop() == nil)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aClockThatStepsWhileItCountsGivesPartitionsUpToTheUnit() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 120, failing: 4)
            let stepping = Offset(40)
            let first = try cluster.run(clock: stepping.clock)
            #expect(try cluster.isCounted(while: first))
            let second = try cluster.run(clock: Offset(-40).clock)
            stepping.set(3600)
            #expect(self.isOff(first))
            try cluster.send(calls: 120, failing: 5)
            #expect(try cluster.isCounted(while: first, second))
            #expect(first.stop() == nil)
            #expect(second.stop() == nil)
            #expect(try cluster.counted() == cluster.expected)
        }
    }
}
