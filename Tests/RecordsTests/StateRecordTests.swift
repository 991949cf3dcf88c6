import Accounting
import Alerting
import Objectives
import Sinks
import TelemetryModel
import Testing

@testable import Records

/// What readers of our own topics make of versions, and of what they can't read.
@Suite struct StateRecordTests {
    private static let claim = ShardEntry<ChangelogAmounts>.claim(
        Claim(source: SourcePartition(topic: "t", partition: 0), epoch: OwnerEpoch(generation: 3)))
    private static let checkpoint = ShardCheckpointRecord(
        shard: 1, shards: 4, epoch: OwnerEpoch(generation: 3),
        checkpoint: ShardCheckpoint(next: 9, closedBefore: nil, chains: [:]),
        partitions: StatePartitions(checkpoints: 4, windows: 6, alerts: 2))
    private static let terms = ObjectiveTerms(
        name: "api/1", service: "s", window: .rolling(nanoseconds: 86_400_000_000_000), method: .occurrences,
        target: .one)

    private static let window: WindowRecord = {
        var ledger = ObjectiveLedger(terms: terms)
        ledger.epoch = 12
        ledger.apply(
            [SliceDelta(start: Timestamp(nanoseconds: 7_200_000_000_000), good: 1, total: 2, late: 0)], stamp: 3)
        return ledger.takeChangedRecords()[0]
    }()

    private static let alert = AlertTransition(
        alert: Alert(
            dedupKey: DedupKey(kind: "slo", name: "api", labels: [:]), severity: .warning, status: .open,
            summary: "s", source: "s", time: Timestamp(nanoseconds: 0), openedAt: Timestamp(nanoseconds: 0)),
        reason: "r")
    private static let notification = NotificationRecord(
        sink: "pagerduty", partition: 0, key: alert.alert.dedupKey, writer: 1,
        entry: NotificationEntry(time: Timestamp(nanoseconds: 0), epoch: 3, said: .open))

    private struct Kind: Sendable {
        let name: String
        let write: @Sendable (RecordForm) -> [UInt8]
        let read: @Sendable ([UInt8]) throws -> Void

        init(
            _ name: String, _ write: @escaping @Sendable (RecordForm) -> [UInt8],
            read: @escaping @Sendable ([UInt8]) throws -> Void
        ) {
            self.name = name
            self.write = write
            self.read = read
        }

        var json: [UInt8] { write(.first) }
    }

    /// Each kind of record as it is written, and a reader of it.
    private static let kinds = [
        Kind("register") {
            claim.json(in: $0)
        } read: {
            _ = try ShardEntry<ChangelogAmounts>(json: $0)
        },
        Kind("checkpoint") { form in
            var record = checkpoint
            record.form = form
            return record.json
        } read: {
            _ = try CheckpointRecord(json: $0)
        },
        Kind("monitor") {
            MonitorRecord(
                monitor: "m", state: .init(group: ["a"], course: nil),
                grouping: .init(rollup: "r", columns: ["c"])
            ).json(in: $0)
        } read: {
            _ = try CheckpointRecord(json: $0)
        },
        Kind("window") {
            window.json(in: $0)
        } read: {
            _ = try WindowRecord(json: $0)
        },
        Kind("alert") {
            alert.json(in: $0)
        } read: {
            _ = try AlertTransition(json: $0)
        },
        Kind("notification") {
            notification.json(in: $0) ?? []
        } read: { json in
            let key = Array(notification.compactionKey.utf8)
            _ = try NotificationRecord(ofSink: "pagerduty", key: key, value: json)
        },
    ]

    @Test(arguments: kinds.map(\.name)) func everyRecordSaysItsVersionAndTheFirstIsWhereNoneIsSaid(_ name: String)
        throws
    {
        let kind = try #require(Self.kinds.first { $0.name == name })
        let text = String(decoding: kind.json, as: UTF8.self)
        #expect(text.hasSuffix(#","version":1}"#))
        try kind.read(kind.json)
        try kind.read(Array(text.replacing(#","version":1"#, with: "").utf8))
    }

    /// Also where its form is another one.
    @Test(arguments: kinds.map(\.name)) func aNewerRecordIsRefusedByNamesOfBothVersions(_ name: String) throws {
        let kind = try #require(Self.kinds.first { $0.name == name })
        let text = String(decoding: kind.json, as: UTF8.self)
        let newer = text.replacing(#","version":1"#, with: #","version":7"#)
        for bytes in [newer, #"{"version":7,"other":[1]}"#, #"{"kind":"else","version":7}"#] {
            let error = #expect(throws: (any Error).self) { try kind.read(Array(bytes.utf8)) }
            let words = error.map { "\($0)" } ?? ""
            #expect(words.contains("version 7") && words.contains("up to version \(RecordVersion.newest)"), "\(words)")
        }
    }

    /// As the next release may write them: with a member more, which must not be skipped.
    @Test(arguments: kinds.map(\.name)) func whatTheNextReleaseWritesIsRefused(_ name: String) throws {
        let kind = try #require(Self.kinds.first { $0.name == name })
        let text = String(decoding: kind.write(.next), as: UTF8.self)
        #expect(text.hasSuffix(#","later":"not known before","version":3}"#), "\(text)")
        let error = #expect(throws: (any Error).self) { try kind.read(Array(text.utf8)) }
        let words = error.map { "\($0)" } ?? ""
        #expect(words.contains("version 3") && words.contains("up to version 2"), "\(words)")
        // Its member alone, in a version that is known, is skipped.
        try kind.read(Array(text.replacing(#""version":3"#, with: #""version":1"#).utf8))
    }

    @Test func aPlaceIsReadAsItIsWritten() {
        let place = TopicPlace(topic: "tidewatch.registers", partition: 3, offset: 4711)
        #expect(TopicPlace("\(place)") == place)
        for text in ["", "a", "a/1", "a/1/2/3", "/1/2", "a/-1/2", "a/1/-2", "a/x/2"] {
            #expect(TopicPlace(text) == nil)
        }
    }

    @Test func aKeyOfAWindowTellsItsObjectiveAndStart() {
        var folded = Self.window
        folded.cells = DownsampledCells([], perBlock: 4)
        for record in [Self.window, folded] {
            for key in [record.compactionKey, record.key] {
                let identity = WindowRecord.Identity(key: key)
                #expect(identity?.objective == "api/1")
                #expect(identity?.start == record.start)
            }
        }
        #expect(WindowRecord.Identity(key: "no/time") == nil)
    }

    @Test func aCheckpointSaysHowManyPartitionsThereWere() throws {
        #expect(try ShardCheckpointRecord(json: Self.checkpoint.json) == Self.checkpoint)
        let topics = OutputTopics(prefix: "tidewatch.")
        let before = try #require(Self.checkpoint.partitions)
        #expect(before.change(since: before, topics) == nil)
        let change = StatePartitions(checkpoints: 4, windows: 12, alerts: 2).change(since: before, topics)
        #expect(change.map { "\($0)" }?.hasPrefix("the topic tidewatch.windows had 6 partitions and has 12: ") == true)
    }
}
