import Observability
import Testing

@testable import KafkaClient
@testable import Runtime

/// A broker that hangs is told from one that is idle, one that is slow, and one that is gone.
@Suite struct SilentBrokerTests {
    private static let start = ContinuousClock.now

    private func broker(
        _ received: Int, waiting: Int, silentFor seconds: Int, state: String = "UP"
    ) -> [KafkaStatistics.Broker] {
        [
            KafkaStatistics.Broker(
                name: "b:1/1", state: state, waitingRequests: waiting, bytesReceived: received,
                silence: .seconds(seconds))
        ]
    }

    private func at(_ seconds: Int) -> ContinuousClock.Instant { Self.start + .seconds(seconds) }

    @Test func whoLeavesRequestsWaitingIsSilentWithinElevenSecondsUntilItIsHeard() {
        var brokers = SilentBrokers()
        // It hangs from 1 s on.
        #expect(brokers.note(broker(10, waiting: 1, silentFor: 0), of: 1, at: at(1)).began == [])
        #expect(brokers.note(broker(10, waiting: 1, silentFor: 5), of: 1, at: at(6)).began == [])
        #expect(brokers.note(broker(10, waiting: 2, silentFor: 10), of: 1, at: at(11)).began == ["b:1"])
        #expect(brokers.silent == ["b:1": at(1)])
        #expect(brokers.note(broker(10, waiting: 2, silentFor: 15), of: 1, at: at(16)).ended.isEmpty)
        #expect(brokers.note(broker(20, waiting: 1, silentFor: 0), of: 1, at: at(21)).ended == ["b:1": .seconds(20)])
        #expect(brokers.silent.isEmpty)
    }

    @Test func anIdleConnectionAndARequestAfterAPauseAreNotSilence() {
        var brokers = SilentBrokers()
        for second in stride(from: 0, to: 60, by: 5) {
            #expect(brokers.note(broker(10, waiting: 0, silentFor: second), of: 1, at: at(second)).began == [])
        }
        #expect(brokers.note(broker(10, waiting: 1, silentFor: 60), of: 1, at: at(60)).began == [])
        #expect(brokers.note(broker(12, waiting: 1, silentFor: 1), of: 1, at: at(65)).began == [])
    }

    @Test func aRequestThatTakesItsTimeIsNoSilenceWhereAnotherClientIsAnswered() {
        var brokers = SilentBrokers()
        for second in stride(from: 0, to: 60, by: 5) {
            #expect(brokers.note(broker(10, waiting: 1, silentFor: second), of: 1, at: at(second)).began == [])
            #expect(brokers.note(broker(100 + second, waiting: 1, silentFor: 0), of: 2, at: at(second)).began == [])
        }
    }

    @Test func oneWhoseConnectionIsGoneIsAnotherFault() {
        var brokers = SilentBrokers()
        for second in [1, 6, 11] { _ = brokers.note(broker(1, waiting: 1, silentFor: second), of: 1, at: at(second)) }
        #expect(!brokers.silent.isEmpty)
        _ = brokers.note(broker(1, waiting: 0, silentFor: 60, state: "DOWN"), of: 1, at: at(60))
        #expect(brokers.silent.isEmpty)
    }

    @Test func readinessSaysWhichBrokerAndIsBackAsAfterAnyOutage() {
        let readiness = Readiness()
        readiness.set(.ready)
        readiness.fallSilent("b:1: no answer for 9 s")
        readiness.confirmMembership()
        #expect(readiness.current == .degraded("b:1: no answer for 9 s"), "one commit may have been on its way")
        readiness.fallSilent("b:1: no answer for 14 s")
        readiness.awaitCommits { true }
        readiness.fallSilent(nil)
        #expect(readiness.current != .ready, "a member waits for the group to take a commit")
        readiness.fallSilent("b:1: no answer for 9 s")
        readiness.awaitCommits { false }
        readiness.fallSilent(nil)
        #expect(readiness.current == .ready)
    }

    @Test func aStartSaysWhatKeepsIt() {
        let readiness = Readiness()
        readiness.explainStart { "b:1: no answer" }
        #expect(readiness.current == .starting("waiting for the first assignment; b:1: no answer"))
        readiness.set(.ready)
        #expect(readiness.current == .ready)
    }
}
