import Accounting
import Alerting
import Objectives
import Planning
import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Evaluation
@testable import Records

/// One declaration, an SLO for each group: whatever was written when an evaluator ends, its successor puts each count where it belongs.
@Suite struct ObjectiveGroupTests {
    private static let minute = 60 * Timestamp.nanosecondsPerSecond
    private static let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    private struct Log {
        var entries: [ChangelogAmounts] = []

        mutating func append(_ counts: [(name: String?, good: Int64, total: Int64)], minute: Int, in plan: PipelinePlan)
        {
            let start = ObjectiveGroupTests.start.advanced(by: Int64(minute) * ObjectiveGroupTests.minute)
            var sum = SliceDelta(start: start)
            var groups: [ChangelogAmounts.GroupAmounts] = []
            for (name, good, total) in counts {
                (sum.good, sum.total) = (sum.good + good, sum.total + total)
                groups.append(
                    .init(
                        group: ObjectiveGroup(columns: ["eventName"], values: [name]),
                        slices: [SliceDelta(start: start, good: good, total: total, matched: .all)]))
            }
            sum.matched = .all
            entries.append(
                ChangelogAmounts(objectives: [
                    .init(objective: "all", definition: plan.definitions[0], slices: [sum]),
                    .init(objective: "calls", definition: plan.definitions[1], groups: groups),
                ]))
        }
    }

    private func shard(_ plan: PipelinePlan) -> EvaluationShard {
        EvaluationShard(plan: plan, shard: 0, of: ShardMap(count: 1), closedBefore: nil)
    }

    private func origin(_ offset: Int) -> UpdateOrigin {
        UpdateOrigin(
            source: SourcePartition(topic: "t", partition: 0), from: SourcePoint(offset: Int64(offset)),
            to: SourcePoint(offset: Int64(offset) + 1), progress: SourceProgress(watermark: ObjectiveGroupTests.start),
            gap: nil)
    }

    /// Good and total of each group, and of what has none.
    private func sums(_ shard: EvaluationShard) -> [String: [Int64]] {
        shard.objectives.ledgers.reduce(into: [:]) { sums, ledger in
            let counts = ledger.records.flatMap(\.slices)
            let sum = counts.reduce(into: [0, 0] as [Int64]) { $0 = [$0[0] + $1.good, $0[1] + $1.total] }
            if sum != [0, 0] { sums[ledger.terms.title] = sum }
        }
    }

    private func restored(_ records: [String: WindowRecord], _ plan: PipelinePlan, epoch: Int32) -> EvaluationShard {
        var shard = shard(plan)
        var partition = RestoredPartition(0, shard.objectives.ledgers)
        for (_, record) in records.sorted(by: { $0.key < $1.key }) {
            partition.take(record.json(in: .definitions), judgedThrough: nil, offset: 0)
        }
        partition.finish()
        #expect(partition.failure == nil)
        shard.restore(partition.ledgers, former: partition.former)
        shard.finishRestoring(epoch: OwnerEpoch(generation: epoch))
        return shard
    }

