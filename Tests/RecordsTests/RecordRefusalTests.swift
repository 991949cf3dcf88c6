import Accounting
import Alerting
import JSON
import Objectives
import TelemetryModel
import Testing

@testable import Records

/// What stands in our topics may have been cut, changed or written by others: it is read whole, or refused with its words.
@Suite struct RecordRefusalTests {
    private static let source = #""source":{"topic":"t","partition":1}"#
    private static let update = #"{"kind":"update",\#(source),"epoch":3,"to":{"offset":5}"#

    private func words(_ json: String, _ read: ([UInt8]) throws -> Void) -> String {
        let error = #expect(throws: (any Error).self, "\(json)") { try read(Array(json.utf8)) }
        return error.map { "\($0)" } ?? ""
    }

    private static let entries: [(String, String)] = [
        ("", "the text ends too early"),
        ("[]", "at byte 0: expected an object"),
        (#"{"kind":"claim","epoch":3}"#, "expected a source and an epoch"),
        (#"{"kind":"claim",\#(source)}"#, "expected a source and an epoch"),
        (#"{"kind":"claim",\#(source),"epoch":-1}"#, "expected an epoch"),
        (#"{"kind":"claim",\#(source),"epoch":"3"}"#, "expected a whole number"),
        (#"{"kind":"claim",\#(source),"epoch":3,"over":-1}"#, "expected an epoch"),
        (#"{"kind":"claim","source":{"topic":"t"},"epoch":3}"#, "expected a topic and a partition"),
        (#"{"kind":"claim","source":{"topic":"t","partition":4294967296},"epoch":3}"#, "out of range"),
        (#"{"kind":"other",\#(source),"epoch":3}"#, "expected a kind, and the point to which an update goes"),
        (#"{"kind":"update",\#(source),"epoch":3}"#, "expected a kind, and the point to which an update goes"),
        (#"{"kind":"update",\#(source),"epoch":3,"to":{}}"#, "expected an offset and an incarnation from 0"),
        (#"{"kind":"update",\#(source),"epoch":3,"to":{"offset":-1}}"#, "expected an offset and an incarnation from 0"),
        (
            #"{"kind":"update",\#(source),"epoch":3,"to":{"incarnation":-1,"offset":1}}"#,
            "expected an offset and an incarnation from 0"
        ),
        (#"\#(update),"part":1}"#, "expected a part that is one of its parts"),
        (#"\#(update),"part":-1,"parts":2}"#, "expected a part that is one of its parts"),
        (#"\#(update),"part":2,"parts":2}"#, "expected a part that is one of its parts"),
        (#"\#(update),"parts":0}"#, "expected a part that is one of its parts"),
        (#"\#(update),"gap":"lost"}"#, "expected a cause of a gap"),
        (#"\#(update),"watermark":"yesterday"}"#, "expected an RFC 3339 time"),
        (#"\#(update),"tail":{"bytes":3}}"#, "expected a time and a size"),
        (#"\#(update),"objectives":[{"name":"a","slices":[[]]}]}"#, "expected the start of a slice"),
        (
            #"\#(update),"objectives":[{"name":"a","slices":[["2026-01-15T09:30:00Z",1,2]]}]}"#,
            "expected three counts of a slice"
        ),
        (
            #"\#(update),"objectives":[{"name":"a","slices":[],"fractions":[[0,1,1]]}]}"#,
            "expected the place of a slice"
        ),
        (
            #"\#(update),"objectives":[{"name":"a","counts":[1768469400,1,1,60]}]}"#,
            "expected a start, good and total of each slice, and not 4 numbers"
        ),
        (
            #"\#(update),"objectives":[{"name":"a","counts":[9223372036854775807,1,1]}]}"#,
            "expected the start of a slice in seconds since 1970"
        ),
        (
            #"\#(update),"objectives":[{"name":"a","counts":[9000000000,1,1,9223372036854775807,1,1]}]}"#,
            "expected the start of a slice in seconds since 1970"
        ),
        (
            #"\#(update),"objectives":[{"name":"a","counts":[0,1,1],"late":[1,5]}]}"#,
            "expected the place of a slice, and a number"
        ),
        (
            #"\#(update),"objectives":[{"name":"a","counts":[0,1,1],"late":[0]}]}"#,
            "expected the place of a slice, and a number"
        ),
        (
            #"\#(update),"objectives":[{"name":"a","counts":[0,1,1],"arrived":[-1,60]}]}"#,
            "expected the place of a slice, and a number"
        ),
        (
            #"\#(update),"objectives":[{"name":"a","counts":[0,1,1],"arrived":[0,9223372036854775807]}]}"#,
            "expected after how many seconds a slice's counts arrived"
        ),
        (#"\#(update),"objectives":[{"name":"a","counts":[0,1,1],"matched":"x"}]}"#, "expected a whole number"),
        (
            #"\#(update),"objectives":[{"name":"a","definition":"xyz","slices":[]}]}"#,
            "expected an objective's terms, and not this: "
        ),
        (
            #"\#(update),"objectives":[{"name":"a","service":"s","slices":[]}]}"#,
            "expected an objective's terms, and not this: "
        ),
        (#"\#(update),"traces":[["cloudtrail","2026-01-15T09:00:00Z",5,4]]}"#, "expected a first and a last offset"),
        (#"\#(update),"traces":[["cloudtrail","2026-01-15T09:00:00Z",5]]}"#, "expected a first and a last offset"),
        (#"\#(update),"traces":[["else","2026-01-15T09:00:00Z",4,5]]}"#, "expected a type of event"),
        (#"\#(update),"rollups":[{"name":"r","cells":[{"group":[]}]}]}"#, "expected a change with its window"),
        (#"\#(update)} {}"#, "more text after the value"),
        (#"\#(update),"version":0}"#, "expected a version from 1"),
        (#"{"version":9}"#, "the record is of version 9, and this release of Tidewatch reads up to version 2"),
    ]

    @Test(arguments: entries) func entriesOfTheLogAreRefused(json: String, expected: String) {
        let words = words(json) { _ = try ShardEntry<ChangelogAmounts>(json: $0) }
        #expect(words.contains(expected), "\(words)")
    }

    private static let alerts = #"{"kind":"alerts","shard":3,"epoch":9,"next":5"#

    private static let checkpoints: [(String, String)] = [
        (#"{"shard":3}"#, "expected the member 'kind'"),
        (#"{"kind":"else"}"#, "expected the kind of a checkpoint"),
        (#"{"kind":7}"#, "expected a string"),
        (#"{"kind":"evaluator","shards":4}"#, "expected the next offset, and how many shards there are"),
        (#"{"kind":"evaluator","next":4}"#, "expected the next offset, and how many shards there are"),
        (#"{"kind":"evaluator","next":-4,"shards":4}"#, "expected the next offset, and how many shards there are"),
        (#"{"kind":"evaluator","next":1,"shards":4,"sources":[{"epoch":3}]}"#, "expected a source"),
        (
            #"{"kind":"evaluator","next":1,"shards":4,"sources":[{\#(source),"broken":1}]}"#,
            "expected true or false"
        ),
        (
            #"{"kind":"evaluator","next":1,"shards":4,"partitions":{"checkpoints":1,"windows":0,"alerts":1}}"#,
            "expected numbers of partitions from 1"
        ),
        (#"{"kind":"monitor","state":{"group":[]}}"#, "expected a monitor and its state"),
        (#"{"kind":"monitor","monitor":"m"}"#, "expected a monitor and its state"),
        (#"{"kind":"monitor","monitor":"m","state":{}}"#, "expected a state with its group"),
        (#"{"kind":"alerts","epoch":9,"next":5}"#, "expected a shard, an epoch, the next offset, and a part"),
        (#"{"kind":"alerts","shard":3,"next":5}"#, "expected a shard, an epoch, the next offset, and a part"),
        (#"{"kind":"alerts","shard":3,"epoch":9}"#, "expected a shard, an epoch, the next offset, and a part"),
        (#"{"kind":"alerts","shard":-3,"epoch":9,"next":5}"#, "expected a shard, an epoch, the next offset"),
        (#"{"kind":"alerts","shard":3,"epoch":-9,"next":5}"#, "expected an epoch"),
        (#"\#(alerts),"part":1}"#, "expected a shard, an epoch, the next offset, and a part"),
        (#"\#(alerts),"parts":0}"#, "expected a shard, an epoch, the next offset, and a part"),
        (#"\#(alerts),"open":[{}]}"#, "expected an alert that is open"),
        (
            #"\#(alerts),"open":[{"alert":{"dedup_key":"k"}}]}"#,
            "expected a record of the alert feed, and not this: not an alert record: "
        ),
        (#"\#(alerts),"open":[{"past":3}]}"#, "expected true or false"),
        (#"\#(alerts),"open":[{"epochs":3}]}"#, "expected an array"),
        (#"\#(alerts),"ended":[{"dedup_key":"k"}]}"#, "expected a dedup key and the time of an alert's end"),
        (
            #"\#(alerts),"ended":[{"dedup_key":"","time":"2026-01-15T09:00:00Z"}]}"#,
            "expected a dedup key and the time of an alert's end"
        ),
        (#"\#(alerts),"ended":[{"dedup_key":"k","time":"now"}]}"#, "expected an RFC 3339 time"),
        (#"\#(alerts),"judged_through":5}"#, "expected a string"),
        (#"\#(alerts),"version":9}"#, "of version 9, and this release of Tidewatch reads up to version 2"),
    ]

    @Test(arguments: checkpoints) func checkpointsAreRefused(json: String, expected: String) {
        let words = words(json) { _ = try CheckpointRecord(json: $0) }
        #expect(words.contains(expected), "\(words)")
    }

    /// An alert that is over is none of those that stand.
    @Test func aResolvedAlertDoesNotStand() {
        var values = RandomRecords(seed: 51)
        let resolved = AlertStanding(values.transition(status: .resolved))
        let json = AlertState(next: 1, judgedThrough: nil, open: [resolved], endings: [])
            .records(shard: 0, epoch: 1, sequence: 0)[0].json
        let words = words(String(decoding: json, as: UTF8.self)) { _ = try CheckpointRecord(json: $0) }
        #expect(words.contains("expected an alert that is open"), "\(words)")
    }

    /// No beginning of a record is one.
    @Test func whatIsCutOffAnywhereIsRefused() {
        var values = RandomRecords(seed: 52)
        var update = values.update()
        while update.amounts.itemCount < 8 { update = values.update() }
        let alerts = values.alertState(next: 3, alertsMax: 3).records(shard: 0, epoch: 1, sequence: 0)[0]
        let entries = [ShardEntry<ChangelogAmounts>.update(update).json(in: .definitions)]
        let checkpoints: [[UInt8]] = [values.checkpoint().json, values.monitor().json, alerts.json]
        for json in entries + checkpoints {
            for count in stride(from: json.count - 1, through: 0, by: -5) {
                #expect(throws: JSONCursorError.self) {
                    if entries.contains(json) {
                        _ = try ShardEntry<ChangelogAmounts>(json: Array(json[..<count]))
                    } else {
                        _ = try CheckpointRecord(json: Array(json[..<count]))
                    }
                }
            }
        }
    }

    /// Changed bytes are refused, or read as a record that is written and read again as the same.
    @Test(arguments: [53, 54] as [UInt64]) func changedBytesAreRefusedOrReadWhole(seed: UInt64) throws {
        var values = RandomRecords(seed: seed)
        var accepted = 0
        for _ in 0..<600 {
            var json = values.checkpoint().json
            for _ in 0...values.random.below(2) {
                json[values.random.below(json.count)] = values.random.pick(Array(#"0159-{}[]",: zé"#.utf8))
            }
            guard let record = try? ShardCheckpointRecord(json: json) else { continue }
            accepted += 1
            #expect(try ShardCheckpointRecord(json: record.json) == record)
        }
        #expect(accepted > 30)
    }

    @Test func whoReadsIsToldWhereItStandsAndWhatToDo() {
        let place = TopicPlace(topic: "tidewatch.registers", partition: 3, offset: 4711)
        #expect(
            UnreadableRecord(place, "at byte 4: expected a colon").description
                == "the record at offset 4711 of tidewatch.registers[3] can't be used: at byte 4: expected a colon. Nothing is "
                + "lost as long as it is there for a release that can; to go on without it, and with a gap in the reports, "
                + "start with --skip tidewatch.registers/3/4711; where tidewatch.registers was deleted or made anew, "
                + "go by deploy/runbooks/lost-changelog.md and skip nothing")
        #expect(
            UnreadSpan(place)
                == UnreadSpan(topic: "tidewatch.registers", partition: 3, from: 4711, to: 4712))
    }
}
