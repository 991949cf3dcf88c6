import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

/// Histories of an objective whose definition is changed: each has its own records, and none is lost or mixed with another.
@Suite struct DefinitionHistoryTests {
    private static let definitions = [1, 2, 3].map { DefinitionFingerprint(rawValue: $0) }
    private var one: DefinitionFingerprint { Self.definitions[0] }
    private var two: DefinitionFingerprint { Self.definitions[1] }

    private func ledger(
        _ definition: DefinitionFingerprint, epoch: Int64, tells: Bool = true, name: String = "api"
    ) -> ObjectiveLedger {
        var terms = terms(name)
        terms.definition = definition
        var ledger = ObjectiveLedger(terms: terms)
        ledger.epoch = epoch
        ledger.tellsDefinition = tells
        return ledger
    }

    private func restored(
        _ records: [[UInt8]], _ present: [ObjectiveLedger], isOwn: Bool = false
    ) -> RestoredPartition {
        var partition = RestoredPartition(0, present) { _ in isOwn }
        for (offset, bytes) in records.enumerated() { partition.take(bytes, judgedThrough: nil, offset: Int64(offset)) }
        partition.finish()
        #expect(partition.failure == nil)
        return partition
    }

    private func total(_ ledger: ObjectiveLedger) -> Int64 {
        Int64(SLOReport(at: ledger.dataEnd, ledgers: [ledger]).entries[0].total)
    }

    @Test func aRecordTellsItsDefinitionOnlyInTheNewerForm() throws {
        for downsamples in [false, true] {
            var plain = ObjectiveLedger(terms: terms())
            plain.epoch = 4
            var (first, newer) = (ledger(one, epoch: 4, tells: false), ledger(one, epoch: 4))
            func published(_ ledger: inout ObjectiveLedger) throws -> WindowRecord {
                ledger.apply([SliceDelta(start: at(7), good: 1, total: 2, matched: [.good])], stamp: 9)
                ledger.apply([SliceDelta(start: at(20 * 1440), good: 1, total: 2)], stamp: 10)
                if downsamples { ledger.advance(to: at(20 * 1440)) }
                return try #require(ledger.takeChangedRecords().first)
            }
            let (old, same, told) = (try published(&plain), try published(&first), try published(&newer))
            #expect(old.json == same.json && old.compactionKey == same.compactionKey)
            #expect(told.compactionKey == old.key + "/0000000000000001/4")
            let text = String(decoding: told.json, as: UTF8.self)
            #expect(
                text.contains(#""target":0.99,"definition":"0000000000000001","start":"#)
                    && text.hasSuffix(#","version":2}"#))
            // What 0.1.0 needs of a record isn't there; cells have names of their own, and it passes over them.
            let outside = text.replacing(/"cells":\{[^}]*\},/, with: "")
            #expect(!outside.contains(#""good":"#) && !outside.contains(#""total":"#))
            #expect(try WindowRecord(json: told.json) == told)
            var reader = WindowRecordReader()
            // The second time its beginning is recognised.
            for _ in 0..<2 { #expect(try reader.read(told.json) == told) }
        }
        #expect(throws: WindowRecordError.self) {
            try WindowRecord(
                json: Array(
                    String(
                        decoding: WindowRecord(
                            terms: ledger(one, epoch: 1).terms, start: at(0), slices: [], sources: []
                        ).json, as: UTF8.self
                    ).replacing("0000000000000001", with: "1").utf8))
        }
    }

    @Test func aChangedDefinitionBeginsAnewAndARevertedOneGoesOn() {
        var first = ledger(one, epoch: 4)
        first.apply([SliceDelta(start: at(7), good: 1, total: 2)], stamp: 9)
        var records = first.takeChangedRecords().map(\.json)

        let changed = restored(records, [ledger(two, epoch: 5)])
        #expect(changed.ledgers.map(\.dataEnd) == [nil])
        #expect(changed.former.map(\.terms.definition) == [one] && total(changed.former[0]) == 2)
        var second = changed.ledgers[0]
        second.apply([SliceDelta(start: at(7), good: 5, total: 5)], stamp: 11)
        records += second.takeChangedRecords().map(\.json)

        let reverted = restored(records, [ledger(one, epoch: 6)])
        #expect(total(reverted.ledgers[0]) == 2)
        #expect(reverted.former.map(\.terms.definition) == [two] && total(reverted.former[0]) == 5)
    }

    @Test func whatRecordsDidNotTellBelongsForGoodToWhoFirstTells() {
        var old = ObjectiveLedger(terms: terms())
        old.epoch = 3
        for slice in [0, 61, 130] as [Int64] {
            old.apply([SliceDelta(start: at(slice), good: 1, total: 1)], stamp: slice)
        }
        let before = old.takeChangedRecords()
        // A member that doesn't tell changes nothing.
        var still = restored(before.map(\.json), [ledger(one, epoch: 4, tells: false)]).ledgers[0]
        #expect(still.takeChangedRecords().isEmpty && still.takeSupersededKeys().isEmpty && total(still) == 3)

        var first = restored(before.map(\.json), [ledger(one, epoch: 5)]).ledgers[0]
        let told = first.takeChangedRecords()
        #expect(told.map(\.start) == [at(120)] && told[0].terms.definition == one && told[0].terms.adoptsUnbound)
        #expect(first.takeSupersededKeys().isEmpty)

        // Whichever record is read first, also the one that was taken back.
        let all = before.map(\.json) + told.map(\.json)
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
            let changed = restored(order.map { all[$0] }, [ledger(two, epoch: 6)])
            #expect(changed.ledgers[0].dataEnd == nil)
            #expect(changed.former.count == 1 && total(changed.former[0]) == 3)
            var history = WindowHistory()
            for place in order { history.add(try! WindowRecord(json: all[place])) }
            let present = history.ledgers(present: ["api": two])
            #expect(present.ledgers.isEmpty)
            #expect(present.former == ["api": [FormerHistory(definition: one, from: at(0), to: at(131))]])
            #expect(history.ledgers.map(total) == [3])
            var same = restored(order.map { all[$0] }, [ledger(one, epoch: 6)]).ledgers[0]
            #expect(total(same) == 3 && same.takeChangedRecords().isEmpty)
        }
    }

