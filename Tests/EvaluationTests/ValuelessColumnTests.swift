import Accounting
import Aggregation
import Alerting
import Planning
import Records
import TelemetryModel
import TestObjectives
import Testing

@testable import Evaluation

/// A group whose column has no value and one whose value is an empty text are two, and so are their alerts.
@Suite struct ValuelessColumnTests {
    private static let groups: [String?] = [nil, "", "a"]
    private static let minute = 60 * Timestamp.nanosecondsPerSecond

    private static func at(_ minute: Int64) -> Timestamp { Timestamp(nanoseconds: minute * Self.minute) }

    private static func shard() throws -> EvaluationShard {
        EvaluationShard(
            plan: try CallsObjective.namesWithAMonitor(alert: "{severity: critical, summary: x}"), shard: 0,
            of: ShardMap(count: 1), closedBefore: nil)
    }

    /// Shows minutes in which each of the groups has the same number of calls, and takes what is published.
    private static func run(
        _ shard: inout EvaluationShard, minutes: Range<Int64>, calls: (Int64) -> UInt64
    ) throws -> [AlertTransition] {
        var engine = RollupEngine(shard.plan.rollups[0].plan)
        for minute in minutes {
            for group in groups {
                let isTaken = engine.restore(
                    RollupChange(windowStart: at(minute), group: [group], measures: [.count(calls(minute))]))
                #expect(isTaken)
            }
        }
        var transitions: [AlertTransition] = []
        for start in engine.windowStarts.sorted() {
            let window = engine.peekWindow(start)
            transitions += shard.kinds.take(try #require(window), rollup: 0)
        }
        shard.announce(transitions)
        return shard.takeResults().alerts.map(\.transition)
    }

    @Test func theirAlertsAreTwo() throws {
        var shard = try Self.shard()
        let opened = try Self.run(&shard, minutes: 0..<30) { $0 < 25 ? 20 : 2000 }.filter { $0.alert.status == .open }
        #expect(Set(opened.map(\.alert.dedupKey)).count == Self.groups.count)
        #expect(Set(opened.map { $0.alert.labels["eventName"] }) == ["", "a"])
    }

    /// Each goes on after a restart that knows of the alerts alone, none is taken for another's.
    @Test func eachIsTakenOver() throws {
        var before = try Self.shard()
        let opened = try Self.run(&before, minutes: 0..<30) { $0 < 25 ? 20 : 2000 }.filter { $0.alert.status == .open }
        var after = try Self.shard()
        for alert in opened { after.takeOver(alert) }
        #expect(after.unjudged.isEmpty && after.alerts.openCount == Self.groups.count)
        let again = try Self.run(&after, minutes: 0..<30) { $0 < 25 ? 20 : 2000 }
        #expect(again.isEmpty, "nothing opens a second time")
    }

    /// 0.1.0 had one key for the two: what is open under it ends under it.
    @Test func anAlertUnderTheFormerKeyEnds() throws {
        var before = try Self.shard()
        let opened = try Self.run(&before, minutes: 0..<30) { $0 < 25 ? 20 : 2000 }
        var former = try #require(opened.first { $0.alert.labels["eventName"] == "" })
        former.alert.dedupKey = try #require(before.kinds.formerKeys(of: former.alert).first)
        var after = try Self.shard()
        after.takeOver(former)
        #expect(after.unjudged.isEmpty)
        #expect(after.kinds.isOwn(former.alert) == true)
        let told = try Self.run(&after, minutes: 0..<400) { (25..<30).contains($0) ? 2000 : 20 }
        let ends = told.filter { $0.alert.status == .resolved }
        #expect(ends.contains { $0.alert.dedupKey == former.alert.dedupKey })
        #expect(after.alerts.openCount == 0)
    }
}
