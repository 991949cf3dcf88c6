import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

/// What a shard's objectives published over thirty days, as compaction leaves it, restores them in a size that is known.
@Suite struct WindowRestoringTests {
    private static let sources: Int32 = 12
    /// A minute less than whole days, when most is held.
    private static let minutes: Int64 = 32 * 1440 - 1

    private func ledger(_ index: Int) -> ObjectiveLedger {
        ObjectiveLedger(
            terms: terms(
                "service-\(index)",
                method: index % 5 == 4 ? .timeslices(target: Ratio(95, 100), windowNanoseconds: minute) : .occurrences,
                target: Ratio(999, 1000)), alerts: ObjectiveAlert.defaults(window: 30 * day, target: Ratio(999, 1000)))
    }

    /// An hour of minutes, some of it late, from twelve partitions.
    private func count(_ hour: Int64, in ledger: inout ObjectiveLedger, _ random: inout SeededGenerator) {
        var deltas: [SliceDelta] = []
        for slice in hour * 60..<min((hour + 1) * 60, WindowRestoringTests.minutes) {
            let total = Int64.random(in: 0...20_000, using: &random)
            deltas.append(
                SliceDelta(start: at(slice), good: total - min(total, Int64(random.next() % 40)), total: total))
        }
        if hour >= 48 { deltas.append(SliceDelta(start: at((hour - 48) * 60 + 7), good: 0, total: 1, late: 1)) }
        ledger.apply(deltas, stamp: hour)
        for partition in 0..<WindowRestoringTests.sources {
            let first = 40_000_000 + hour * 61_234
            ledger.note(
                SourceSpan(
                    source: .kafka(topic: "aws.cloudtrail", partition: partition), first: first, last: first + 61_000),
                at: at(hour * 60))
        }
    }

    @Test func objectivesAreRestoredAsTheyWereInTheBytesStated() throws {
        let objectives = 5
        var published: [String: (hour: Int64, json: [UInt8])] = [:]
        var counted: [ObjectiveLedger] = []
        for index in 0..<objectives {
            var random = SeededGenerator(seed: UInt64(index))
            var ledger = ledger(index)
            for hour in 0..<(WindowRestoringTests.minutes + 59) / 60 {
                // Another owner for the last two days.
                ledger.epoch = hour < 30 * 24 ? 7 : 8
                count(hour, in: &ledger, &random)
                let time = at(min((hour + 1) * 60, WindowRestoringTests.minutes))
                ledger.evaluation.evaluatedEnd = time
                ledger.advance(to: time)
                for record in ledger.takeChangedRecords() { published[record.compactionKey] = (hour, record.json) }
                for key in ledger.takeSupersededKeys() { published[key] = nil }
            }
            counted.append(ledger)
        }
        let end = at(WindowRestoringTests.minutes)
        let values = published.sorted { ($0.value.hour, $0.key) < ($1.value.hour, $1.key) }.map(\.value.json)
        var restored: [ObjectiveLedger] = []
        for (seed, batchBytes) in [1, 10_000, 1 << 19].enumerated() {
            restored = try restore(values, of: objectives, seed: UInt64(seed), batchBytes: batchBytes, end)
            #expect(SLOReport(at: end, ledgers: restored) == SLOReport(at: end, ledgers: counted))
            for place in restored.indices {
                #expect(restored[place].records == counted[place].records)
                #expect(restored[place].takeSupersededKeys().isEmpty)
            }
        }
        // As docs/operations.md states them, for each objective.
        let bytes = published.reduce(0) { $0 + $1.key.utf8.count + $1.value.json.count } / objectives
        let held = restored.reduce(0) { $0 + $1.bytes } / objectives
        print("an objective has \(bytes) bytes published, \(held) in memory, \(published.count / objectives) records")
        // 230,000, and the records of the former owner, which stay until their day is downsampled: here of all hours of four days,
        // because each has a late event for two days.
        #expect(bytes < 295_000)
        #expect(held < 94_000)
    }

