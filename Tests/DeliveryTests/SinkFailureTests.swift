import KafkaClient
import Logging
import Observability
import Records
import Runtime
import Settings
import Sinks
import TestSupport
import Testing

@testable import Delivery

/// What ends a sink, with which word, and what it comes through.
@Suite(.serialized) struct SinkFailureTests {
    /// Where a record can't be read.
    enum Unreadable: CaseIterable, Sendable {
        /// In the feed, before the sink is connected.
        case history
        /// In the feed, while it is read.
        case feed
        /// In the sink's own log.
        case log
    }

    /// Nothing is guessed about it, and nothing passes it over by itself.
    @Test(.timeLimit(.minutes(10)), arguments: Unreadable.allCases)
    func aRecordThatCannotBeReadEndsTheSinkWithItsPlaceAndOnRequestIsPassedOver(_ unreadable: Unreadable) async throws {
        let hook = try ScriptedSink.webhook("hook")
        try await SinkServiceFixture.run(hook) { fixture in
            let (feed, topics) = (fixture.feed, fixture.feed.topics)
            let isOfLog = unreadable == .log
            let place = TopicPlace(topic: isOfLog ? topics.notifications : topics.alerts, partition: 0, offset: 0)
            if unreadable == .feed {
                try feed.publish(.open, "connected", partition: 1)
                try fixture.start()
                #expect(hook.next(1) == [.init("open connected")])
                // What was told and is not in the log yet is told once more by who comes next.
                let isLogged = try eventually { try !feed.records(topics.notifications).isEmpty }
                #expect(isLogged)
            }
            try feed.write(
                Array("{broken".utf8), to: place.topic, partition: 0, key: Array("hook/0/1/slo/broken".utf8))
            if unreadable != .feed { try fixture.start() }
            let reason = fixture.awaitEnd()
            #expect(reason.contains("the record at offset 0 of \(place.topic)[0] can't be used"), "\(reason)")
            #expect(reason.contains("--skip \(place)"), "\(reason)")
            try feed.publish(.open, "behind", partition: 0)
            try fixture.start(skips: [place])
            #expect(hook.next(1) == [.init("open behind")])
            #expect(fixture.says("a record is passed over on request"))
            #expect(fixture.stop() == "" && hook.rest == [])
        }
    }

