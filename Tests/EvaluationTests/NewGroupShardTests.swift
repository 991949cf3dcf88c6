import Aggregation
import Alerting
import Planning
import Records
import Settings
import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Evaluation

/// New groups are judged against the others of their shard, in a replay too, where one monitor has the groups of all shards.
@Suite struct NewGroupShardTests {
    private static let windows: Range<Int64> = 0..<12

    /// Known groups of about 20 calls, and in the last windows new ones of 20 to 60, with a seed of their own in each window.
    private static func calls(in window: Int64) -> [(name: String, count: UInt64)] {
        var random = SeededGenerator(seed: UInt64(window) + 77)
        let known = (0..<400).map { ("known-\($0)", 15 + random.next() % 11) }
        return known + (window < 10 ? [] : (0..<120).map { ("new-\(window)-\($0)", 20 + UInt64($0) / 3) })
    }

    /// The calls of all windows, of the groups for which `isTaken` is true.
    private static func engine(_ plan: PipelinePlan, where isTaken: (String) -> Bool) -> RollupEngine {
        var engine = RollupEngine(plan.rollups[0].plan)
        for window in windows {
            for (name, count) in calls(in: window) where isTaken(name) {
                let start = Timestamp(nanoseconds: window * 60_000_000_000)
                let isTaken = engine.restore(
                    RollupChange(windowStart: start, group: [name], measures: [.count(count)]))
                #expect(isTaken)
            }
        }
        return engine
    }

    /// Which new groups are flagged, of those for which `isTaken` is true.
    private static func flags(
        _ plan: PipelinePlan, _ identity: GroupIdentity, isTaken: (String) -> Bool = { _ in true }
    ) throws -> Set<String> {
        var states = MonitorStates(plan: plan, identity: identity)
        let engine = engine(plan, where: isTaken)
        var flags: Set<String> = []
        for start in engine.windowStarts.sorted() {
            let window = engine.peekWindow(start)
            _ = states.take(try #require(window), rollup: 0) { _, flag in
                guard flag.group[0]?.hasPrefix("new-") == true else { return }
                flags.insert("\(flag.window) \(flag.group[0] ?? "-") \(flag.direction)")
            }
        }
        return flags
    }

    @Test func aReplayFlagsWhatTheShardsFlag() throws {
        let plan = try CallsObjective.namesWithAMonitor()
        let shards = ShardMap(count: MonitorStates.shardsOfReplay)
        let rollup = plan.rollups[0].plan.definition.name
        var ofShards: Set<String> = []
        for shard in 0..<shards.count {
            ofShards.formUnion(
                try Self.flags(plan, .values) { shards.shard(ofRollup: rollup, group: [$0]) == shard })
        }
        #expect(ofShards.count > 20 && ofShards.count < 220, "\(ofShards.count)")
        #expect(try Self.flags(plan, .digest) == ofShards)
        #expect(try Self.flags(plan, .number) == ofShards)
    }

    /// By dedup key, the details of the alerts that open.
    private static func details(
        _ plan: PipelinePlan, _ identity: GroupIdentity, isTaken: (String) -> Bool = { _ in true }
    ) throws -> [DedupKey: [String: AlertValue]] {
        var states = MonitorStates(plan: plan, identity: identity)
        let engine = engine(plan, where: isTaken)
        var details: [DedupKey: [String: AlertValue]] = [:]
        for start in engine.windowStarts.sorted() {
            let window = engine.peekWindow(start)
            for transition in states.take(try #require(window), rollup: 0) where transition.alert.status == .open {
                details[transition.alert.dedupKey] = transition.alert.details
            }
        }
        return details
    }

    @Test func aReplayNamesWhatItsShardFlaggedToo() throws {
        let plan = try CallsObjective.namesWithAMonitor(alert: "{severity: warning, summary: '{calls}'}")
        let shards = ShardMap(count: MonitorStates.shardsOfReplay)
        let rollup = plan.rollups[0].plan.definition.name
        var ofShards: [DedupKey: [String: AlertValue]] = [:]
        for shard in 0..<shards.count {
            let own = try Self.details(plan, .values) { shards.shard(ofRollup: rollup, group: [$0]) == shard }
            ofShards.merge(own) { first, _ in first }
        }
        #expect(ofShards.values.contains { $0["flagged_groups"] != nil })
        #expect(try Self.details(plan, .digest) == ofShards)
        #expect(try Self.details(plan, .number) == ofShards)
    }

    @Test func aReplayHasAsManyShardsAsAreMadeWhereNobodySaysOtherwise() {
        #expect(MonitorStates.shardsOfReplay == OutputSettings().partitions)
    }

    /// What is beyond `groupsMax` is no group: it is larger than each, and that is not unusual.
    @Test func whatWasFoldedIsNotHeldAgainstGroups() throws {
        let plan = try CallsObjective.namesWithAMonitor()
        var states = MonitorStates(plan: plan, identity: .values)
        var engine = RollupEngine(plan.rollups[0].plan)
        for window in 0..<8 as Range<Int64> {
            let start = Timestamp(nanoseconds: window * 60_000_000_000)
            var rows: [(String, UInt64)] = (0..<20).map { ("known-\($0)", 20) }
            if window == 7 { rows.append((FoldedGroup.name, 9000)) }
            for (name, count) in rows {
                let isTaken = engine.restore(
                    RollupChange(windowStart: start, group: [name], measures: [.count(count)]))
                #expect(isTaken)
            }
        }
        for start in engine.windowStarts.sorted() {
            let window = engine.peekWindow(start)
            _ = states.take(try #require(window), rollup: 0) { _, flag in Issue.record("\(flag)") }
        }
    }
}
