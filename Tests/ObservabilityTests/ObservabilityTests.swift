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

@Suite struct DurationHistogramTests {
    @Test func eachBucketHoldsItsBoundAndAllThatIsBelow() {
        let registry = MetricsRegistry()
        for milliseconds in [0, 5, 6, 250, 251, 300_000, 300_001] {
            registry.observe(.pageSeconds, [("sink", "a")], .milliseconds(milliseconds))
        }
        let counts = [2, 3, 3, 3, 3, 4, 5, 5, 5, 5, 5, 5, 5, 6, 7]
        let bounds = [
            "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60", "300", "+Inf",
        ]
        let lines = zip(bounds, counts).map { #"tidewatch_page_seconds_bucket{sink="a",le="\#($0)"} \#($1)"# }
        #expect(
            registry.exposition().split(separator: "\n").dropFirst().map(String.init)
                == ["# TYPE tidewatch_page_seconds histogram"] + lines
                + [#"tidewatch_page_seconds_sum{sink="a"} 600.513"#, #"tidewatch_page_seconds_count{sink="a"} 7"#])
    }

    @Test func aDurationBelowZeroIsNone() {
        var histogram = DurationHistogram()
        histogram.observe(.milliseconds(-3))
        #expect(histogram.buckets[0].count == 1)
        #expect(histogram.sum == .zero)
    }

    @Test func oneThatCountedNothingIsShownAsEmptyAndKeepsWhatItCounted() {
        let registry = MetricsRegistry()
        registry.beginHistogram(.pageStepSeconds, [("step", "posted")])
        #expect(registry.exposition().contains("tidewatch_page_step_seconds_bucket{step=\"posted\",le=\"+Inf\"} 0\n"))
        registry.observe(.pageStepSeconds, [("step", "posted")], .seconds(1))
        registry.beginHistogram(.pageStepSeconds, [("step", "posted")])
        #expect(registry.exposition().contains("tidewatch_page_step_seconds_count{step=\"posted\"} 1\n"))
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

@Suite struct OverdueStopTests {
    @Test func aStopThatDoesNotComeToItsEndIsNoLife() {
        let readiness = Readiness()
        #expect(!readiness.isStopOverdue(at: .now + .seconds(3600)))
        readiness.set(.stopping)
        #expect(!readiness.isStopOverdue(at: .now + .seconds(50)))
        #expect(readiness.isStopOverdue(at: .now + Readiness.stopMax))
    }

    @Test func aTopicThatIsGoneIsSaidUntilItIsBack() {
        let readiness = Readiness()
        readiness.set(.ready)
        readiness.miss("topics of its own are gone: a")
        #expect(readiness.current == .degraded("topics of its own are gone: a"))
        readiness.miss(nil)
        #expect(readiness.current == .ready)
    }
}
