import Accounting
import Aggregation
import JSON
import Objectives
import Statistics
import TelemetryModel
import Testing

@testable import Records

/// What one process writes another reads as it was, in each form that is written.
@Suite struct RecordRoundTripTests {
    private static let forms: [RecordForm] = [.first, .definitions]
    private static let seeds: [UInt64] = [11, 12]

    /// Whether it is the key of an evaluator's checkpoint, and of a state of alerts.
    private func kinds(ofKey key: String) -> [Bool] {
        let bytes = Array(key.utf8)
        let isCheckpoint = ShardCheckpointRecord.isKey(bytes.span.bytes)
        let isAlerts = AlertStateRecord.isKey(bytes.span.bytes)
        return [isCheckpoint, isAlerts]
    }

    private func expectSame(
        _ left: ChangelogUpdate<ChangelogAmounts>, _ right: ChangelogUpdate<ChangelogAmounts>, in form: RecordForm
    ) {
        #expect(left.state == (form.tellsSourceState ? right.state : nil))
        #expect(left.source == right.source && left.epoch == right.epoch)
        #expect(left.from == right.from && left.to == right.to && left.progress == right.progress)
        #expect(left.gap == right.gap && left.part == right.part && left.parts == right.parts)
        #expect(left.amounts == right.amounts)
    }

    @Test(arguments: seeds, forms) func updatesAreReadAsTheyWereWritten(seed: UInt64, form: RecordForm) throws {
        var values = RandomRecords(seed: seed)
        for _ in 0..<150 {
            let update = values.update()
            let json = ShardEntry<ChangelogAmounts>.update(update).json(in: form)
            let written = try WrittenEntry(json: json)
            #expect(written.reads == RecordVersion.newest, "said in both forms")
            guard case .update(let read) = written.entry else {
                Issue.record("an update was read as a claim")
                return
            }
            expectSame(read, update, in: form)
            #expect(ShardEntry<ChangelogAmounts>.update(read).json(in: form) == json)
        }
    }

    @Test(arguments: seeds, forms) func claimsAreReadAsTheyWereWritten(seed: UInt64, form: RecordForm) throws {
        var values = RandomRecords(seed: seed)
        for _ in 0..<100 {
            let claim = values.claim()
            let json = ShardEntry<ChangelogAmounts>.claim(claim).json(in: form)
            guard case .claim(let read) = try ShardEntry<ChangelogAmounts>(json: json) else {
                Issue.record("a claim was read as an update")
                return
            }
            #expect(read == claim)
            // 0.1.0 takes what says its kind, so that the newer form must not.
            #expect(String(decoding: json, as: UTF8.self).contains(#""kind":"claim""#) == (form == .first))
        }
    }

    @Test(arguments: seeds, forms) func checkpointsAreReadAsTheyWereWritten(seed: UInt64, form: RecordForm) throws {
        var values = RandomRecords(seed: seed)
        for _ in 0..<100 {
            var record = values.checkpoint()
            record.form = form
            guard case .evaluator(let read) = try CheckpointRecord(json: record.json) else {
                Issue.record("read as another kind")
                return
            }
            #expect(read == record)
            #expect(kinds(ofKey: record.key) == [true, false])
        }
    }

    @Test(arguments: seeds, forms) func monitorsAreReadAsTheyWereWritten(seed: UInt64, form: RecordForm) throws {
        var values = RandomRecords(seed: seed)
        for _ in 0..<100 {
            let record = values.monitor()
            guard case .state(let read as MonitorRecord) = try CheckpointRecord(json: record.json(in: form)) else {
                Issue.record("read as another kind")
                return
            }
            #expect(read == record)
            #expect(read.key == record.key && read.series == record.series)
            #expect(kinds(ofKey: record.key) == [false, false])
        }
    }

    @Test(arguments: seeds, forms) func statesOfAlertsAreReadAsTheyWereWritten(seed: UInt64, form: RecordForm) throws {
        var values = RandomRecords(seed: seed)
        for number in 0..<40 {
            let state = values.alertState(next: Int64(number))
            for record in state.records(shard: 3, epoch: 9, sequence: number, bytesMax: 3000) {
                guard case .alerts(let read) = try CheckpointRecord(json: record.json(in: form)) else {
                    Issue.record("read as another kind")
                    return
                }
                #expect(read == record)
                #expect(kinds(ofKey: record.key) == [false, true])
            }
        }
    }