    /// There are more of the old records, and they were judged by slices.
    @Test(arguments: [1, 5] as [Int64]) func recordsOfAnotherMethodAreJudgedByThePresentOne(blocks: Int64) throws {
        var slices = terms()
        slices.method = .timeslices(target: Ratio(1, 2), windowNanoseconds: 60 * 1_000_000_000)
        var old = ObjectiveLedger(terms: slices)
        old.epoch = 3
        for slice in 0..<60 * blocks {
            old.apply([SliceDelta(start: at(slice), good: 99, total: 100)], stamp: slice)
        }
        let before = old.takeChangedRecords()
        var present = terms()
        (present.method, present.definition, present.adoptsUnbound) = (.occurrences, one, true)
        var newer = ObjectiveLedger(terms: present)
        (newer.epoch, newer.tellsDefinition) = (4, true)
        for slice in 60 * blocks..<60 * (blocks + 2) {
            newer.apply([SliceDelta(start: at(slice), good: 100, total: 100)], stamp: slice)
        }
        let all = before + newer.takeChangedRecords()
        let wanted = [99 * 60 * blocks + 100 * 120, 100 * 60 * (blocks + 2)]
        func counts(_ ledger: ObjectiveLedger) -> [Int64] {
            let entry = SLOReport(at: ledger.dataEnd, ledgers: [ledger]).entries[0]
            return [Int64(entry.good), Int64(entry.total)]
        }
        present.adoptsUnbound = false
        var own = ObjectiveLedger(terms: present)
        (own.epoch, own.tellsDefinition) = (5, true)
        #expect(counts(restored(all.map(\.json), [own]).ledgers[0]) == wanted)
        var history = WindowHistory()
        for record in all { history.add(record) }
        let read = try #require(history.ledgers(present: ["api": one]).ledgers.first)
        #expect(counts(read) == wanted)
    }

    @Test func historiesOfUnknownObjectivesAreKeptWhereTheyAreOwn() {
        var unknown = ledger(one, epoch: 4, name: "gone")
        unknown.apply([SliceDelta(start: at(7), good: 1, total: 2)], stamp: 9)
        let records = unknown.takeChangedRecords().map(\.json)
        #expect(restored(records, [ledger(one, epoch: 5)]).former.isEmpty)
        let kept = restored(records, [ledger(one, epoch: 5)], isOwn: true)
        #expect(kept.former.map(\.terms.name) == ["gone"] && kept.superseded.isEmpty)
    }

    @Test func aFormerHistoryIsCountedFoldedAndRemovedWhenNoWindowReachesIt() {
        var former = FormerHistories()
        former.setEpoch(8)
        var terms = terms("gone", window: 90 * day)
        terms.definition = one
        former.add([SliceDelta(start: at(7), good: 1, total: 1)], to: terms.history, terms: nil, stamp: 3)
        #expect(former.unknownAmounts == 1 && former.ledgers.isEmpty)
        former.add([SliceDelta(start: at(7), good: 1, total: 2)], to: terms.history, terms: terms, stamp: 3)
        former.add([SliceDelta(start: at(7), good: 1, total: 2)], to: terms.history, terms: nil, stamp: 3)
        former.add([SliceDelta(start: at(8), good: 1, total: 2)], to: terms.history, terms: nil, stamp: 4)
        let records = former.takeChangedRecords()
        #expect(records.map(\.compactionKey) == ["gone/2026-11-20T00:00:00Z/0000000000000001/8"])
        #expect(total(former.ledgers[0]) == 4)

        former.advance(to: at(93 * 1440 + 9))
        #expect(former.ledgers.count == 1 && former.takeSupersededKeys().isEmpty && former.removed == 0)
        former.advance(to: at(93 * 1440 + 10))
        #expect(former.ledgers.isEmpty && former.removed == 1)
        #expect(former.takeSupersededKeys().map(\.key) == records.map(\.compactionKey))
        #expect(former.takeSupersededKeys().isEmpty)
        // Counted again, it begins anew.
        former.add([SliceDelta(start: at(200 * 1440), good: 1, total: 1)], to: terms.history, terms: terms, stamp: 5)
        #expect(former.ledgers.map(total) == [1])
    }

