import Alerting
import TelemetryModel
import Testing

@testable import Sinks

/// The engine step by step: order, waits, bounds, refusals.
@Suite struct DeliveryEngineTests {
    @Test func anAlertIsSentOnceOpenAndOnceResolved() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 1)
        bench.settle()
        bench.read(.resolved, "a", 5)
        bench.settle()
        #expect(bench.sent == ["open slo/a 1", "resolved slo/a 5"])
        #expect(bench.committed[0] == 2)
        #expect(bench.counts == [.accepted: 2])
    }

    @Test func anOffsetIsCommittedWhenTheLogIsAcknowledgedAndNotBefore() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 1)
        #expect(bench.logs.isEmpty && bench.committed.isEmpty)
        bench.answer(202)
        #expect(bench.logs.count == 1 && bench.committed.isEmpty)
        bench.acknowledge()
        #expect(bench.committed == [0: 1])
    }

    @Test func anAlertThatWaitsHoldsUpNoOther() {
        var bench = Bench()
        bench.begin()
        for (minute, name) in ["bad", "b", "c"].enumerated() { bench.read(.open, name, Int64(minute)) }
        bench.read(.resolved, "bad", 10)
        bench.answer(500)
        bench.settle()
        #expect(
            bench.sent == ["open slo/bad 0", "open slo/b 1", "open slo/c 2", "open slo/bad 0", "resolved slo/bad 10"])
        #expect(bench.committed[0] == 4)
    }

    @Test func offsetsBehindOneThatWaitsAreNotCommitted() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0)
        bench.settle()
        bench.read(.open, "bad", 1)
        bench.read(.open, "b", 2)
        bench.answer(500)
        bench.answer(202)
        bench.acknowledge()
        // Brought forward by what was taken, it fails again.
        bench.answer(500)
        bench.read(.open, "c", 3)
        bench.settle()
        #expect(bench.committed[0] == 1)
        bench.pass(seconds: 300)
        bench.settle()
        #expect(bench.committed[0] == 4)
    }

    @Test func oneTransitionIsOnItsWayUntilTheLogHasIt() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0)
        bench.read(.open, "b", 0)
        bench.answer(202)
        #expect(bench.posts.isEmpty)
        bench.acknowledge()
        #expect(bench.posts.map(\.word) == ["open slo/b 0"])
    }

    @Test func waitsDoubleAndTheSinksWishIsHonoured() {
        func wait(after status: Int, failures: Int, retryAfter: Int64? = nil) -> Double {
            var bench = Bench()
            bench.begin()
            bench.read(.open, "a", 0)
            for _ in 1..<failures {
                bench.answer(500)
                bench.pass(seconds: 300)
            }
            bench.answer(status, retryAfter: retryAfter)
            var seconds = 0.0
            while bench.posts.isEmpty {
                bench.pass(seconds: 0.25)
                seconds += 0.25
            }
            return seconds
        }
        for (failures, longest) in [(1, 1.0), (2, 2), (3, 4), (4, 8), (9, 256), (10, 300), (20, 300)] {
            let seconds = wait(after: 500, failures: failures)
            #expect((longest / 2...longest + 0.25).contains(seconds), "\(failures): \(seconds)")
        }
        #expect(wait(after: 503, failures: 1, retryAfter: 40) == 40)
        #expect(wait(after: 429, failures: 1) == 15)
        #expect(wait(after: 503, failures: 1, retryAfter: 1_000_000) == 3600)
    }

    @Test func aLimitOfRequestsHoldsAllAndABusyAnswerOne() {
        for (status, sentMeanwhile) in [(429, 1), (503, 2)] {
            var bench = Bench()
            bench.begin()
            bench.read(.open, "a", 0)
            bench.read(.open, "b", 0)
            bench.answer(status, retryAfter: 30)
            bench.settle()
            #expect(bench.sent.count == sentMeanwhile)
            bench.pass(seconds: 29)
            bench.settle()
            #expect(bench.sent.count == sentMeanwhile)
            bench.pass(seconds: 1)
            bench.settle()
            #expect(bench.sent.count == 3, "\(status)")
        }
    }

    @Test func whatIsRefusedIsSetApartWithTheAnswersWordsAndTheNextGoesOn() throws {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0)
        bench.read(.open, "b", 1)
        bench.answer(400, "Event object\n\tis invalid " + String(repeating: "x", count: 10_000))
        let letter = try #require(bench.letters.first)
        #expect(letter.refusal.description.hasPrefix("status 400: Event object is invalid xxx"))
        #expect(letter.refusal.words.utf8.count <= SinkRefusal.wordsBytesMax)
        #expect(letter.record.value == transition(key: DedupKey(kind: "slo", name: "a")).json)
        #expect(bench.posts.isEmpty && bench.committed.isEmpty, "not before the letter is acknowledged")
        bench.settle()
        #expect(bench.committed[0] == 2)
        #expect(bench.counts == [.refused: 1, .accepted: 1])
        #expect(bench.troubles.isEmpty)
    }

    @Test func aRedirectionIsRefused() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0)
        bench.answer(307)
        #expect(bench.letters.first?.refusal.words.contains("redirection") == true)
    }

    @Test func troubleIsSaidAtOnceAndEachMinuteWithTheAnswersWordsAndItsEndOnce() throws {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0)
        bench.read(.open, "b", 0)
        bench.answer(500, "first")
        #expect(bench.troubles.map(\.cause.description) == ["status 500: first"])
        bench.answer(500, "second")
        for _ in 0..<600 {
            bench.pass(seconds: 1)
            while !bench.posts.isEmpty { bench.answer(503, "still") }
        }
        #expect(bench.troubles.count == 11)
        let last = try #require(bench.troubles.last)
        #expect(last.cause.description == "status 503: still" && last.since == at(0))
        #expect(last.nanoseconds == 600_000_000_000 && last.failing == 2 && last.waiting == 2 && !last.isPartial)
        #expect(bench.recoveries.isEmpty)
        while bench.posts.isEmpty { bench.pass(seconds: 1) }
        bench.settle()
        #expect(bench.recoveries.count == 1)
        bench.pass(seconds: 120)
        #expect(bench.troubles.count <= 16 && bench.engine.waiting == 0)
    }

    @Test func recoveryBringsAllForwardAndAPoisonOnlyOnce() {
        var bench = Bench()
        bench.begin()
        for number in 0..<20 { bench.read(.open, "k\(number)", 0) }
        for _ in 0..<40 {
            while !bench.posts.isEmpty { bench.answer(500) }
            bench.pass(seconds: 60)
        }
        while !bench.posts.isEmpty { bench.answer(500) }
        while bench.posts.isEmpty { bench.pass(seconds: 1) }
        bench.settle()
        #expect(bench.engine.waiting == 0, "all that failed while nothing was taken need not wait")

        bench.read(.open, "poison", 1)
        bench.answer(500)
        let before = bench.sent.count { $0 == "open slo/poison 1" }
        for number in 0..<100 {
            bench.read(.open, "n\(number)", 2)
            while let post = bench.posts.first {
                bench.answer(post.word == "open slo/poison 1" ? 500 : 202)
                bench.acknowledge()
            }
        }
        #expect(bench.sent.count { $0 == "open slo/poison 1" } == before + 1)
        #expect(bench.engine.waiting == 1)
    }

    @Test func aPartitionWithTooMuchThatWaitsIsPausedAndGoesOnAtHalf() {
        var limits = DeliveryLimits()
        limits.waitingMax = 10
        var bench = Bench(limits)
        bench.begin(0)
        bench.begin(1)
        for number in 0..<11 { bench.read(.open, "k\(number)", 0) }
        bench.read(.open, "other", 0, partition: 1)
        #expect(bench.paused == [0])
        #expect(bench.engine.pausedPartitions == [0])
        for _ in 0..<5 {
            bench.answer(202)
            bench.acknowledge()
        }
        #expect(bench.paused == [0])
        bench.answer(202)
        bench.acknowledge()
        #expect(bench.paused.isEmpty)
        bench.settle()
        #expect(bench.sent.count == 12)

        limits.waitingMax = 1000
        limits.waitingBytesMax = 2000
        var bytes = Bench(limits)
        bytes.begin()
        bytes.read(transition(summary: String(repeating: "x", count: 1000)))
        #expect(bytes.paused.isEmpty)
        bytes.read(transition(.resolved, minute: 1, summary: String(repeating: "x", count: 1000)))
        #expect(bytes.paused == [0])
    }

    @Test func theBacklogAndItsOldestAreKnown() {
        var bench = Bench()
        bench.begin()
        #expect(bench.engine.oldestWaiting == nil)
        bench.read(.open, "a", 3)
        bench.read(.open, "b", 4)
        #expect(bench.engine.waiting == 2 && bench.engine.oldestWaiting == at(3))
        bench.answer(202)
        bench.acknowledge()
        #expect(bench.engine.waiting == 1 && bench.engine.oldestWaiting == at(4))
    }

    @Test func aPartitionThatLeavesIsQuietOnceWhatIsOnItsWayIsInTheLog() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0)
        bench.read(.open, "b", 0)
        bench.step(.leaving(partition: 0))
        #expect(!bench.engine.isQuiet(0))
        bench.answer(202)
        #expect(!bench.engine.isQuiet(0))
        bench.acknowledge()
        #expect(bench.engine.isQuiet(0) && bench.committed[0] == 1)
        #expect(bench.sent == ["open slo/a 0"], "nothing new begins")
        bench.step(.gone(partition: 0))
        #expect(bench.engine.waiting == 0)
    }

    @Test func aPartitionThatIsRevokedInFlightFreesItsPlaceAndItsAnswerChangesNothing() throws {
        var bench = Bench()
        bench.begin(0)
        bench.begin(1)
        bench.read(.open, "a", 0)
        bench.read(.open, "b", 0, partition: 1)
        #expect(bench.posts.count == 1)
        bench.step(.gone(partition: 0))
        #expect(bench.posts.map(\.word) == ["open slo/a 0", "open slo/b 0"])
        bench.answer(202)
        #expect(bench.logs.isEmpty && bench.committed.isEmpty)
        bench.settle()
        #expect(bench.committed == [1: 1])
    }

    @Test func aMemberThatStoodStillSendsNothingUntilTheGroupConfirmsIt() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0)
        bench.read(.open, "b", 0)
        bench.standStill(seconds: 12)
        // The answer comes with the first step after it, and would make room for the next request.
        bench.answer(202)
        bench.acknowledge()
        bench.read(.open, "c", 0)
        bench.pass(seconds: 60)
        #expect(bench.sent == ["open slo/a 0"] && bench.engine.isInDoubt)
        bench.step(.confirmed)
        bench.settle()
        #expect(bench.sent == ["open slo/a 0", "open slo/b 0", "open slo/c 0"])
    }

    @Test func whatTimesOutWhileAMemberStoodStillIsNotSentAgainBeforeThat() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0)
        bench.answer(500)
        bench.standStill(seconds: 12)
        bench.step(.tick)
        #expect(bench.sent == ["open slo/a 0"])
        bench.step(.confirmed)
        #expect(bench.sent == ["open slo/a 0", "open slo/a 0"])
    }

    @Test func aMemberThatTakesItsTurnsIsNotInDoubt() {
        var bench = Bench()
        bench.standStill(seconds: 12)
        bench.begin()
        for _ in 0..<10 { bench.pass(seconds: 4.9) }
        #expect(!bench.engine.isInDoubt)
    }

    @Test func anHourOf500OpensAndClosesOnceEach() {
        for seed in UInt64(0)..<20 {
            var bench = Bench(seed: seed)
            bench.begin()
            var taken: [String] = []
            for second in 0..<7200 {
                if second == 60 { bench.read(.open, "a", 1) }
                if second == 1200 { bench.read(.resolved, "a", 20) }
                if second == 1800 { bench.read(.open, "b", 30) }
                bench.pass(seconds: 1)
                while let post = bench.posts.first {
                    let isBroken = second < 3600
                    if !isBroken { taken.append(post.word) }
                    bench.answer(isBroken ? 500 : 202)
                    bench.acknowledge()
                }
            }
            #expect(taken.sorted() == ["open slo/a 1", "open slo/b 30", "resolved slo/a 20"], "seed \(seed)")
            #expect(taken.filter { $0.contains("/a") } == ["open slo/a 1", "resolved slo/a 20"], "seed \(seed)")
            #expect(bench.engine.waiting == 0 && bench.committed[0] == 3)
            // An hour of an alert with waits up to five minutes: no hammering.
            #expect((15...45).contains(bench.sent.count { $0 == "open slo/a 1" }), "seed \(seed): \(bench.sent.count)")
        }
    }
}
