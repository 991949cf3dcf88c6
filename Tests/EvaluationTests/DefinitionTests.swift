import Accounting
import Objectives
import Settings
import TelemetryModel
import TestObjectives
import Testing

@testable import Counting
@testable import Evaluation
@testable import Planning
@testable import Records

/// What is counted by one definition is never added to another's, and never lost, whoever evaluates.
@Suite struct DefinitionTests {
    private struct NoUpdate: Error {}

    private let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)
    private static let minute = 60 * Timestamp.nanosecondsPerSecond

    private func plan(_ filter: String = "has(event.errorCode)", _ form: RecordForm = .definitions) throws
        -> PipelinePlan
    {
        try CallsObjective.plan(counting: "good", where: filter, outputs: [.windows, .alerts], form: form)
    }

    private func shard(_ plan: PipelinePlan, restoring topic: [[UInt8]] = [], epoch: Int32 = 1) -> EvaluationShard {
        var shard = EvaluationShard(plan: plan, shard: 0, of: ShardMap(count: 1), closedBefore: nil)
        var restored = RestoredPartition(0, shard.objectives.ledgers) { _ in true }
        for record in topic { restored.take(record, judgedThrough: nil, offset: 0) }
        restored.finish()
        shard.restore(restored.ledgers, former: restored.former)
        shard.finishRestoring(epoch: OwnerEpoch(generation: epoch))
        return shard
    }

    /// What an owner with this plan sends.
    private func entry(_ plan: PipelinePlan, _ total: Int64, minute: Int64 = 0, from: Int64) -> [UInt8] {
        var told = ToldTerms()
        let delta = SliceDelta(start: start.advanced(by: minute * Self.minute), good: 1, total: total)
        let source = SourcePartition(topic: "t", partition: 0)
        return ShardEntry.update(
            ChangelogUpdate(
                source: source, epoch: OwnerEpoch(generation: 1), from: SourcePoint(offset: from),
                to: SourcePoint(offset: from + 1), progress: SourceProgress(),
                amounts: ChangelogAmounts(objectives: [told.amounts(of: 0, in: plan, [CountedSlices(0, nil, [delta])])])
            )
        ).json(in: plan.form)
    }

    private func add(_ json: [UInt8], to shard: inout EvaluationShard, at offset: Int64) throws {
        guard case .update(let update) = try ShardEntry<ChangelogAmounts>(json: json) else {
            throw NoUpdate()
        }
        let origin = UpdateOrigin(
            source: update.source, from: update.from, to: update.to, progress: update.progress, gap: nil)
        shard.add([update.amounts], from: origin, at: offset)
    }

    private func totals(_ shard: EvaluationShard) -> [String] {
        (shard.objectives.ledgers + shard.objectives.former.ledgers).map { ledger in
            let total = SLOReport(at: ledger.dataEnd, ledgers: [ledger]).entries[0].total
            return "\(ledger.terms.name) \(ledger.terms.definition?.description ?? "?") \(total)"
        }
    }

    @Test func anUpdateTellsWhatItWasCountedByOnlyInTheNewerForm() throws {
        let (older, newer) = (try plan("true", .first), try plan("true"))
        let old = String(decoding: entry(older, 2, from: 7), as: UTF8.self)
        #expect(old.hasPrefix(#"{"kind":"update","#) && old.hasSuffix(#","reads":2,"version":1}"#))
        #expect(
            old.contains(#""objectives":[{"name":"calls","slices":[["2026-01-15T09:00:00Z",1,2,0]],"matched":[0]}]"#))
        let new = String(decoding: entry(newer, 2, from: 7), as: UTF8.self)
        #expect(new.hasPrefix(#"{"entry":"update","#) && new.hasSuffix(#","version":2}"#))
        // 0.1.0 takes nothing without a kind.
        #expect(!new.contains(#""kind":"#))
        #expect(
            new.contains(
                #""objectives":[{"name":"calls","service":"platform","window":"30d","method":"Occurrences","target":0.99,"#
                    + #""definition":"\#(newer.definitions[0])","counts":[1768467600,1,2],"matched":0}]"#))
        for json in [old, new] {
            let written = try WrittenEntry(json: Array(json.utf8))
            #expect(written.reads == 2)
            guard case .update(let update) = written.entry else {
                throw NoUpdate()
            }
            #expect(
                String(decoding: written.entry.json(in: json == old ? .first : .definitions), as: UTF8.self) == json)
            #expect(update.amounts.objectives[0].definition == (json == old ? nil : newer.definitions[0]))
        }
        // As 0.1.0 writes.
        let claim = #"{"kind":"claim","source":{"topic":"t","partition":0},"epoch":3}"#
        #expect(try WrittenEntry(json: Array(claim.utf8)).reads == 1)
    }

    @Test func termsAreToldWithTheFirstCountsOfEachHour() throws {
        let plan = try plan()
        var told = ToldTerms()
        func tells(_ minutes: Int64...) -> Bool {
            let deltas = minutes.map { SliceDelta(start: start.advanced(by: $0 * Self.minute), good: 1, total: 1) }
            return told.amounts(of: 0, in: plan, [CountedSlices(0, nil, deltas)]).terms != nil
        }
        #expect(
            [tells(0), tells(1, 59), tells(59, 60), tells(60), tells(3), tells(180)] == [
                true, false, true, false, true, true,
            ])
    }

    /// What the objective's shard has already, from the owner before, does not count there.
    @Test func termsAreToldAgainUntilTheShardTakesTheCountsIn() throws {
        let plan = try plan()
        var told = ToldTerms()
        let deltas = [SliceDelta(start: start, good: 1, total: 1)]
        let tells = [false, false, true, true].map { isNews in
            told.amounts(of: 0, in: plan, [CountedSlices(0, nil, deltas)], isNews: isNews).terms != nil
        }
        #expect(tells == [true, true, true, false])
    }

    @Test func membersWithOtherFiltersCountIntoHistoriesOfTheirOwn() throws {
        let (one, two) = (try plan("true"), try plan("has(event.errorCode)"))
        var shard = shard(one)
        try add(entry(one, 2, from: 0), to: &shard, at: 0)
        try add(entry(two, 3, from: 1), to: &shard, at: 1)
        try add(entry(one, 4, from: 2), to: &shard, at: 2)
        let results = shard.takeResults()
        #expect(Set(results.windows.map(\.terms.definition)) == [one.definitions[0], two.definitions[0]])
        #expect(totals(shard) == ["calls \(one.definitions[0]) 6", "calls \(two.definitions[0]) 3"])

        // A member of the other filter takes the shard over, reads from before, and goes on with both.
        var next = self.shard(two, restoring: results.windows.map(\.json), epoch: 2)
        try add(entry(two, 3, from: 1), to: &next, at: 1)
        try add(entry(one, 8, from: 3), to: &next, at: 3)
        #expect(totals(next) == ["calls \(two.definitions[0]) 3", "calls \(one.definitions[0]) 14"])
        #expect(next.objectives.former.unknownAmounts == 0)
    }

    /// A checkpoint may lie far behind the windows: rollups whose windows are open hold it back.
    @Test(arguments: [true, false]) func updatesOfTheFirstVersionStayWithTheDefinitionOfTheRoll(hasWindows: Bool) throws
    {
        let older = try plan("true", .first)
        let updates = (0..<3).map { entry(older, 2, minute: Int64($0), from: Int64($0)) }
        var first = shard(older)
        for (offset, update) in updates.enumerated() { try add(update, to: &first, at: Int64(offset)) }
        let windows = hasWindows ? first.takeResults().windows.map { $0.json(in: .first) } : []

        // The same definition in the second version, and then another one, which reads all of them again.
        let (one, two) = (try plan("true"), try plan("has(event.errorCode)"))
        var rolled = shard(one, restoring: windows, epoch: 2)
        for (offset, update) in updates.enumerated() { try add(update, to: &rolled, at: Int64(offset)) }
        #expect(totals(rolled) == ["calls \(one.definitions[0]) 6"])
        let told = rolled.takeResults().windows.map(\.json)
        var changed = shard(two, restoring: windows + told, epoch: 3)
        for (offset, update) in updates.enumerated() { try add(update, to: &changed, at: Int64(offset)) }
        #expect(totals(changed) == ["calls \(two.definitions[0]) 0", "calls \(one.definitions[0]) 6"])
        // One of a member that the second roll has not reached yet.
        try add(entry(older, 5, minute: 4, from: 3), to: &changed, at: 3)
        try add(entry(two, 7, minute: 5, from: 4), to: &changed, at: 4)
        #expect(totals(changed) == ["calls \(two.definitions[0]) 7", "calls \(one.definitions[0]) 11"])

        let last = changed.takeResults().windows.map(\.json)
        let returned = shard(one, restoring: windows + told + last, epoch: 4)
        #expect(totals(returned) == ["calls \(one.definitions[0]) 11", "calls \(two.definitions[0]) 7"])
    }

    @Test func anObjectiveThatAnEvaluatorDoesNotKnowIsKeptAndTakenOver() throws {
        let knowing = try plan()
        let none = try PipelinePlan(resources: ResourceSet(), outputs: [.windows], form: .definitions)
        var shard = shard(none)
        try add(entry(knowing, 5, from: 0), to: &shard, at: 0)
        let records = shard.takeResults().windows
        #expect(records.map(\.terms.name) == ["calls"] && records.map(\.terms.target) == [Ratio(99, 100)])
        // Who knows it takes over, and then one who doesn't.
        var next = self.shard(knowing, restoring: records.map(\.json), epoch: 2)
        try add(entry(knowing, 6, minute: 1, from: 1), to: &next, at: 1)
        #expect(totals(next) == ["calls \(knowing.definitions[0]) 11"])
        let last = self.shard(none, restoring: (records + next.takeResults().windows).map(\.json), epoch: 3)
        #expect(totals(last) == ["calls \(knowing.definitions[0]) 11"])
    }

    @Test func whatNoWindowReachesIsTakenBackAndSaid() throws {
        let (one, two) = (try plan("true"), try plan("has(event.errorCode)"))
        var before = shard(one)
        try add(entry(one, 2, from: 0), to: &before, at: 0)
        let records = before.takeResults().windows
        var shard = shard(two, restoring: records.map(\.json), epoch: 2)
        // Silent for so long, but present.
        var present = self.shard(one, restoring: records.map(\.json), epoch: 2)
        for day: Int64 in [20, 33, 34] {
            let time = start.advanced(by: day * 1440 * Self.minute)
            shard.close(before: EventTimes(all: time))
            present.close(before: EventTimes(all: time))
        }
        #expect(totals(shard) == ["calls \(two.definitions[0]) 0"] && shard.objectives.former.removed == 1)
        #expect(shard.takeResults().superseded == records.map(\.compactionKey))
        #expect(totals(present) == ["calls \(one.definitions[0]) 2"] && present.takeResults().superseded.isEmpty)
    }

    @Test func aMemberThatReadsNoNewerFormIsSeenWhileItWrites() throws {
        let plan = try plan()
        let source = SourcePartition(topic: "t", partition: 0)
        func old(_ generation: Int32, _ kind: String = "claim") -> [UInt8] {
            Array(
                #"{"kind":"\#(kind)","source":{"topic":"t","partition":0},"epoch":\#(generation),"to":{"offset":4},"version":1}"#
                    .utf8)
        }
        var evaluator = ShardEvaluator(
            content: shard(plan), checkpoint: nil, expectedSources: [source], inputs: InputTerms(latenessNanoseconds: 0)
        )
        let claim = ShardEntry<ChangelogAmounts>.claim(Claim(source: source, epoch: OwnerEpoch(generation: 5)))
        try evaluator.read(claim, at: 0)
        let owned = OwnedShard(
            shard: 0, epoch: OwnerEpoch(generation: 1), writtenSince: 10, evaluator: evaluator)
        func seen(_ json: [UInt8], _ form: RecordForm = .definitions, at offset: Int64 = 10) throws -> String? {
            OlderMember(try WrittenEntry(json: json), form: form, at: offset, in: owned).map { "\($0)" }
        }
        for kind in ["claim", "update"] {
            let words = try #require(try seen(old(6, kind)))
            #expect(words.contains("reads records up to version 1") && words.contains("write version 2"), "\(words)")
            #expect(words.contains("t[0], epoch 0.6") && words.contains("outputs.recordVersion to 1"), "\(words)")
            // It was written before this member came, its writer was followed, or nothing newer is written.
            #expect(try seen(old(6, kind), at: 9) == nil)
            #expect(try seen(old(4, kind)) == nil)
            #expect(try seen(old(6, kind), .first) == nil)
        }
        #expect(try seen(claim.json(in: .first)) == nil)
        #expect(try seen(claim.json(in: .definitions)) == nil)
    }

    @Test func membersAreLookedForBeforeAnythingIsWritten() throws {
        func entry(_ generation: Int32, partition: Int32 = 0, reads: Int) throws -> WrittenEntry {
            let claim = ShardEntry<ChangelogAmounts>.claim(
                Claim(
                    source: SourcePartition(topic: "t", partition: partition), epoch: OwnerEpoch(generation: generation)
                ))
            let text = String(decoding: claim.json(in: .first), as: UTF8.self)
            return try WrittenEntry(
                json: Array(text.replacing(#""reads":2,"#, with: reads == 2 ? #""reads":2,"# : "").utf8))
        }
        var members = OlderMembers(form: .definitions)
        #expect(!members.arePossible)
        #expect(members.read(try entry(3, reads: 1)) != nil && members.arePossible)
        // Of another source; of one that a newer member has followed, and who writes late.
        #expect(members.read(try entry(3, partition: 1, reads: 2)) == nil && members.arePossible)
        #expect(members.read(try entry(4, reads: 2)) == nil && !members.arePossible)
        #expect(members.read(try entry(3, reads: 1)) == nil && !members.arePossible)
        #expect(members.read(try entry(5, reads: 1)).map { "\($0)" }?.contains("t[0], epoch 0.5") == true)
        // Who writes the first version needs to look for nobody.
        var first = OlderMembers(form: .first)
        #expect(first.read(try entry(3, reads: 1)) == nil && !first.arePossible)
    }
}