    @Test func theReportSaysSinceWhenAndWhatElseThereIs() throws {
        var (first, second) = (ledger(one, epoch: 4), ledger(two, epoch: 5))
        first.apply([SliceDelta(start: at(7), good: 1, total: 2)], stamp: 9)
        second.apply([SliceDelta(start: at(90), good: 1, total: 1)], stamp: 12)
        var history = WindowHistory()
        for record in first.takeChangedRecords() + second.takeChangedRecords() { history.add(record) }
        let present = history.ledgers(present: ["api": two])
        var report = SLOReport(ledgers: present.ledgers)
        report.note(present.former, ledgers: present.ledgers)
        let entry = try #require(report.entries.first)
        #expect(entry.total == 1 && entry.former == [FormerHistory(definition: one, from: at(7), to: at(8))])
        let warning = try #require(entry.warnings.last)
        #expect(
            warning.line
                == "SLO api: counted since 2026-11-20T01:30:00Z: the definition changed; what was counted before is in no "
                + "number here: from 2026-11-20T00:07:00Z to 2026-11-20T00:08:00Z by definition 0000000000000001")
    }

    /// A topic as compaction leaves it, members with changing definitions that are killed before, within or after what they
    /// publish, and a form that is switched at some time: every definition's counts are those that were added to it.
    @Test func everyDefinitionKeepsItsCountsThroughChangesAndKills() {
        for _ in 0..<60 {
            let seed = UInt64.random(in: 0...UInt64.max)
            var random = SeededGenerator(seed: seed)
            let upgrade = Int.random(in: 0..<6, using: &random)
            var topic: [String: [UInt8]] = [:]
            // The log: what was added by which definition; `nil` where updates don't tell.
            var log: [(definition: DefinitionFingerprint?, slice: Int64)] = []
            var heir: DefinitionFingerprint?
            for incarnation in 0..<14 {
                let tells = incarnation >= upgrade
                // Who tells for the first time stays until it is published once.
                let definition = Self.definitions.randomElement(using: &random)!
                let partition = restored(
                    topic.values.shuffled(using: &random), [ledger(definition, epoch: Int64(incarnation), tells: tells)]
                )
                var present = partition.ledgers[0]
                var former = FormerHistories()
                for ledger in partition.former { former.restore(ledger) }
                former.setEpoch(Int64(incarnation))
                // All of the log is read again: blocks know what is in them.
                func take(_ offset: Int) {
                    let (told, slice) = log[offset]
                    let delta = SliceDelta(start: at(slice), good: 0, total: 1 << Int64(offset % 40))
                    if told == nil || told == definition {
                        present.apply([delta], stamp: Int64(offset))
                    } else if let told {
                        var terms = terms()
                        terms.definition = told
                        former.add([delta], to: terms.history, terms: terms, stamp: Int64(offset))
                    }
                }
                // A definition's counts that were published without being told are its heir's, and not to be added again.
                let unread = log.count
                for offset in 0..<unread where log[offset].definition != nil { take(offset) }
                if tells, heir == nil, unread > 0 { heir = definition }
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let counted = Self.definitions.randomElement(using: &random)!
                    log.append((tells ? counted : nil, Int64.random(in: 0..<600, using: &random)))
                    take(log.count - 1)
                }
                func publish() {
                    for record in present.takeChangedRecords() + former.takeChangedRecords() {
                        topic[record.compactionKey] = record.json
                    }
                    let isKilled = Bool.random(using: &random)
                    for (_, key) in present.takeSupersededKeys().map({ ("api", $0) }) + former.takeSupersededKeys()
                    where !isKilled { topic[key] = nil }
                }
                publish()
            }
            let present = restored(topic.values.shuffled(using: &random), [ledger(one, epoch: 99)])
            for definition in Self.definitions {
                let own = log.enumerated().filter {
                    $0.element.definition == definition || $0.element.definition == nil && heir == definition
                }
                let sum = own.reduce(Int64(0)) { $0 + 1 << Int64($1.offset % 40) }
                let counted = (present.ledgers + present.former).filter { $0.terms.definition == definition }.map(total)
                #expect(counted.reduce(0, +) == sum, "definition \(definition), seed \(seed)")
            }
        }
    }
}
