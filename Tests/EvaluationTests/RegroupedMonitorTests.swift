import Accounting
import Alerting
import Records
import Statistics
import TelemetryModel
import Testing

@testable import Evaluation
@testable import Signals

/// Monitors whose rollup has other columns after a restart, or is another.
@Suite struct RegroupedMonitorTests {
    private typealias World = AlertRestartWorld

    private static let others = [World.Watched(groupBy: "eventName, awsRegion"), World.Watched(rollup: "others")]

    /// A world in which the monitor was shown so many minutes.
    private static func watched(_ minutes: Int, _ watched: World.Watched = World.Watched()) throws -> World {
        var world = World()
        let member = try world.member(1, World.plan(watched: watched))
        world.read(minutes + 2, by: member)
        world.publish(member)
        return world
    }

    private static func anomalies(in world: World) throws -> [AlertTransition] {
        try world.told().map { try AlertTransition(json: Array($0.utf8)) }.filter { $0.alert.kind == "anomaly" }
    }

    /// No window has them any more, and that means nothing.
    @Test(arguments: others) func groupsOfBeforeAreNotMissed(_ other: AlertRestartWorld.Watched) throws {
        var world = try Self.watched(50)
        #expect(try Self.anomalies(in: world).isEmpty)
        let second = try world.member(2, World.plan(watched: other))
        world.read(5, by: second)
        world.publish(second)
        world.read(.max, by: second)
        world.publish(second)
        #expect(try Self.anomalies(in: world).isEmpty)
    }

    /// They were said to be gone.
    @Test(arguments: others) func groupsOfBeforeAreLearntAnewWhenTheColumnsComeBack(
        _ other: AlertRestartWorld.Watched
    ) throws {
        var world = try Self.watched(50)
        let second = try world.member(2, World.plan(watched: other))
        world.read(5, by: second)
        world.publish(second)
        let back = try world.member(3, World.plan())
        world.read(10, by: back)
        world.publish(back)
        let states = try Self.states(in: world, since: 3)
        #expect(Set(states.keys) == [["A"], ["B"]] && states.values.allSatisfy { $0 <= 15 }, "\(states)")
        #expect(try Self.anomalies(in: world).isEmpty)
    }

    /// How many values each group's last state of an owner includes.
    private static func states(in world: World, since generation: Int32) throws -> [[String?]: Int64] {
        var counts: [[String?]: Int64] = [:]
        for record in world.topics["checkpoints"] ?? [] {
            guard case .state(let monitor as MonitorRecord)? = try record.value.map({ try CheckpointRecord(json: $0) }),
                monitor.epoch >= OwnerEpoch(generation: generation)
            else { continue }
            counts[monitor.state.group] = monitor.state.course?.series.usual.count
        }
        return counts
    }

    /// The alert of a group that the monitor does not know any more ends, and says why.
    @Test func anAlertOfAnotherRollupEnds() throws {
        var world = try Self.watched(71)
        let second = try world.member(2, World.plan(watched: Self.others[1]))
        let open = second.unjudged
        #expect(second.removals == [.monitorReset("calls")] && open.map(\.alert.kind) == ["anomaly"])
        world.read(1, by: second)
        world.publish(second)
        // The next owner finds nothing of the group, and knows it all the same.
        let third = try world.member(3, World.plan(watched: Self.others[1]))
        #expect(third.removals == [.monitorReset("calls")])
        world.read(.max, by: third)
        world.publish(third)
        let ends = try Self.anomalies(in: world).filter { $0.alert.status == .resolved && $0.alert.time > World.at(71) }
        #expect(ends.map(\.alert.dedupKey) == open.map(\.alert.dedupKey))
        #expect(ends.map(\.reason) == ["The monitor 'calls' has begun anew: nothing judges it any more."])
    }

    /// Records of 0.1.0 do not say of what columns their values are: they are told apart by how many there are.
    @Test func aStateThatNamesNoColumnsFitsByTheirNumber() throws {
        let plan = try World.plan()
        let series = DetectedSeries(usual: .ewma(try #require(EWMA(count: 20, mean: 50, variance: 1))))
        func changed(_ group: [String?]) -> [AnomalySeriesState] {
            var states = MonitorStates(plan: plan, identity: .values)
            let state = AnomalySeriesState(group: group, course: .init(series: series, lastWindow: World.at(3)))
            states.restore(MonitorRecord(monitor: "calls", state: state, grouping: nil))
            return states.takeChangedRecords().map(\.state)
        }
        #expect(changed(["A"]).isEmpty)
        for group in [[], ["A", "eu-west-1"]] as [[String?]] {
            #expect(changed(group) == [AnomalySeriesState(group: group, course: nil, goneThrough: World.at(3))])
        }
    }
}
