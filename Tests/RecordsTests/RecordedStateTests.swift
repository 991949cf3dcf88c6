import Accounting
import Alerting
import Foundation
import Objectives
import Reporting
import TelemetryModel
import Testing
import UpgradeFixtures

@testable import Records

/// What older releases left in their topics says to today's readers what it said to them.
@Suite struct RecordedStateTests {
    private func values(_ topic: String, of recording: Recording) throws -> [(Recording.Record, [UInt8])] {
        try recording.records().filter { $0.topic == topic }.compactMap { record in
            record.value.map { (record, Array($0.utf8)) }
        }
    }

    private func shards(of recording: Recording) throws -> [[ShardEntry<ChangelogAmounts>]] {
        var shards: [[ShardEntry<ChangelogAmounts>]] = []
        for (record, json) in try values(Recording.registers, of: recording) {
            if Int(record.partition) == shards.count { shards.append([]) }
            shards[Int(record.partition)].append(try ShardEntry<ChangelogAmounts>(json: json))
        }
        return shards
    }

    @Test func thereAreRecordings() {
        #expect(Recording.all.map(\.name) == ["0.1.0", "0.1.0-before-versions"])
    }

    @Test(arguments: Recording.all) func inputsAreTheTracesThatTheOracleCounts(_ recording: Recording) throws {
        let records = try recording.records().filter { Recording.inputs[$0.topic] != nil }
        let messages = (0..<OutageTrace.recordedMinutes).flatMap(OutageTrace.messages)
        #expect(
            Set(records.map { [$0.topic, "\($0.partition)", "\($0.milliseconds)", $0.value ?? ""] })
                == Set(messages.map { [$0.topic, "\($0.partition)", "\($0.milliseconds)", $0.value] }))
        #expect(records.count == messages.count)
    }

    /// No record says a version, all are read as the first, and written again they are the same but for the version, and for
    /// what their writer reads.
    ///
    /// Updates of the first release do not say which selectors matched: they read, and are written, as if all had.
    @Test(arguments: Recording.all) func everyRecordIsReadWholeAsTheFirstVersion(_ recording: Recording) throws {
        let writers: [String: ([UInt8]) throws -> [UInt8]] = [
            Recording.registers: { try ShardEntry<ChangelogAmounts>(json: $0).json },
            Recording.checkpoints: { json in
                switch try CheckpointRecord(json: json) {
                case .evaluator(let record): record.json
                case .alerts(let record): record.json
                case .state(let record): record.json(in: .first)
                }
            },
            Recording.windows: { try WindowRecord(json: $0).json },
            Recording.alerts: { try AlertTransition(json: $0).json },
        ]
        for (topic, rewritten) in writers {
            let values = try values(topic, of: recording)
            #expect(values.count > 20, "\(topic)")
            for (record, json) in values {
                let before = String(decoding: json, as: UTF8.self)
                let after = String(decoding: try rewritten(json), as: UTF8.self)
                    .replacing(recording.name == "0.1.0" ? /,"matched":\[[7,]+\]/ : /,"never":0/, with: "")
                    .replacing(#","reads":2"#, with: "")
                #expect(!before.contains(#""version":"#))
                #expect(
                    after == before.dropLast() + #","version":1}"#,
                    "\(topic)/\(record.partition)/\(record.offset)")
            }
        }
    }

    @Test(arguments: Recording.all) func registersAddUpToTheReport(_ recording: Recording) throws {
        var sums: [String: SliceSums] = [:]
        for entries in try shards(of: recording) {
            var reader = ShardReader<ChangelogAmounts>()
            for entry in entries {
                guard let outcome = reader.read(entry), case .added(let parts, let gap) = outcome else { continue }
                #expect(gap == nil)
                for objective in parts.flatMap(\.objectives) {
                    for slice in objective.slices { sums[objective.objective, default: SliceSums()].add(slice) }
                }
            }
            #expect(!reader.isInsideUpdate)
        }
        #expect(sums.mapValues(\.counts) == (try reported(recording.report())))
    }

    @Test(arguments: Recording.all) func windowsAddUpToTheReport(_ recording: Recording) throws {
        var history = WindowHistory()
        for (_, json) in try values(Recording.windows, of: recording) { history.add(try WindowRecord(json: json)) }
        let report = SLOReport(ledgers: history.ledgers)
        #expect(try reported(Data(report.json)) == reported(recording.report()))
        #expect(report.entries.allSatisfy { $0.gaps.isEmpty && $0.inconsistentSlices == 0 })
        #expect(history.superseded.isEmpty)
    }

    /// The numbers of the report are those of the trace, but for sums that the first binary rounded by each flush.
    @Test(arguments: Recording.all) func theReportIsTheOracles(_ recording: Recording) throws {
        let reported = try reported(recording.report())
        for (name, counts) in OutageTrace.counts(0..<OutageTrace.recordedMinutes) {
            if name == OutageTrace.fractional, recording.name == "0.1.0" {
                #expect(reported[name] != counts, "it has learnt to add up fractions")
            } else {
                #expect(reported[name] == counts, "\(name)")
            }
        }
    }

    @Test(arguments: Recording.all) func checkpointsStandWhereTheRegistersLead(_ recording: Recording) throws {
        let shards = try shards(of: recording)
        var read = 0
        for (_, json) in try values(Recording.checkpoints, of: recording) {
            guard case .evaluator(let record) = try CheckpointRecord(json: json) else { continue }
            #expect(record.shards == shards.count && record.partitions == nil)
            var reader = ShardReader<ChangelogAmounts>()
            for entry in shards[Int(record.shard)].prefix(Int(record.checkpoint.next)) { _ = reader.read(entry) }
            #expect(reader.states == record.checkpoint.chains, "shard \(record.shard) at \(record.checkpoint.next)")
            read += 1
        }
        #expect(read >= shards.count)
    }

    /// What was committed beside offsets tells a successor where to begin in the registers.
    @Test(arguments: Recording.all) func hintsAreThoseOfTheChains(_ recording: Recording) throws {
        let shards = try shards(of: recording)
        let commits = try recording.commits().filter { Recording.inputs[$0.topic] != nil }
        #expect(commits.count == Recording.inputs.values.reduce(0, +))
        for commit in commits {
            let hint = try #require(OwnerHint(commit.metadata))
            let source = SourcePartition(topic: commit.topic, partition: commit.partition)
            #expect(hint.places.count == shards.count)
            for (entries, place) in zip(shards, hint.places) {
                var reader = ShardReader<ChangelogAmounts>()
                for entry in entries.prefix(Int(place.offset)) { _ = reader.read(entry) }
                #expect(reader.state(of: source).through == place.through, "\(source)")
                #expect(reader.state(of: source).epoch == hint.epoch, "\(source)")
            }
        }
    }

    /// The feed says of every alert what the old binary listed, and both classes are open.
    @Test(arguments: Recording.all) func theFeedLeavesOpenWhatTheBinaryListed(_ recording: Recording) throws {
        var book = KnownAlerts()
        for (record, json) in try values(Recording.alerts, of: recording) {
            let transition = try AlertTransition(json: json)
            #expect(transition.alert.dedupKey.text == record.key)
            // The last record of each key, as that binary restored them.
            switch transition.alert.status {
            case .open: book.restore(AlertStanding(transition))
            case .resolved: book.restore(AlertEnding(transition.alert.dedupKey, time: transition.alert.time))
            }
        }
        let listed = try recording.alerts().split(separator: 0x0A).map { try AlertTransition(json: Array($0)) }
        let open = listed.filter { $0.alert.status == .open }
        #expect(Set(book.open.map(\.transition.alert.dedupKey)) == Set(open.map(\.alert.dedupKey)))
        #expect(open.contains { $0.alert.dedupKey.text.hasPrefix("anomaly/") })
        for name in ["page-quick", "page-slow", "ticket-quick", "ticket-slow", "ingress-burn"] {
            #expect(open.contains { $0.alert.dedupKey.text.contains("/\(name)/") }, "\(name)")
        }
        #expect(listed.contains { $0.alert.status == .resolved })
    }

    /// Good, and good and bad together, by objective: `total` of `Timeslices` has had two meanings.
    private func reported(_ report: Data) throws -> [String: OutageTrace.Counts] {
        struct Report: Decodable {
            let slos: [Entry]
            struct Entry: Decodable {
                let name: String
                let good: Int64
                let bad: Int64
            }
        }
        let entries = try JSONDecoder().decode(Report.self, from: report).slos
        return Dictionary(
            uniqueKeysWithValues: entries.map {
                ($0.name, OutageTrace.Counts(good: $0.good, total: $0.good + $0.bad))
            })
    }
}

/// Adds up what updates say of an objective, by the published rule: each slice's sum is exact, and rounded once.
private struct SliceSums {
    private var slices: [Timestamp: (good: Int128, total: Int128)] = [:]

    mutating func add(_ delta: SliceDelta) {
        let fraction = delta.fraction ?? SliceFraction()
        var sums = slices[delta.start] ?? (0, 0)
        sums.good += Int128(delta.good) * SliceFraction.one + fraction.good
        sums.total += Int128(delta.total) * SliceFraction.one + fraction.total
        slices[delta.start] = sums
    }

    var counts: OutageTrace.Counts {
        func rounded(_ sum: Int128) -> Int64 { Int64((sum + SliceFraction.one / 2) / SliceFraction.one) }
        return slices.values.reduce(OutageTrace.Counts()) {
            $0 + OutageTrace.Counts(good: rounded($1.good), total: rounded($1.total))
        }
    }
}
