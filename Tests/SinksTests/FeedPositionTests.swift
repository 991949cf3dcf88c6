import Alerting
import TelemetryModel
import Testing

@testable import Sinks

/// What becomes of records that are passed over, lost, gone, or read as history.
@Suite struct FeedPositionTests {
    @Test func aFeedThatIsMadeAnewIsReadFromItsBeginning() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 1)
        bench.settle()
        bench.read(.open, "waits", 2)
        bench.answer(500)
        bench.step(.passedOver(partition: 0, offset: 8))
        #expect(bench.committed[0] == 1 && bench.engine.next(of: 0) == 9)
        bench.restart(at: 0)
        #expect(bench.committed[0] == 0 && bench.engine.next(of: 0) == 0)
        // What it holds is judged by what was sent before.
        bench.read(.open, "a", 1)
        bench.read(.resolved, "a", 3)
        bench.read(.open, "b", 4)
        bench.settle()
        #expect(
            bench.sent == ["open slo/a 1", "open slo/waits 2", "resolved slo/a 3", "open slo/b 4", "open slo/waits 2"])
        #expect(bench.counts[.silent(.notLater)] == 1)
        #expect(bench.committed[0] == 3 && bench.engine.waiting == 0)
    }

    @Test func theHistoryOfAFeedThatIsNoMoreHoldsUpNoOffset() {
        var bench = Bench()
        bench.begin(
            0, .connected, next: 5,
            history: [bench.record(transition(key: DedupKey(kind: "slo", name: "a")), offset: 4)])
        bench.answer(500)
        #expect(bench.committed.isEmpty)
        bench.restart(at: 0)
        bench.read(.open, "b", 1)
        bench.settle()
        bench.pass(seconds: 5)
        bench.settle()
        #expect(bench.sent.suffix(2).sorted() == ["open slo/a 0", "open slo/b 1"] && bench.committed[0] == 1)
    }

    @Test func whatRetentionTookIsPassedOver() {
        var bench = Bench()
        bench.begin()
        bench.read(.open, "a", 1)
        bench.settle()
        bench.restart(at: 7)
        #expect(bench.committed[0] == 7)
        bench.read(.open, "b", 2)
        #expect(bench.sent == ["open slo/a 1", "open slo/b 2"])
    }

    @Test func ofTheHistoryOnlyWhatIsOpenKeepsItsBytes() throws {
        var bench = Bench()
        let ended = DedupKey(kind: "slo", name: "ended")
        let written = NotificationEntry(time: at(0), epoch: 0, said: .open)
        let told = NotificationRecord(sink: "word", partition: 0, key: ended, writer: 1, entry: written)
        let end = transition(.resolved, key: ended, minute: 1)
        bench.begin(
            0, .connected, next: 2, writer: 2, log: [told],
            history: [bench.record(end, offset: 0), bench.record(transition(minute: 2), offset: 1)])
        #expect(bench.engine.waiting == 2)
        #expect(bench.engine.partitions[0]?.bytes == transition(minute: 2).json.count)
        // The end of what the sink knows to be open is sent; refused, its letter is whole.
        bench.answer(400)
        #expect(bench.sent == ["resolved slo/ended 1"])
        #expect(try #require(bench.letters.first).record.original == end.json)
        bench.acknowledge()
        bench.settle()
        #expect(bench.engine.partitions[0]?.bytes == 0 && bench.committed[0] == 2)
    }

    @Test func aRecordThatIsPassedOverIsCommitted() {
        var bench = Bench()
        bench.begin()
        bench.step(.passedOver(partition: 0, offset: 0))
        #expect(bench.committed == [0: 1])
        bench.step(.record(bench.record(transition(), offset: 0)))
        #expect(bench.sent.isEmpty, "an offset is read once")
    }
}
