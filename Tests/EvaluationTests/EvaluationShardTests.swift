import Accounting
import Alerting
import Objectives
import TelemetryModel
import TestObjectives
import Testing

@testable import Evaluation
@testable import Records

/// What the updates of a shard's log amount to.
@Suite struct EvaluationShardTests {
    private static let minute = 60 * Timestamp.nanosecondsPerSecond
    private let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    private func shard(_ index: Int = 0, of count: Int = 1, counting form: String = "good") throws -> EvaluationShard {
        EvaluationShard(
            plan: try CallsObjective.plan(
                counting: form, where: "has(event.errorCode)", outputs: [.windows, .alerts]),
            shard: index, of: ShardMap(count: count), closedBefore: nil)
    }

    private func amounts(_ good: Int64, _ total: Int64, minute: Int64 = 0, late: Int64 = 0) -> ChangelogAmounts {
        let slice = SliceDelta(
            start: start.advanced(by: minute * EvaluationShardTests.minute), good: good, total: total, late: late)
        return ChangelogAmounts(objectives: [.init(objective: "calls", slices: [slice])])
    }

    private func update(_ partition: Int32, to offset: Int64, gap: SourceGapCause? = nil) -> UpdateOrigin {
        UpdateOrigin(
            source: SourcePartition(topic: "t", partition: partition), from: SourcePoint(offset: 0),
            to: SourcePoint(offset: offset), progress: SourceProgress(watermark: start), gap: gap)
    }

    private func counts(_ shard: EvaluationShard) -> SliceCounts { shard.objectives.ledgers[0].counts(at: start) }

    @Test func updatesOfAllPartitionsAddUp() throws {
        var shard = try shard()
        shard.add([amounts(1, 2)], from: update(0, to: 2), at: 0)
        shard.add([amounts(2, 2)], from: update(0, to: 4), at: 1)
        shard.add([amounts(5, 6)], from: update(1, to: 6), at: 2)
        #expect(counts(shard) == SliceCounts(good: 8, total: 10))
    }

    @Test func restoredBlockPassesOverWhatItIncludesAndCountsTheRest() throws {
        var before = try shard()
        before.add([amounts(3, 4, late: 2)], from: update(0, to: 4), at: 7)
        let published = before.takeResults().windows
        #expect(published.count == 1)

        var after = try shard()
        var restored = RestoredPartition(0, after.objectives.ledgers)
        for record in published { restored.take(record.json, judgedThrough: nil, offset: 0) }
        after.restore(restored.ledgers)
        after.finishRestoring(epoch: OwnerEpoch(generation: 2))
        after.add([amounts(3, 4, late: 2)], from: update(0, to: 4), at: 7)
        #expect(counts(after) == SliceCounts(good: 3, total: 4, late: 2))
        after.add([amounts(1, 1, late: 1)], from: update(0, to: 5), at: 8)
        #expect(counts(after) == SliceCounts(good: 4, total: 5, late: 3))
    }

    @Test func allPartsOfAnUpdateCountInOneBlock() throws {
        var shard = try shard()
        var whole = amounts(0, 0)
        whole.objectives[0].slices = (0..<5).flatMap { amounts(1, 2, minute: $0).objectives[0].slices }
        let parts = whole.split(itemsMax: 2)
        #expect(parts.count == 3)
        shard.add(parts, from: update(0, to: 10), at: 0)
        let ledger = shard.objectives.ledgers[0]
        for minute in 0..<5 {
            let time = start.advanced(by: Int64(minute) * EvaluationShardTests.minute)
            #expect(ledger.counts(at: time) == SliceCounts(good: 1, total: 2), "minute \(minute)")
        }
    }

    @Test func aBlockIsPublishedAgainOnlyWhenItHasChanged() throws {
        var shard = try shard()
        shard.add([amounts(1, 1)], from: update(0, to: 1), at: 0)
        #expect(shard.takeResults().windows.count == 1)
        #expect(shard.takeResults().windows.isEmpty)
        shard.add([amounts(1, 1)], from: update(0, to: 2), at: 1)
        #expect(shard.takeResults().windows.map(\.stamp) == [1])
    }

    @Test func moreBadThanTotalIsNoGoodUntilTheTotalArrives() throws {
        var shard = try shard(counting: "bad")
        shard.add([amounts(-2, 3)], from: update(0, to: 1), at: 0)
        #expect(counts(shard).good == 0)
        shard.add([amounts(6, 6)], from: update(1, to: 1), at: 1)
        #expect(counts(shard) == SliceCounts(good: 4, total: 9))
    }