    @Test(arguments: [
        (#"[{"name":"a","through":{"offset":3}}]"#, "a name that no other value has, a point and a value"),
        (
            #"[{"name":"a","through":{"offset":3},"value":"x"},{"name":"a","through":{"offset":3},"value":"y"}]"#,
            "a name that no other value has"
        ),
        (#"[{"name":"","through":{"offset":3},"value":"x"}]"#, "a name of 1 to 64 bytes"),
        (
            "["
                + (0...SourceState.namesMax).map { #"{"name":"\#($0)","through":{"offset":3},"value":""}"# }
                .joined(separator: ",") + "]", "at most 16 names"
        ),
    ]) func aStateThatBreaksABoundIsRefused(state: String, says: String) throws {
        let json =
            #"{"entry":"update","source":{"topic":"t","partition":1},"epoch":3,"to":{"offset":5},"state":\#(state)}"#
        let error = #expect(throws: JSONCursorError.self) { try WrittenEntry(json: Array(json.utf8)) }
        #expect("\(try #require(error))".contains(says))
    }

    /// What was not there to be told in the first release: all selectors matched, and its writer reads nothing newer.
    @Test func anUpdateOfTheFirstReleaseSaysLess() throws {
        let json = """
            {"kind":"update","source":{"topic":"t","partition":1},"epoch":3,"to":{"offset":5},
            "objectives":[{"name":"api","slices":[["2026-01-15T09:30:00Z",1,2,0],["2026-01-15T09:31:00Z",3,4,1]]}]}
            """
        let written = try WrittenEntry(json: Array(json.utf8))
        #expect(written.reads == RecordVersion.first)
        guard case .update(let update) = written.entry else {
            Issue.record("read as a claim")
            return
        }
        #expect(update.from == nil && update.gap == nil && update.part == 0 && update.parts == 1)
        let objective = try #require(update.amounts.objectives.first)
        #expect(objective.history == ObjectiveHistory(objective: "api", definition: nil))
        #expect(objective.slices.map(\.matched) == [.all, .all] && objective.slices.map(\.late) == [0, 1])
    }

    /// In the second form slices are numbers: starts by their differences, and beside them what few have.
    @Test func slicesOfWholeSecondsAreToldAsNumbers() throws {
        let first = try #require(Timestamp(rfc3339: "2026-01-15T09:30:00Z"))
        var slices = [0, 0, 60, 180].map { seconds in
            SliceDelta(
                start: first.advanced(by: seconds * 1_000_000_000), good: 1, total: 2 + seconds, late: 0,
                matched: [.good, .total])
        }
        slices[1].arrival = first.advanced(by: 120 * 1_000_000_000)
        slices[3].late = 4
        let update = ChangelogUpdate(
            source: SourcePartition(topic: "t", partition: 1), epoch: OwnerEpoch(rawValue: 3), from: nil,
            to: SourcePoint(offset: 5), progress: SourceProgress(),
            amounts: ChangelogAmounts(objectives: [.init(objective: "api", slices: slices)]))
        let json = ShardEntry.update(update).json(in: .definitions)
        #expect(
            String(decoding: json, as: UTF8.self).contains(
                #"{"name":"api","counts":[1768469400,1,2,0,1,2,60,1,62,120,1,182],"late":[3,4],"arrived":[1,120],"matched":5}"#
            ))
        guard case .update(let read) = try ShardEntry<ChangelogAmounts>(json: json) else {
            Issue.record("read as a claim")
            return
        }
        #expect(read.amounts == update.amounts)
    }

    /// The last window counts; of groups that were forgotten, the last word of the highest epoch.
    @Test func ofTwoStatesOfAMonitorTheLaterWindowCounts() throws {
        var values = RandomRecords(seed: 13)
        func record(_ window: Int64?, goneThrough: Int64? = nil, epoch: Int32) -> MonitorRecord {
            var record = MonitorRecord(
                monitor: "m",
                state: .init(
                    group: [],
                    course: window.map {
                        .init(series: .init(usual: .ewma(EWMA())), lastWindow: Timestamp(nanoseconds: $0))
                    }, goneThrough: goneThrough.map { Timestamp(nanoseconds: $0) }), grouping: nil)
            record.epoch = OwnerEpoch(generation: epoch)
            return record
        }
        #expect(record(60, epoch: 1).isNewer(than: record(0, epoch: 2)))
        #expect(!record(0, epoch: 2).isNewer(than: record(60, epoch: 1)))
        #expect(record(60, epoch: 2).isNewer(than: record(60, epoch: 1)))
        #expect(record(nil, epoch: 2).isNewer(than: record(60, epoch: 1)))
        #expect(!record(nil, epoch: 1).isNewer(than: record(60, epoch: 2)))
        let gone = record(nil, goneThrough: 60, epoch: 2)
        #expect(gone.isNewer(than: record(60, epoch: 2)) && gone.isNewer(than: record(0, epoch: 3)))
        #expect(!gone.isNewer(than: record(120, epoch: 2)) && !gone.isNewer(than: record(120, epoch: 1)))
        let any = values.monitor()
        #expect(any.isNewer(than: any), "the later of two that are equal")
    }
}