    @Test func groupsAddUpToTheWhole() throws {
        let plan = try CallsObjective.byName()
        var log = Log()
        log.append([("Get", 3, 4), (nil, 1, 1), ("Put", 0, 2)], minute: 0, in: plan)
        log.append([("Get", 1, 1), ("", 5, 5)], minute: 1, in: plan)
        var shard = shard(plan)
        for (offset, entry) in log.entries.enumerated() { shard.add([entry], from: origin(offset), at: Int64(offset)) }
        #expect(
            sums(shard) == [
                "all": [10, 13], "calls{eventName=Get}": [4, 5], "calls{eventName=-}": [1, 1],
                "calls{eventName=Put}": [0, 2], "calls{eventName=}": [5, 5],
            ])
        #expect(shard.objectives.groupCounts.map(\.kept) == [4])
        let owner = OwnedShard(
            shard: 0, epoch: OwnerEpoch(generation: 1),
            evaluator: ShardEvaluator(
                content: shard, checkpoint: nil, expectedSources: [], inputs: InputTerms(latenessNanoseconds: 0)))
        let snapshot = ShardSnapshot(of: owner, report: nil, selectorParts: nil)
        #expect(snapshot.report.entries.map(\.terms.title) == ["all"])
        #expect(snapshot.groupCounts.map(\.kept) == [4])
        #expect(Set(snapshot.selectorParts.keys) == ["all", "calls"])
    }

    @Test func whatBeginsBeyondTheBoundIsCountedTogetherAndStaysThere() throws {
        let plan = try CallsObjective.byName(groupsMax: 2)
        var log = Log()
        log.append([("a", 1, 1), ("b", 1, 2), ("c", 1, 1)], minute: 0, in: plan)
        log.append([("a", 1, 1), ("c", 2, 2), ("d", 0, 1)], minute: 1, in: plan)
        var shard = shard(plan)
        for (offset, entry) in log.entries.enumerated() { shard.add([entry], from: origin(offset), at: Int64(offset)) }
        #expect(
            sums(shard) == [
                "all": [6, 8], "calls{eventName=a}": [2, 2], "calls{eventName=b}": [1, 2],
                "calls{eventName=(other)}": [3, 4],
            ])
        #expect(shard.objectives.groupCounts.map(\.kept) == [2])
        #expect(shard.objectives.groupCounts.map(\.hasOther) == [true])
    }

    /// Some of a round's records are written, in no order that can be relied on, and the checkpoint not: what is read again finds its place.
    @Test(arguments: 0..<60) func anySubsetOfTheRecordsIsEnough(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let plan = try CallsObjective.byName(groupsMax: 1 + random.below(6))
        let names: [String?] = ["a", "b", "c", "d", "e", "f", "g", "h", "(other)", "", nil]
        var log = Log()
        for number in 0..<30 {
            let counts = (0..<1 + random.below(4)).map { _ in
                let total = Int64(1 + random.below(5))
                return (random.pick(names), Int64(random.below(Int(total) + 1)), total)
            }
            let unique = Dictionary(counts.map { ($0.0, $0) }, uniquingKeysWith: { first, _ in first }).values
            log.append(
                unique.map { (name: $0.0, good: $0.1, total: $0.2) }.sorted { ($0.name ?? "") < ($1.name ?? "") },
                minute: number / 7, in: plan)
        }
        var whole = shard(plan)
        for (offset, entry) in log.entries.enumerated() { whole.add([entry], from: origin(offset), at: Int64(offset)) }

        var records: [String: WindowRecord] = [:]
        var tested = shard(plan)
        var (next, checkpoint, epoch) = (0, 0, Int32(1))
        tested.finishRestoring(epoch: OwnerEpoch(generation: epoch))
        while next < log.entries.count {
            tested.add([log.entries[next]], from: origin(next), at: Int64(next))
            next += 1
            switch random.below(6) {
            case 0:
                for record in tested.takeResults().windows { records[record.compactionKey] = record }
                checkpoint = next
            case 1:
                for record in tested.takeResults().windows where random.chance(0.5) {
                    records[record.compactionKey] = record
                }
                epoch += 1
                tested = restored(records, plan, epoch: epoch)
                next = checkpoint
            default: break
            }
        }
        #expect(sums(tested) == sums(whole), "seed \(seed)")
    }

    @Test func aGroupThatIsSilentForTheWholeWindowEnds() throws {
        let plan = try CallsObjective.byName(window: "1h")
        var log = Log()
        for minute in 0..<10 { log.append([("a", 0, 100), ("b", 100, 100)], minute: minute, in: plan) }
        var shard = shard(plan)
        shard.finishRestoring(epoch: OwnerEpoch(generation: 1))
        for (offset, entry) in log.entries.enumerated() { shard.add([entry], from: origin(offset), at: Int64(offset)) }
        let start = ObjectiveGroupTests.start
        func pass(_ minutes: Int64) -> EvaluationShard.Results {
            let times = EventTimes(all: start.advanced(by: minutes * ObjectiveGroupTests.minute))
            shard.close(before: times, reached: times)
            return shard.takeResults()
        }
        let opened = pass(10).alerts.map(\.transition.alert).filter { $0.labels["objective"] == "calls" }
        #expect(Set(opened.map { $0.labels["eventName"] }) == ["a"])
        #expect(opened.first?.summary.hasPrefix("calls{eventName=a}: ") == true)
        let silent = pass(69)
        #expect(silent.alerts.isEmpty)
        #expect(shard.objectives.groupCounts.map(\.kept) == [2])
        let ended = pass(70)
        let closed = ended.alerts.map(\.transition).filter { $0.alert.labels["objective"] == "calls" }
        #expect(Set(closed.map(\.alert.dedupKey)) == Set(opened.map(\.dedupKey)))
        #expect(closed.allSatisfy { $0.alert.status == .resolved })
        #expect(closed.allSatisfy { $0.alert.time == start.advanced(by: 70 * ObjectiveGroupTests.minute) })
        #expect(
            closed.first?.reason
                == "The group has had no records for 1h, the whole window: nothing judges it any more.")
        #expect(shard.objectives.groupCounts.map(\.kept) == [0])
        let keys = ended.superseded.filter { $0.hasPrefix("calls/") }
        #expect(keys.count == 2)
        #expect(keys.allSatisfy { $0.contains(#"calls/["a"]/"#) || $0.contains(#"calls/["b"]/"#) })
    }

    /// With one bound it is by the order of the log which groups are kept; a new one comes in when all that was counted together has ended.
    @Test func aGroupIsKeptAgainWhenTheOthersHaveEnded() throws {
        let plan = try CallsObjective.byName(groupsMax: 1, window: "1h")
        var log = Log()
        log.append([("a", 1, 1), ("b", 1, 1)], minute: 0, in: plan)
        log.append([("a", 1, 1)], minute: 61, in: plan)
        log.append([("b", 1, 1)], minute: 62, in: plan)
        log.append([("a", 1, 1), ("b", 1, 1)], minute: 130, in: plan)
        var shard = shard(plan)
        var seen: [[String]] = []
        for (offset, entry) in log.entries.enumerated() {
            shard.add([entry], from: origin(offset), at: Int64(offset))
            let end = try #require(entry.objectives.last?.groups.first?.slices.first?.start)
            let times = EventTimes(all: end.advanced(by: ObjectiveGroupTests.minute))
            shard.close(before: times, reached: times)
            seen.append(shard.objectives.ledgers.compactMap(\.terms.group?.values[0]))
        }
        #expect(seen == [["a", "(other)"], ["a"], ["a", "(other)"], ["a", "(other)"]])
    }

    /// An alert may be in the state before the first record of its group is: the group is read again, and is known by then.
    @Test func anAlertOfAGroupIsBroughtBackBeforeItsRecords() throws {
        let plan = try CallsObjective.byName(window: "1h")
        var log = Log()
        for minute in 0..<10 { log.append([("a", 0, 100)], minute: minute, in: plan) }
        var shard = shard(plan)
        for (offset, entry) in log.entries.enumerated() { shard.add([entry], from: origin(offset), at: Int64(offset)) }
        let times = EventTimes(all: ObjectiveGroupTests.start.advanced(by: 10 * ObjectiveGroupTests.minute))
        shard.close(before: times, reached: times)
        let terms = PublishingTerms(epoch: OwnerEpoch(generation: 1), form: .definitions, next: 10)
        let published = shard.takeResults(terms)
        let state = try #require(published.alertState)
        #expect(state.open.count { $0.transition.alert.labels["eventName"] == "a" } > 0)

        var after = self.shard(plan)
        after.restore(state)
        after.finishRestoring(epoch: OwnerEpoch(generation: 2))
        #expect(after.unjudgedAlerts.isEmpty)
        for (offset, entry) in log.entries.enumerated() { after.add([entry], from: origin(offset), at: Int64(offset)) }
        after.close(before: times, reached: times)
        #expect(after.takeResults(terms).alerts.isEmpty)
        #expect(sums(after) == sums(shard))
    }

    @Test func anAlertOfOtherGroupsIsNotJudged() throws {
        let plan = try CallsObjective.byName(window: "1h")
        var log = Log()
        for minute in 0..<10 { log.append([("a", 0, 100)], minute: minute, in: plan) }
        var shard = shard(plan)
        for (offset, entry) in log.entries.enumerated() { shard.add([entry], from: origin(offset), at: Int64(offset)) }
        let times = EventTimes(all: ObjectiveGroupTests.start.advanced(by: 10 * ObjectiveGroupTests.minute))
        shard.close(before: times, reached: times)
        let terms = PublishingTerms(epoch: OwnerEpoch(generation: 1), form: .definitions, next: 10)
        let state = try #require(shard.takeResults(terms).alertState)

        let ungrouped = try CallsObjective.failures()
        var after = EvaluationShard(plan: ungrouped, shard: 0, of: ShardMap(count: 1), closedBefore: nil)
        after.restore(state)
        let lost = after.unjudgedAlerts.filter { $0.standing.transition.alert.labels["objective"] == "calls" }
        #expect(!lost.isEmpty)
        #expect(lost.allSatisfy { $0.removal == .objectiveGroups("calls") })
    }

    /// A backlog brings the end of a group and its return in one round: what is written is not taken back behind it.
    @Test func aGroupThatBeginsAgainInTheSameRoundKeepsItsRecord() throws {
        let plan = try CallsObjective.byName(window: "2m")
        var log = Log()
        for minute in [0, 30, 59] { log.append([("y", 1, 1)], minute: minute, in: plan) }
        var shard = shard(plan)
        shard.finishRestoring(epoch: OwnerEpoch(generation: 1))
        var records: [String: WindowRecord] = [:]
        func publish(_ results: EvaluationShard.Results) {
            for record in results.windows { records[record.compactionKey] = record }
            for key in results.superseded { records[key] = nil }
        }
        for (offset, entry) in log.entries.enumerated() {
            shard.add([entry], from: origin(offset), at: Int64(offset))
            if offset == 0 { publish(shard.takeResults()) }
            let end = try #require(entry.objectives.last?.groups.first?.slices.first?.start)
            let times = EventTimes(all: end.advanced(by: ObjectiveGroupTests.minute))
            shard.close(before: times, reached: times)
        }
        publish(shard.takeResults())
        #expect(records.values.contains { $0.terms.group != nil })
        #expect(sums(restored(records, plan, epoch: 2)) == sums(shard))
    }

    /// The broker may have the records of ended groups still, which their successor doesn't take for groups that go on.
    @Test func whatHadEndedIsNotBroughtBack() throws {
        let plan = try CallsObjective.byName(groupsMax: 1, window: "2m")
        var log = Log()
        log.append([("y", 1, 1)], minute: 0, in: plan)
        log.append([("z", 1, 1)], minute: 30, in: plan)
        var shard = shard(plan)
        shard.finishRestoring(epoch: OwnerEpoch(generation: 1))
        var records: [String: WindowRecord] = [:]
        var times = EventTimes()
        for (offset, entry) in log.entries.enumerated() {
            let start = try #require(entry.objectives.last?.groups.first?.slices.first?.start)
            times = EventTimes(all: start)
            shard.close(before: times, reached: times)
            shard.add([entry], from: origin(offset), at: Int64(offset))
            for record in shard.takeResults().windows { records[record.compactionKey] = record }
        }
        var after = self.shard(plan)
        var partition = RestoredPartition(0, after.objectives.ledgers)
        for (_, record) in records { partition.take(record.json(in: .definitions), judgedThrough: times, offset: 0) }
        partition.finish()
        after.restore(partition.ledgers, former: partition.former)
        after.restore(judgedThrough: times)
        after.finishRestoring(epoch: OwnerEpoch(generation: 2))
        #expect(after.objectives.ledgers.compactMap(\.terms.group?.values.first) == ["z"])
    }

    /// Slices are judged before windows are over. An end that is due between the two is dated when slices came to it, so who restarts there
    /// must not take it for one that was announced.
    @Test func theEndOfAGroupIsNotLostBetweenSlicesAndWindows() throws {
        let plan = try CallsObjective.byName(window: "1h")
        let inputs = InputTerms(
            latenessNanoseconds: 15 * ObjectiveGroupTests.minute,
            inputs: [
                "t": InputTerms.Input(
                    kinds: Set(EventKind.allCases), latenessNanoseconds: 15 * ObjectiveGroupTests.minute)
            ])
        var log = Log()
        for minute in 0..<10 { log.append([("a", 0, 100)], minute: minute, in: plan) }
        func begun() -> EvaluationShard {
            var shard = self.shard(plan)
            shard.judge(by: inputs)
            return shard
        }
        func pass(_ shard: inout EvaluationShard, _ minutes: Int64) -> EvaluationShard.Results {
            func time(_ minutes: Int64) -> EventTimes {
                EventTimes(all: ObjectiveGroupTests.start.advanced(by: minutes * ObjectiveGroupTests.minute))
            }
            shard.close(before: time(minutes - 15), reached: time(minutes))
            return shard.takeResults(
                PublishingTerms(epoch: OwnerEpoch(generation: 1), form: .definitions, next: 10, isStateDue: true))
        }
        func ends(_ results: EvaluationShard.Results) -> Int {
            results.alerts.count {
                $0.transition.alert.status == .resolved && $0.transition.alert.labels["objective"] == "calls"
            }
        }
        for restart in [69, 70, 75, 84, 86] as [Int64] {
            var shard = begun()
            shard.finishRestoring(epoch: OwnerEpoch(generation: 1))
            var records: [String: WindowRecord] = [:]
            func publish(_ results: EvaluationShard.Results) {
                for record in results.windows { records[record.compactionKey] = record }
                for key in results.superseded { records[key] = nil }
            }
            for (offset, entry) in log.entries.enumerated() {
                shard.add([entry], from: origin(offset), at: Int64(offset))
            }
            let opened = pass(&shard, 30)
            publish(opened)
            let openCount = opened.alerts.count { $0.transition.alert.labels["objective"] == "calls" }
            #expect(openCount > 0)
            let before = pass(&shard, restart)
            publish(before)
            let state = try #require(before.alertState)

            var after = begun()
            var partition = RestoredPartition(0, after.objectives.ledgers)
            for (_, record) in records.sorted(by: { $0.key < $1.key }) {
                partition.take(record.json(in: .definitions), judgedThrough: nil, offset: 0)
            }
            partition.finish()
            after.restore(partition.ledgers, former: partition.former)
            after.restore(state)
            after.finishRestoring(epoch: OwnerEpoch(generation: 2))
            let ended = ends(before) + ends(pass(&after, 100)) + ends(pass(&after, 200))
            #expect(ended == openCount, "restarted at minute \(restart)")
        }
    }
}