    /// What the sink was told of a partition would be looked for in another one.
    @Test(.timeLimit(.minutes(10)))
    func aLogWithOtherPartitionsThanItHadEndsTheSinkBeforeItSendsAnything() async throws {
        let hook = try ScriptedSink.webhook("hook")
        try await SinkServiceFixture.run(hook) { fixture in
            try fixture.feed.publish(.open, "unsent", partition: 0)
            try fixture.feed.commit(0, metadata: "notifications=2", group: hook.settings.group(of: "tidewatch"))
            try fixture.start()
            let reason = fixture.awaitEnd()
            #expect(reason.contains("the topic t.notifications had 2 partitions and has 3"), "\(reason)")
            #expect(hook.rest == [])
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func withoutTheTopicOfTheLogTheSinkEndsWithWhatToDo() async throws {
        let hook = try ScriptedSink.webhook("hook")
        try await SinkServiceFixture.run(hook) { fixture in
            try fixture.feed.publish(.open, "unsent", partition: 0)
            fixture.feed.broker.setTopicError(fixture.feed.topics.notifications, .unknownTopicOrPartition)
            try fixture.start()
            let reason = fixture.awaitEnd()
            #expect(reason.contains("the topic t.notifications does not exist; create it, or set"), "\(reason)")
            #expect(hook.rest == [])
        }
    }

    /// The broker does not say at once what the group has committed.
    @Test(.timeLimit(.minutes(10)))
    func whatCannotBeRestoredAtOnceIsRestoredLaterAndToldOnce() async throws {
        let hook = try ScriptedSink.webhook("hook")
        try await SinkServiceFixture.run(hook) { fixture in
            try fixture.feed.publish(.open, "open", partition: 0)
            fixture.feed.broker.pushErrors([KafkaError.Code(rawValue: 30)], on: .offsetFetch)
            try fixture.start()
            #expect(hook.next(1) == [.init("open open")])
            #expect(fixture.says("what a sink was told is not restored yet"))
            #expect(fixture.stop() == "" && hook.rest == [])
        }
    }

    /// The group has given its partitions away, so what it knows is nothing worth, and is read again. The request that is answered just then may not be
    /// in the log before that is read, and is made once more.
    @Test(.timeLimit(.minutes(10)))
    func aMemberThatItsGroupHasForgottenJoinsAgainAndLosesNothing() async throws {
        let hook = try ScriptedSink.webhook("hook")
        try await SinkServiceFixture.run(hook) { fixture in
            let feed = fixture.feed
            try feed.publish(.open, "a", partition: 0)
            try fixture.start()
            #expect(hook.next(1) == [.init("open a")])
            /// The generations of the group in which the log was written.
            func writers() throws -> Set<Substring> {
                Set(
                    try feed.records(feed.topics.notifications).compactMap {
                        String(decoding: $0.value, as: UTF8.self).firstMatch(of: /"writer":(\d+)/)?.output.1
                    })
            }
            let isLogged = try eventually { try writers().count == 1 }
            #expect(isLogged)
            feed.broker.pushErrors([.unknownMember], on: .heartbeat)
            // All along, so that some are read before and some after.
            var published = ["resolved a"]
            let isJoinedAgain = try eventually {
                try feed.publish(.open, "b\(published.count)", partition: 1)
                published.append("open b\(published.count)")
                return try writers().count == 2
            }
            #expect(isJoinedAgain)
            try feed.publish(.resolved, "a", partition: 0)
            var answered = hook.next(published.count).map(\.what)
            while Set(answered) != Set(published) {
                let more = hook.next(1).map(\.what)
                if more.isEmpty { break }
                answered += more
            }
            #expect(fixture.stop() == "")
            answered += hook.rest.map(\.what)
            #expect(Set(answered) == Set(published) && answered.count <= published.count + 1, "\(answered)")
        }
    }

    /// Before anything is connected, with the setting and without the secret.
    @Test func whatCannotBeASinkIsRefusedWithTheSettingAtFault() {
        func reason(_ sink: SinkSettings, _ environment: [String: String] = [:]) -> String {
            do throws(SinkService.Failure) {
                let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                let settings = RunSettings(name: "test", kafka: .init(bootstrapServers: []), inputs: [])
                _ = try SinkService(
                    sink, of: settings, metrics: MetricsRegistry(), brokers: BrokerLog(logger: logger), logger: logger,
                    environment: environment)
                return "nothing"
            } catch { return error.description }
        }
        let pagerDuty = PagerDutySettings(routingKey: Secret("t0o-short"))
        let key = SinkSettings(name: "pages", destination: pagerDuty)
        #expect(reason(key).hasPrefix("sink pages: routingKey: expected 32 letters and digits"))
        #expect(!reason(key).contains("t0o-short"))
        func hook(_ url: String) -> SinkSettings {
            SinkSettings(name: "hook", destination: WebhookSettings(url: url, secret: Secret("s3cret of 16 bytes")))
        }
        let short = WebhookSettings(url: "https://sink.example/", secret: Secret("s3cret"))
        #expect(
            reason(SinkSettings(name: "hook", destination: short)) == "sink hook: secret: it is shorter than 16 bytes")
        #expect(reason(hook("")) == "sink hook: its address is none")
        #expect(
            reason(hook("https://sink.example/"), ["HTTPS_PROXY": "ftp://me:s3cret@proxy.example"])
                == "sink hook: the environment's HTTPS_PROXY is a proxy of a kind that is not spoken; http:// and "
                + "socks5:// are")
    }
}
