import Alerting
import JSON
import TelemetryModel
import Testing

@testable import Sinks

/// What is not sent, whatever the feed and the log went through.
@Suite struct NotificationLogTests {
    private let key = DedupKey(kind: "slo", name: "a")

    private func logged(
        _ said: NotificationEntry.Said, _ minute: Int64, epoch: Int64 = 0, writer: Int32 = 1
    ) -> NotificationRecord {
        NotificationRecord(
            sink: "word", partition: 0, key: key, writer: writer,
            entry: NotificationEntry(time: at(minute), epoch: epoch, said: said)
        )
    }

    // MARK: Three ways to a false page

    @Test func theLateOpenOfADeadOwnerNeverReopens() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0, epoch: 1)
        bench.read(.resolved, "a", 10, epoch: 2)
        bench.read(.open, "a", 0, epoch: 1)
        bench.read(.open, "a", 9, epoch: 1)
        bench.settle()
        #expect(bench.sent == ["open slo/a 0", "resolved slo/a 10"])
        #expect(bench.counts[.silent(.notLater)] == 2)
        #expect(bench.committed[0] == 4)
    }

    @Test func theLateOpenOfADeadOwnerNeverReopensWhatThisSinkWasNeverTold() {
        var bench = Bench()
        bench.begin(
            0, .connected, next: 5, history: [bench.record(transition(.resolved, key: key, minute: 10), offset: 4)])
        bench.settle()
        bench.read(.open, "a", 0)
        bench.settle()
        #expect(bench.sent.isEmpty)
    }

    @Test func anAlertThatOpensAtTheMomentOfItsEndPages() {
        for start in [FeedStart.resumed, .connected] {
            var bench = Bench()
            let (ended, opened) = (transition(.resolved, key: key, minute: 10), transition(.open, key: key, minute: 10))
            if start == .connected {
                bench.begin(
                    0, start, next: 2,
                    history: [bench.record(opened, offset: 1, epoch: 3), bench.record(ended, offset: 0, epoch: 3)])
            } else {
                bench.begin()
                bench.read(ended, epoch: 3)
                bench.read(opened, epoch: 3)
            }
            bench.settle()
            #expect(bench.sent == ["open slo/a 10"], "\(start)")
            // Read again in whatever order, it says nothing.
            bench.read(opened, epoch: 3)
            bench.read(ended, epoch: 3)
            bench.settle()
            #expect(bench.sent.count == 1 && bench.counts[.silent(.notLater)] == 2, "\(start)")
        }
    }

    @Test func ofTwoWritersOfOneMomentTheOneThatSaidOpenIsBelieved() {
        for log in [
            [logged(.resolved, 10, writer: 2), logged(.open, 10, writer: 1)],
            [logged(.open, 10, writer: 1), logged(.resolved, 10, writer: 2)],
        ] {
            var bench = Bench()
            bench.begin(writer: 3, log: log)
            bench.read(.resolved, "a", 11)
            bench.settle()
            #expect(bench.sent == ["resolved slo/a 11"])
        }
    }

    @Test func afterACommitThatFailedNothingIsSentAgain() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0)
        bench.read(.resolved, "a", 10)
        bench.settle()
        let before = bench.sent
        // The commits were lost: the next start reads both again.
        bench.begin(next: 0, writer: 2, log: [logged(.open, 0), logged(.resolved, 10)])
        bench.read(.open, "a", 0)
        bench.read(.resolved, "a", 10)
        bench.settle()
        #expect(bench.sent == before)
        #expect(bench.committed[0] == 2)
    }

    @Test func afterAnOutageInWhichThePartitionMovedNothingIsSentAgain() {
        // The sink is away for ten minutes; the partition moves while the open waits here.
        var first = Bench()
        first.begin()
        first.read(.open, "a", 0)
        for _ in 0..<600 {
            first.pass(seconds: 1)
            while !first.posts.isEmpty { first.answer(503) }
        }
        first.step(.gone(partition: 0))
        let requests = first.sent.count
        var second = Bench()
        second.begin(next: 0, writer: 2)
        second.read(.open, "a", 0)
        second.read(.resolved, "a", 10)
        second.settle()
        first.pass(seconds: 600)
        #expect(first.sent.count == requests, "what has gone is not sent from here")
        #expect(second.sent == ["open slo/a 0", "resolved slo/a 10"])
    }

    // MARK: Restoring

    @Test func aCompactedFeedOpensNothingAgain() {
        // Of open, resolved and the late open only the last is left, read from the beginning by a group that lost its offsets.
        var bench = Bench()
        bench.begin(
            0, .connected, next: 9, writer: 2, log: [logged(.resolved, 10)],
            history: [bench.record(transition(.open, key: key, minute: 0), offset: 8)])
        bench.settle()
        #expect(bench.sent.isEmpty)
        #expect(bench.committed[0] == 9)
    }

    @Test func theEndOfWhatWasOpenIsSentAfterARestart() {
        var bench = Bench()
        bench.begin(0, next: 3, writer: 2, log: [logged(.open, 0)])
        bench.read(.resolved, "a", 10)
        bench.settle()
        #expect(bench.sent == ["resolved slo/a 10"])
    }

    @Test func theEndOfWhatWasNeverSaidIsNotSent() {
        var bench = Bench()
        bench.begin()
        bench.read(.resolved, "a", 10)
        bench.settle()
        #expect(bench.sent.isEmpty && bench.counts == [.silent(.notOpen): 1])
        bench.read(.open, "a", 20)
        bench.settle()
        #expect(bench.sent == ["open slo/a 20"])
    }

    @Test func ofTwoOfOneEventTimeTheLaterEpochsCounts() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 5, epoch: 1)
        bench.read(.resolved, "a", 5, epoch: 2)
        bench.read(.open, "a", 5, epoch: 1)
        bench.settle()
        #expect(bench.sent == ["open slo/a 5", "resolved slo/a 5"])
    }

    @Test func aSinkThatIsConnectedLaterIsToldOfWhatIsOpen() {
        var bench = Bench()
        let (b, c) = (DedupKey(kind: "slo", name: "b"), DedupKey(kind: "slo", name: "c"))
        bench.begin(
            0, .connected, next: 6,
            history: [
                bench.record(transition(.open, key: key, minute: 1), offset: 0),
                bench.record(transition(.open, key: b, minute: 0), offset: 1),
                bench.record(transition(.resolved, key: key, minute: 2), offset: 2),
                bench.record(transition(.open, key: c, minute: 3), offset: 3),
            ])
        #expect(bench.committed.isEmpty, "a restart before the end has to begin in the same way")
        bench.settle()
        #expect(bench.sent == ["open slo/b 0", "open slo/c 3"])
        #expect(bench.committed[0] == 6)
    }

    @Test func whatAReleaseWithoutTheLogHasSentIsTakenOverOnce() {
        var bench = Bench()
        let b = DedupKey(kind: "slo", name: "b")
        bench.begin(
            0, .takenOver, next: 3,
            history: [
                bench.record(transition(.open, key: key, minute: 1), offset: 0),
                bench.record(transition(.open, key: b, minute: 1), offset: 1),
                bench.record(transition(.resolved, key: b, minute: 2), offset: 2),
            ])
        #expect(bench.sent.isEmpty && bench.committed.isEmpty)
        bench.acknowledge()
        #expect(bench.sent.isEmpty && bench.committed[0] == 3)
        bench.read(.resolved, "a", 5)
        bench.read(.open, "b", 6)
        bench.settle()
        #expect(bench.sent == ["resolved slo/a 5", "open slo/b 6"])
    }

    // MARK: What is past

    @Test func historyOpensNothingAndItsEndIsNotSent() {
        var bench = Bench()
        bench.begin()
        let hour: Int64 = 60
        bench.read(transition(.open, key: key, minute: 0), writtenAt: at(hour + 1))
        bench.read(transition(.resolved, key: key, minute: 5), writtenAt: at(hour + 1))
        bench.settle()
        #expect(bench.sent.isEmpty)
        #expect(bench.counts == [.silent(.past): 1, .silent(.notOpen): 1])
        bench.read(transition(.open, key: key, minute: 10), writtenAt: at(10 + hour))
        bench.settle()
        #expect(bench.sent == ["open slo/a 10"])
        bench.read(transition(.open, key: DedupKey(kind: "slo", name: "b"), minute: 10), isMarkedPast: true)
        bench.settle()
        #expect(bench.sent == ["open slo/a 10"])
    }

    @Test func theEndOfWhatIsOpenIsSentHoweverLate() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 0)
        bench.read(transition(.resolved, key: key, minute: 5), writtenAt: at(10_000))
        bench.settle()
        #expect(bench.sent == ["open slo/a 0", "resolved slo/a 5"])
    }

    @Test func anAlertThatAnEvaluatorCallsOpenAgainOnceItIsNoHistoryIsSent() {
        var bench = Bench()
        bench.begin()
        bench.read(transition(.open, key: key, minute: 0), writtenAt: at(600))
        bench.read(transition(.open, key: key, minute: 601), writtenAt: at(601))
        bench.settle()
        #expect(bench.sent == ["open slo/a 601"])
    }

    // MARK: Writers

    @Test func aLateRecordOfAFormerMemberHidesNothing() {
        var log = NotificationLog()
        log.restore(NotificationEntry(time: at(10), epoch: 0, said: .resolved), of: key, writer: 2)
        log.restore(NotificationEntry(time: at(0), epoch: 0, said: .open), of: key, writer: 1)
        #expect(log[key]?.said == .resolved)
        #expect(log.set(NotificationEntry(time: at(20), epoch: 0, said: .open), of: key, writer: 3) == [1, 2])
        #expect(log.set(NotificationEntry(time: at(30), epoch: 0, said: .resolved), of: key, writer: 3) == [])
        log.restore(nil, of: key, writer: 3)
        #expect(log[key] == nil)
    }

    @Test func recordsOfFormerWritersAreTakenBackBehindTheNewOne() {
        var bench = Bench()
        bench.begin(0, writer: 7, log: [logged(.open, 0, writer: 3), logged(.resolved, 5, writer: 4)])
        bench.read(.open, "a", 10)
        bench.answer(202)
        let records = bench.logs[0].records
        #expect(records.map(\.writer) == [7, 3, 4])
        #expect(records.map { $0.entry == nil } == [false, true, true])
    }

    @Test func whatTheFeedHasForgottenIsForgottenAndWhatIsOpenIsNot() {
        var limits = DeliveryLimits()
        limits.rememberedNanoseconds = limits.maxAgeNanoseconds
        var bench = Bench(limits)
        let b = DedupKey(kind: "slo", name: "b")
        bench.begin(
            0, writer: 2,
            log: [
                logged(.resolved, 0),
                NotificationRecord(
                    sink: "word", partition: 0, key: b, writer: 1,
                    entry: NotificationEntry(time: at(0), epoch: 0, said: .open)),
            ])
        bench.pass(seconds: 7200)
        #expect(
            bench.logs.flatMap(\.records) == [
                NotificationRecord(sink: "word", partition: 0, key: key, writer: 1, entry: nil)
            ])
        #expect(bench.engine.remembered == 1)
        // Read again, it might have been sent.
        bench.read(.open, "a", 0)
        bench.settle()
        #expect(bench.sent.isEmpty)
    }

    // MARK: The record

    @Test func whatIsWrittenReadsBackAlike() throws {
        let record = logged(.open, 5, epoch: 1 << 40, writer: 12)
        #expect(record.compactionKey == "word/0/12/\(key.text)")
        let bytes = try #require(record.json)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"sink":"word","partition":0,"writer":12,"dedup_key":"\#(key.text)","said":"open","#
                + #""time":"2026-11-20T10:05:00Z","epoch":1099511627776,"version":1}"#)
        let text = Array(record.compactionKey.utf8)
        #expect(try NotificationRecord(ofSink: "word", key: text, value: bytes) == record)
        #expect(try NotificationRecord(ofSink: "word", key: text, value: [])?.entry == nil)
        #expect(try NotificationRecord(ofSink: "wor", key: text, value: bytes) == nil)
        #expect(try NotificationRecord(ofSink: "words", key: text, value: Array("no JSON".utf8)) == nil)
    }

    @Test(arguments: [
        ("word/0/x/k", #"{"said":"open","time":"2026-11-20T10:05:00Z"}"#), ("word/0/1", #"{"said":"open"}"#),
        ("word/0/1/k", #"{"said":"open"}"#), ("word/0/1/k", #"{"time":"2026-11-20T10:05:00Z"}"#), ("word/0/1/k", "{"),
        ("word/0/1/k", #"{"said":"closed","time":"2026-11-20T10:05:00Z"}"#),
    ])
    func aRecordThatCannotBeIsRefused(key: String, value: String) {
        #expect(throws: JSONCursorError.self) {
            try NotificationRecord(ofSink: "word", key: Array(key.utf8), value: Array(value.utf8))
        }
    }

    @Test func aNewerRecordNamesBothVersions() {
        #expect {
            try NotificationRecord(
                ofSink: "word", key: Array("word/0/1/k".utf8), value: Array(#"{"said":{"new":1},"version":900}"#.utf8))
        } throws: { "\($0)".contains("900") && "\($0)".contains("\(RecordVersion.newest)") }
    }

    @Test(
        arguments: [
            ("0", 0), ("120", 120), ("-5", 0), ("Fri, 20 Nov 2026 10:01:00 GMT", 60),
            ("Fri, 20 Nov 2026 09:00:00 GMT", 0),
        ] as [(String, Int64)])
    func retryAfterIsSecondsOrADate(text: String, seconds: Int64) {
        #expect(RetryAfter.seconds(text, now: at(0)) == seconds)
    }

    @Test(arguments: ["", "soon", "1.5", "Fri, 30 Feb 2026 10:00:00 GMT", "Fri, 20 Nov 2026 10:00 GMT", "+5"])
    func otherTextIsNoRetryAfter(text: String) {
        #expect(RetryAfter.seconds(text, now: at(0)) == nil)
    }
}
