import Accounting
import Alerting
import Objectives
import TelemetryModel
import TestObjectives
import Testing

@testable import Evaluation
@testable import Records

/// Alerts that 0.1.0 opened go on under its keys, once.
@Suite struct FormerKeyTests {
    private static let minute = 60 * Timestamp.nanosecondsPerSecond
    private let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    private func shard() throws -> EvaluationShard {
        EvaluationShard(
            plan: try CallsObjective.plan(
                counting: "good", where: "has(event.errorCode)", outputs: [.windows, .alerts]),
            shard: 0, of: ShardMap(count: 1), closedBefore: nil)
    }

    /// Minutes in each of which `good` of a thousand calls are good.
    private func run(_ shard: inout EvaluationShard, minutes: Range<Int64>, good: Int64) -> [AlertTransition] {
        for minute in minutes {
            let slice = SliceDelta(
                start: start.advanced(by: minute * FormerKeyTests.minute), good: good, total: 1000, late: 0)
            let source = UpdateOrigin(
                source: SourcePartition(topic: "t", partition: 0), from: SourcePoint(offset: minute),
                to: SourcePoint(offset: minute + 1), progress: SourceProgress(watermark: start), gap: nil)
            shard.add(
                [ChangelogAmounts(objectives: [.init(objective: "calls", slices: [slice])])], from: source, at: minute)
            shard.close(before: EventTimes(all: start.advanced(by: (minute + 1) * FormerKeyTests.minute)))
        }
        return shard.takeResults().alerts.map(\.transition)
    }

    private func former(_ transition: AlertTransition) throws -> AlertTransition {
        var former = transition
        former.alert.dedupKey = try #require(shard().kinds.formerKeys(of: transition.alert).first)
        return former
    }

    private func isPage(_ transition: AlertTransition) -> Bool { transition.alert.labels["alert"] == "page" }

    /// As a release announced it that made an alert of each burn rate.
    private func former(_ transition: AlertTransition, _ name: String, openedAt minute: Int64) -> AlertTransition {
        var former = transition
        former.alert.dedupKey = DedupKey(kind: "slo", name: "calls/\(name)")
        former.alert.labels["alert"] = name
        former.alert.openedAt = start.advanced(by: minute * FormerKeyTests.minute)
        return former
    }

    /// What was two alerts goes on as one, and ends as two, each as old as it is.
    @Test func aBurnRateOfBeforeGoesOnAsThePage() throws {
        var before = try shard()
        let page = try #require(run(&before, minutes: 0..<90, good: 0).first(where: isPage))
        let opened = [former(page, "page-slow", openedAt: 2), former(page, "page-quick", openedAt: 7)]
        var after = try shard()
        for alert in opened { after.takeOver(alert) }
        after.finishRestoring(epoch: OwnerEpoch(generation: 2))
        #expect(after.unjudgedAlerts.isEmpty)
        #expect(run(&after, minutes: 0..<90, good: 0).isEmpty, "nothing opens a second time")
        let ended = run(&after, minutes: 90..<300, good: 1000).filter(isPage)
        #expect(Set(ended.map(\.alert.dedupKey)) == Set(opened.map(\.alert.dedupKey)))
        #expect(ended.allSatisfy { $0.alert.status == .resolved })
        #expect(Set(ended.map(\.alert.openedAt)) == Set(opened.map(\.alert.openedAt)))
        #expect(after.alerts.open.allSatisfy { !isPage($0.transition) })
    }

    @Test func anAlertEndsUnderTheKeyThatItOpenedUnder() throws {
        var before = try shard()
        let opened = try run(&before, minutes: 0..<90, good: 0).map(former)
        #expect(!opened.isEmpty)

        var after = try shard()
        for alert in opened { after.takeOver(alert) }
        after.finishRestoring(epoch: OwnerEpoch(generation: 2))
        #expect(run(&after, minutes: 0..<90, good: 0).isEmpty, "nothing opens a second time")
        let later = run(&after, minutes: 90..<6000, good: 1000).filter(isPage)
        #expect(Set(later.map(\.alert.dedupKey)) == Set(opened.map(\.alert.dedupKey)))
        #expect(later.allSatisfy { $0.alert.status == .resolved })

        let again = run(&after, minutes: 6000..<6090, good: 0)
        #expect(!again.isEmpty)
        #expect(
            again.allSatisfy { !after.kinds.formerKeys(of: $0.alert).isEmpty },
            "the next alert has the present form")
    }

    /// Members of both releases had the shard while it was open.
    @Test func whatIsOpenUnderBothKeysEndsUnderBoth() throws {
        var before = try shard()
        let opened = run(&before, minutes: 0..<90, good: 0)
        var after = try shard()
        for alert in opened {
            after.takeOver(alert)
            after.takeOver(try former(alert))
        }
        after.finishRestoring(epoch: OwnerEpoch(generation: 2))
        #expect(run(&after, minutes: 0..<90, good: 0).isEmpty)
        let ended = run(&after, minutes: 90..<6000, good: 1000).filter(isPage)
        #expect(ended.count == 2 * opened.count)
        #expect(after.alerts.openCount == 0)
    }

    @Test func aKeyOfWhichNothingIsKnownIsLeftAsItIs() throws {
        var shard = try shard()
        var alert = try #require(run(&shard, minutes: 0..<90, good: 0).first).alert
        alert.dedupKey = DedupKey(kind: "sigma", name: "other")
        #expect(shard.kinds.formerKeys(of: alert).isEmpty)
        alert.labels = [:]
        #expect(shard.kinds.formerKeys(of: alert).isEmpty)
    }
}
