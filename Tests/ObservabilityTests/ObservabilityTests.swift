import Synchronization
import Testing

@testable import Observability

@Suite struct MetricsRegistryTests {
    @Test func familiesAndSeriesAreInOrderWithHelpAndType() {
        let registry = MetricsRegistry()
        registry.add(.messagesConsumed, [("topic", "b")], by: 2)
        registry.add(.messagesConsumed, [("topic", "a")])
        registry.add(.messagesConsumed, [("topic", "a")])
        registry.set(.alertsOpen, to: 1.5)
        #expect(
            registry.exposition() == """
                # HELP tidewatch_alerts_open Alerts that are open now.
                # TYPE tidewatch_alerts_open gauge
                tidewatch_alerts_open 1.5
                # HELP tidewatch_messages_consumed_total Kafka messages consumed, by topic.
                # TYPE tidewatch_messages_consumed_total counter
                tidewatch_messages_consumed_total{topic="a"} 2
                tidewatch_messages_consumed_total{topic="b"} 2

                """)
    }

    @Test func whatASourceNoLongerHasIsNotShown() {
        let registry = MetricsRegistry()
        let open = Mutex<[String]>(["a", "b"])
        registry.collect {
            open.withLock { $0 }.map { MetricSample(.objectiveGood, [("slo", $0)], 1) }
        }
        #expect(registry.value(.objectiveGood, [("slo", "b")]) == 1)
        open.withLock { $0 = ["a"] }
        #expect(registry.value(.objectiveGood, [("slo", "b")]) == nil)
        #expect(!registry.exposition().contains("slo=\"b\""))
        #expect(registry.exposition().contains("tidewatch_slo_good{slo=\"a\"} 1\n"))
    }

    @Test func theProcessSaysWhatItTakes() throws {
        let registry = MetricsRegistry()
        registry.collect(from: ProcessMetrics.samples)
        #expect(try #require(registry.value(.processCPU)) > 0)
        #expect(try #require(registry.value(.processResidentMemory)) > 1_048_576)
        #expect(try #require(registry.value(.processOpenFilesMax)) >= #require(registry.value(.processOpenFiles)))
        #expect(try #require(registry.value(.processStart)) > 1_700_000_000)
    }

    @Test func labelValuesAreEscaped() {
        let registry = MetricsRegistry()
        registry.set(.objectiveGood, [("slo", "a\"b\\c\nd\r\ne\u{1B}")], to: 1)
        // One line, in which nothing acts: a line's end is shown, not kept as the format's own escape.
        #expect(registry.exposition().hasSuffix(#"tidewatch_slo_good{slo="a\"b\\c\\nd\\r\\ne\\u{1B}"} 1"# + "\n"))
    }
}

@Suite struct ReadinessTests {
    @Test func aMemberWithPartitionsIsReadyAgainWhenTheGroupTakesItsCommitAndNotWhenABrokerIsUp() {
        let readiness = Readiness()
        readiness.set(.ready)
        readiness.awaitCommits { true }
        readiness.degrade("no broker answers")
        readiness.recover()
        #expect(readiness.current == .degraded("no broker answers"))
        readiness.confirmMembership()
        #expect(readiness.current == .ready)
    }

    @Test func aMemberThatLostItsPartitionsIsReadyAgainWhenItHasSome() {
        let readiness = Readiness()
        readiness.set(.ready)
        readiness.degrade("no broker answers")
        readiness.lose()
        readiness.recover()
        #expect(readiness.current == .degraded("waiting for the group to assign partitions anew"))
        readiness.confirmMembership()
        #expect(readiness.current != .ready)
        readiness.assign()
        #expect(readiness.current == .ready)
    }

    @Test func brokerThatComesBackMakesItReadyAgain() {
        let readiness = Readiness()
        readiness.set(.ready)
        readiness.degrade("no broker answers")
        #expect(readiness.current == .degraded("no broker answers"))
        readiness.recover()
        #expect(readiness.current == .ready)
    }

    @Test func brokerAloneDoesNotMakeItReady() {
        let readiness = Readiness()
        let before = readiness.current
        readiness.degrade("no broker answers")
        readiness.recover()
        #expect(readiness.current == before)
    }

    @Test func nothingLeavesStopping() {
        let readiness = Readiness()
        readiness.set(.stopping)
        readiness.set(.ready)
        readiness.degrade("no broker answers")
        readiness.recover()
        #expect(readiness.current == .stopping)
    }
}