    /// From three partitions, whose records come mixed in an order of the seed's, each partition's in their own.
    private func restore(
        _ values: [[UInt8]], of objectives: Int, seed: UInt64, batchBytes: Int, _ end: Timestamp
    ) throws -> [ObjectiveLedger] {
        var reader = WindowRecordReader()
        var waiting: [ArraySlice<[UInt8]>] = [[], [], []]
        for value in values {
            let name = try reader.read(value).terms.name
            waiting[try #require(Int(name.split(separator: "-")[1])) % 3].append(value)
        }
        let restoration = WindowRestoration(
            Dictionary(grouping: (0..<objectives).map(ledger)) { ledger in
                Int32(ledger.terms.name.split(separator: "-")[1]).map { $0 % 3 } ?? 0
            }, batchBytes: batchBytes)
        var random = SeededGenerator(seed: seed)
        while !waiting.allSatisfy(\.isEmpty) {
            let partition = Int(random.next() % 3)
            guard let value = waiting[partition].popFirst() else { continue }
            restoration.add(
                value.span.bytes, judgedThrough: EventTimes(all: end), partition: Int32(partition), offset: 0)
        }
        let (unreadable, stranger) = (Array("{}".utf8), values[0])
        restoration.add(unreadable.span.bytes, judgedThrough: EventTimes(all: end), partition: 1, offset: 41)
        restoration.add(stranger.span.bytes, judgedThrough: EventTimes(all: end), partition: 7, offset: 0)
        let partitions = restoration.finish()
        #expect(partitions.map(\.records).reduce(0, +) == values.count)
        #expect(partitions.map { $0.failure?.offset } == [nil, 41, nil])
        #expect(partitions[1].failure?.error == .malformed("name is missing"))
        let judged = partitions.flatMap(\.judgedThrough).map(\.times)
        #expect(judged == Array(repeating: EventTimes(all: end), count: objectives))
        return partitions.flatMap(\.ledgers).sorted { $0.terms.name < $1.terms.name }
    }

    /// A list of sources that is like the one before, but for a place, an order or a member.
    @Test func sourcesThatDifferFromTheRecordBeforeAreReadAsTheyStand() throws {
        var reader = WindowRecordReader()
        func record(_ sources: [SourceSpan.Source]) -> WindowRecord {
            WindowRecord(
                terms: terms(), start: at(0), slices: [SliceCounts(good: 1, total: 1)],
                sources: sources.enumerated().map { SourceSpan(source: $1, first: Int64($0), last: Int64($0 + 9)) })
        }
        let (one, two) = (
            SourceSpan.Source.kafka(topic: "a", partition: 1),
            SourceSpan.Source.kafka(topic: #"a","partitions":[["#, partition: 1, incarnation: 2)
        )
        let three = SourceSpan.Source.kafka(topic: "a", partition: 3, incarnation: 1)
        for sources in [
            [one, two], [one, two], [one, three, two], [two, one], [.file(name: "f"), one],
            [one, .file(name: "f"), three], [two],
            [], [one, one, two],
        ] {
            #expect(try reader.read(record(sources).json) == record(sources))
        }
        for (part, other) in [
            ("[[1,0,9]]}", #"[[1,0,9]],"unknown":[{}]}"#), ("[[1,0,9]]", "[ [1, 0,9 ] ]"), ("[[1,0,9]]", "[[1,0,9,0]]"),
            (#""topic":"a","partitions":[[1,0,9]]"#, #""partitions":[[1,0,9]],"topic":"a""#),
        ] {
            let text = String(decoding: record([one, two]).json, as: UTF8.self)
            let changed = text.replacing(part, with: other)
            try #require(changed != text)
            #expect(try reader.read(Array(changed.utf8)) == record([one, two]))
        }
        for other in [
            #"[1,"0",9]"#, "[1,0,9.5]", "[1,0]", "[1,0,9,0,0]", "[2147483648,0,9]", "[1,0,-]", #"{"partition":1}"#,
        ] {
            let text = String(decoding: record([one]).json, as: UTF8.self)
            let changed = text.replacing("[1,0,9]", with: other)
            try #require(changed != text)
            #expect(throws: WindowRecordError.self) { try reader.read(Array(changed.utf8)) }
        }
    }
}
