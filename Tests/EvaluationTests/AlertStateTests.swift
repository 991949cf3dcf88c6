import Accounting
import Alerting
import TelemetryModel
import Testing

@testable import Records

/// The state of a shard's alerts as records.
@Suite struct AlertStateTests {
    private let time = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    private func transition(_ name: String) -> AlertTransition {
        var alert = Alert(
            dedupKey: DedupKey(kind: "slo", name: name), severity: .critical, status: .open, summary: name,
            source: "shop", time: time, openedAt: time)
        alert.kind = "burn_rate"
        alert.labels = ["objective": name]
        return AlertTransition(alert: alert, reason: "because")
    }

    private func standing(_ number: Int) -> AlertStanding {
        AlertStanding(
            transition("open \(number)"), isPast: number % 2 == 0, epochs: [nil, 7, Int64(number)],
            endsAt: number % 3 == 0 ? time : nil)
    }

    private func state(_ count: Int, next: Int64 = 40, endings: Int = 3) -> AlertState {
        AlertState(
            next: next, judgedThrough: EventTimes(all: time),
            open: (0..<count).map { standing($0) },
            endings: (0..<endings).map {
                AlertEnding(DedupKey(kind: "slo", name: "ended \($0)"), time: time, epochs: $0 == 0 ? [] : [9])
            })
    }

    private func restored(_ records: [AlertStateRecord]) throws -> AlertState? {
        var states = AlertStates()
        for record in records {
            guard case .alerts(let read) = try CheckpointRecord(json: record.json) else { continue }
            #expect(read == record)
            states.take(read)
        }
        return states.newest(of: 3)
    }

    @Test(arguments: [0, 1, 40]) func aStateIsReadBackAsItWasWrittenInAnyNumberOfParts(count: Int) throws {
        let state = state(count)
        for bytesMax in [1_000, 3_000, 900_000] {
            let records = state.records(shard: 3, epoch: 9, sequence: 4, bytesMax: bytesMax)
            #expect(records.count > 1 || count * 500 < bytesMax || count < 2)
            #expect(records.count == 1 || records.allSatisfy { $0.json.count <= bytesMax })
            #expect(Set(records.map(\.key)).count == records.count)
            #expect(try restored(records) == state, "\(count) in \(bytesMax)")
            #expect(try restored(records.reversed()) == state, "\(count) in \(bytesMax), reversed")
        }
    }

    /// While one is written over the one before the last, the last stands whole.
    @Test func aStateThatIsNotWholeDoesNotCount() throws {
        let (before, after) = (state(20, next: 40), state(19, next: 50))
        let old = before.records(shard: 3, epoch: 9, sequence: 4, bytesMax: 3_000)
        let new = after.records(shard: 3, epoch: 9, sequence: 5, bytesMax: 3_000)
        #expect(old.count > 2 && Set(old.map(\.key)).isDisjoint(with: new.map(\.key)))
        for count in 0..<new.count { #expect(try restored(old + new.prefix(count)) == before, "\(count) parts") }
        #expect(try restored(old + new) == after)
        // A state of fewer parts leaves some of the one before in its keys.
        let last = state(1, next: 60).records(shard: 3, epoch: 9, sequence: 6, bytesMax: 3_000)
        #expect(try restored(last + old.dropFirst(last.count)) == state(1, next: 60))
    }

    @Test func theOneThatIncludesMostOfTheLogCountsWhoeverWroteIt() throws {
        let (near, far) = (state(1, next: 40), state(2, next: 50))
        let records = near.records(shard: 3, epoch: 12, sequence: 1) + far.records(shard: 3, epoch: 11, sequence: 9)
        #expect(try restored(records) == far)
        #expect(try restored(records.reversed()) == far)
        let equal =
            far.records(shard: 3, epoch: 11, sequence: 9) + state(5, next: 50).records(shard: 3, epoch: 12, sequence: 1)
        #expect(try restored(equal) == state(5, next: 50))
    }

    @Test func aRecordThatIsNoneIsRefused() throws {
        let json = String(decoding: state(1).records(shard: 3, epoch: 9, sequence: 4)[0].json, as: UTF8.self)
        for (part, replacement) in [
            (#""next":40"#, #""next":-1"#), (#""parts":1"#, #""parts":0"#), (#""part":0"#, #""part":1"#),
            (#""status":"open""#, #""status":"resolved""#), (#""epoch":9"#, #""epoch":-9"#),
            (#""version":2"#, #""version":9"#),
            (#""dedup_key":""#, #""dedup_key":7,"a":""#),
        ] {
            #expect(json.contains(part), "\(part)")
            let changed = json.replacing(part, with: replacement)
            #expect(throws: (any Error).self, "\(replacement)") { try CheckpointRecord(json: Array(changed.utf8)) }
        }
    }

    /// As Kafka's own tests have it for Java's partitioner, which 0.1.0 left the choice to.
    @Test(arguments: [
        ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ])
    func partitionsAreThoseOfJavasPartitioner(text: String, hash: Int) {
        #expect(Int(Int32(bitPattern: FeedPartition.murmur2(Array(text.utf8)))) == hash)
    }
}