    /// Silent partitions move time by the clock, and then a source tells of a time long before.
    @Test func whatWasCountedLongAgoIsNotForgottenForTheClock() throws {
        var shard = try shard()
        shard.add([amounts(1, 2)], from: update(0, to: 2), at: 0)
        _ = shard.takeResults()
        shard.close(before: EventTimes(all: start.advanced(by: 300 * 1440 * EvaluationShardTests.minute)))
        shard.add([amounts(2, 2)], from: update(0, to: 4), at: 1)
        #expect(counts(shard) == SliceCounts(good: 3, total: 4))
    }

    @Test func anObjectiveOfAnotherShardIsNotCounted() throws {
        let map = ShardMap(count: 2)
        let other = 1 - map.shard(ofObjective: "calls")
        var shard = try shard(other, of: 2)
        shard.add([amounts(1, 1)], from: update(0, to: 1), at: 0)
        #expect(shard.objectives.ledgers.isEmpty)
        #expect(shard.takeResults().windows.isEmpty)
    }

    @Test func anAlertThatTheFeedHasIsNotOpenedAgain() throws {
        func burn(_ shard: inout EvaluationShard) {
            for minute: Int64 in 0..<90 {
                shard.add([amounts(0, 1000, minute: minute)], from: update(0, to: minute + 1), at: minute)
                shard.close(before: EventTimes(all: start.advanced(by: (minute + 1) * EvaluationShardTests.minute)))
            }
        }
        var first = try shard()
        burn(&first)
        let opened = first.takeResults().alerts
        #expect(!opened.isEmpty)

        // The alerts were acknowledged and nothing else was: the log is read again from its beginning.
        var second = try shard()
        for alert in opened { second.takeOver(alert.transition) }
        second.finishRestoring(epoch: OwnerEpoch(generation: 2))
        burn(&second)
        #expect(second.takeResults().alerts.map(\.key.dedupKey) == [])
        #expect(second.alerts.open.map(\.transition) == first.alerts.open.map(\.transition))
    }

    /// An alert's conditions may be of several kinds, and its end is of the one that opened it.
    @Test func anEndIsOfTheKindThatOpenedTheAlert() throws {
        func transition(_ findings: [ObjectiveFinding], minute: Int64) -> AlertTransition {
            .objective(
                .init(
                    objective: "calls", service: "shop", alert: "own", severity: .warning, target: "0.9",
                    confidence: "0.9", keepFiringFor: nil), isFiring: findings.count == 1,
                time: start.advanced(by: minute * EvaluationShardTests.minute), openedAt: start, findings: findings)
        }
        var shard = try shard()
        let silence = ObjectiveFinding.noData("30m")
        shard.announce([transition([silence], minute: 0)])
        shard.announce([transition([.budgetLeft("0.5", below: "0.2"), silence], minute: 1)])
        #expect(shard.takeResults().alerts.map(\.transition.alert.kind) == ["no_data", "no_data"])
    }

    @Test func recordsThatWereNeverReadStandInTheReport() throws {
        var shard = try shard()
        shard.add([amounts(1, 1)], from: update(0, to: 5), at: 0)
        shard.add([ChangelogAmounts()], from: update(0, to: 9, gap: .expired), at: 1)
        let report = shard.report(at: start.advanced(by: EvaluationShardTests.minute))
        #expect(report.entries.first?.gaps.map(\.from) == [0])
    }

    @Test func whatAnEntryOnRequestLeftOutIsAGapOfEveryObjectiveThatReadsIt() throws {
        let plan = try CallsObjective.plan(counting: "bad", where: "false", outputs: [.windows])
        var shard = EvaluationShard(plan: plan, shard: 0, of: ShardMap(count: 1), closedBefore: nil)
        let source = SourcePartition(topic: "t", partition: 0)
        let origin = UpdateOrigin(
            source: source, from: SourcePoint(offset: 20), to: SourcePoint(offset: 30),
            progress: SourceProgress(watermark: Timestamp(nanoseconds: 60_000_000_000)), gap: nil,
            passedOverFrom: SourcePoint(offset: 10))
        shard.add([ChangelogAmounts()], from: origin, at: 5)
        let records = shard.takeResults().windows
        #expect(records.map(\.terms.name) == ["calls"])
        #expect(records.flatMap(\.gaps) == [UnreadSpan(topic: "t", partition: 0, from: 10, to: 20)])
    }
}
