import TestSupport
import Testing

@testable import Delivery
@testable import Settings
@testable import Sinks

/// From the feed to the receivers, over stops and starts.
@Suite(.serialized) struct SinkServiceTests {
    @Test(.timeLimit(.minutes(10)))
    func eachSinkIsToldEachTransitionOnceAlthoughItFailedAndTheProcessWasStartedAgain() async throws {
        let (pager, hook) = (try ScriptedSink.pagerDuty(SinkSettings.pagerDutyName), try ScriptedSink.webhook("hook"))
        try await SinkServiceFixture.run(pager, hook) { fixture in
            let feed = fixture.feed
            pager.answer(.init(status: 500))
            hook.answer(.init(status: 429))
            try feed.publish(.open, "early", partition: 0)
            try feed.publish(.resolved, "ended", partition: 1)
            try fixture.start()
            #expect(pager.next(2) == [.init("open early", 500), .init("open early")])
            #expect(hook.next(2) == [.init("open early", 429), .init("open early")])
            #expect(fixture.says("PagerDuty takes no alerts") && fixture.says("the webhook hook answers again"))
            try feed.publish(.resolved, "early", partition: 0)
            for sink in [pager, hook] { #expect(sink.next(1) == [.init("resolved early")]) }
            #expect(fixture.stop() == "")
            // While nobody runs; the end of what was opened twice is told once.
            try feed.publish(.open, "late", partition: 0)
            try feed.publish(.open, "late", partition: 0)
            try feed.publish(.resolved, "late", partition: 0)
            try fixture.start()
            for sink in [pager, hook] { #expect(sink.next(2) == [.init("open late"), .init("resolved late")]) }
            #expect(fixture.stop() == "")
            for sink in [pager, hook] {
                #expect(sink.rest == [])
                #expect(fixture.requests(sink, "accepted") == 4 && fixture.requests(sink, "retried") == 1)
                #expect(fixture.requests(sink, "refused") == 0)
                #expect(fixture.silent(sink, "not_open") == 1 && fixture.silent(sink, "already_open") == 1)
            }
            // Of each sink one for each decision: the log is of each.
            #expect(try feed.records(feed.topics.notifications).count == 12)
            #expect(try feed.records(feed.topics.deadLetter).isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func aKeyThatIsReplacedInItsFileIsThatOfTheNextRequestAndNoneThatIsNoKey() async throws {
        let folder = try TemporaryFolder()
        let keys = ["a", "b"].map { String(repeating: $0, count: 32) }
        let file = try SecretFile(try folder.write(keys[0], to: "key"))
        let pager = try ScriptedSink.pagerDuty("on-call", key: file.current)
        try await SinkServiceFixture.run(pager) { fixture in
            try fixture.feed.publish(.open, "before", partition: 0)
            try fixture.start()
            #expect(pager.next(1) == [.init("open before")])
            try folder.write(keys[1] + "\n", to: "key")
            #expect(try file.reread())
            try fixture.feed.publish(.open, "after", partition: 0)
            #expect(pager.next(1) == [.init("open after")])
            try folder.write("no key", to: "key")
            #expect(throws: SinkFault.self) { try file.reread() }
            try fixture.feed.publish(.open, "later", partition: 1)
            #expect(pager.next(1) == [.init("open later")])
            #expect(pager.keys == [keys[0], keys[1], keys[1]])
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func whatASinkRefusesIsInTheDeadLettersWithItsReasonOnceAndHoldsUpNothing() async throws {
        let pager = try ScriptedSink.pagerDuty("on-call")
        try await SinkServiceFixture.run(pager) { fixture in
            let feed = fixture.feed
            let answer = #"{"status":"invalid event","message":"Event object is invalid","errors":["summary is bad"]}"#
            pager.answer(.init(status: 400, body: answer))
            let refused = try feed.publish(.open, "refused", partition: 0)
            try fixture.start()
            #expect(pager.next(1) == [.init("open refused", 400)])
            #expect(fixture.says("PagerDuty (on-call) refused an alert"))
            try feed.publish(.open, "taken", partition: 0)
            #expect(pager.next(1) == [.init("open taken")])
            #expect(fixture.stop() == "")
            try feed.publish(.open, "marker", partition: 0)
            try fixture.start()
            #expect(pager.next(1) == [.init("open marker")])
            #expect(fixture.stop() == "")
            #expect(pager.rest == [] && fixture.requests(pager, "refused") == 1)
            let letters = try feed.records(feed.topics.deadLetter)
            #expect(letters.map(\.value) == [refused])
            #expect(letters.first?.header("tidewatch_reason") == "pagerduty_refused")
            let detail = letters.first?.header("tidewatch_detail") ?? ""
            #expect(detail.contains("400") && detail.contains("Event object is invalid: summary is bad"))
            #expect(!detail.contains(ScriptedSink.routingKey))
        }
    }

    /// Its group has committed what it sent, without the word of a log.
    @Test(.timeLimit(.minutes(10)))
    func whatAReleaseWithoutTheLogHasSentIsNotSentAgainAndItsEndIs() async throws {
        let pager = try ScriptedSink.pagerDuty(SinkSettings.pagerDutyName)
        try await SinkServiceFixture.run(pager) { fixture in
            try fixture.feed.publish(.open, "sent", partition: 0)
            try fixture.feed.commit(1, metadata: "", group: "tidewatch-pagerduty")
            try fixture.feed.publish(.open, "unsent", partition: 0)
            try fixture.feed.publish(.resolved, "sent", partition: 0)
            try fixture.start()
            #expect(pager.next(2) == [.init("open unsent"), .init("resolved sent")])
            #expect(fixture.stop() == "")
            #expect(pager.rest == [] && fixture.silent(pager, "said_before") == 1)
        }
    }
}
