import Accounting
import Aggregation
import Alerting
import Records
import TelemetryModel
import Testing

@testable import Evaluation

/// A kind that no file of `Sources` knows goes through a shard, its publishing, its restore and the end of its alerts as the others do.
@Suite struct EvaluatedKindTests {
    private typealias World = AlertRestartWorld
    private static let kinds = EvaluatedKinds.all + [Heartbeats.self]
    /// The world's rollup has no records in three minutes from this one on.
    private static let silence = 170

    private static func transitions(of world: World) throws -> [AlertTransition] {
        try world.told().map { try AlertTransition(json: Array($0.utf8)) }
    }

    private static func isHeartbeat(_ transition: AlertTransition) -> Bool { transition.alert.kind == "heartbeat" }

    /// What is in the feed behind a log that so many members have read, each up to one of these minutes and the last to the end.
    private static func world(
        restartingAt minutes: [Int] = [], kinds: [any EvaluatedKind.Type] = kinds
    ) throws -> World {
        var world = World()
        for (generation, minute) in (minutes + [.max]).enumerated() {
            let member = try world.member(Int32(generation + 1), World.plan(), kinds: kinds)
            world.read(minute == .max ? .max : minute + 2 - Int(member.next), by: member)
            world.publish(member)
        }
        return world
    }

    @Test func itsAlertOpensAndEndsAndTheOthersAreTheSame() throws {
        let told = try Self.transitions(of: Self.world())
        #expect(
            told.filter(Self.isHeartbeat).map(World.word) == [
                "open heartbeat/calls 171", "resolved heartbeat/calls 174",
            ])
        let others = told.filter { !Self.isHeartbeat($0) }
        #expect(try others == Self.transitions(of: Self.world(kinds: EvaluatedKinds.all)))
        #expect(Set(others.map(\.alert.kind)) == ["burn_rate", "anomaly"])
    }

    /// Files have the windows, and no log, no shard and no records.
    @Test func aReplayJudgesItAsItIsJudgedLive() throws {
        let plan = try World.plan()
        var engine = RollupEngine(plan.rollups[0].plan)
        for minute in 0..<World.minutes where !(Self.silence..<Self.silence + 3).contains(Int(minute)) {
            let cell = RollupChange(windowStart: World.at(minute), group: ["A"], measures: [.count(100)])
            let isTaken = engine.restore(cell)
            #expect(isTaken)
        }
        var kinds = EvaluatedKinds(EvaluationTerms(plan: plan), of: Self.kinds)
        kinds.tellGroupsApart(by: .number)
        var transitions: [AlertTransition] = []
        for start in engine.windowStarts {
            let window = engine.peekWindow(start)
            transitions += kinds.take(try #require(window), rollup: 0)
        }
        transitions += kinds.pass(through: World.at(World.minutes), rollup: 0) + kinds.evaluateAll()
        let lived = try Self.transitions(of: Self.world()).filter(Self.isHeartbeat)
        #expect(transitions.filter(Self.isHeartbeat) == lived && lived.count == 2)
    }

    /// Nothing but its record knows that it is open.
    @Test(arguments: [[120], [silence], [silence + 1], [silence + 2], [silence + 3], [40, silence, silence + 2]])
    func itGoesOnFromItsRecord(restartingAt minutes: [Int]) throws {
        #expect(try Self.world(restartingAt: minutes).told() == Self.world().told())
    }

    /// A crash may leave any beginning of what a round has to write.
    @Test func itGoesOnBehindACrashAnywhereInARound() throws {
        let told = try Self.world().told()
        var records = 0
        var isWhole = false
        while !isWhole {
            var world = World()
            let first = try world.member(1, World.plan(), kinds: Self.kinds)
            world.read(Self.silence + 3, by: first)
            world.turn(first)
            for _ in 0..<records { isWhole = !world.write(first) }
            let second = try world.member(2, World.plan(), kinds: Self.kinds)
            world.read(.max, by: second)
            world.publish(second)
            #expect(try world.told() == told, "behind \(records) records")
            records += 1
        }
        #expect(records > 10)
    }

    @Test func itsAlertEndsWithAReasonWhenItsRollupIsGone() throws {
        var world = try Self.burning()
        let without = try world.member(2, World.plan(watched: World.Watched(rollup: "others")), kinds: Self.kinds)
        let gone = without.removals.filter { $0.reason.contains("rollup") }
        #expect(gone.map(\.reason) == ["the rollup 'calls' is no longer declared: nothing judges it any more"])
        world.read(1, by: without)
        world.publish(without)
        world.read(.max, by: without)
        world.publish(without)
        let end = try #require(try Self.transitions(of: world).last(where: Self.isHeartbeat)).alert
        #expect(end.status == .resolved && end.time == World.at(Int64(Self.silence) + 17))
        #expect(end.summary == "calls: closed, not recovered, because the rollup 'calls' is no longer declared")
    }

    /// It would be taken for the owner of their alerts.
    @Test func noOtherResourceGivesItsLabel() throws {
        var world = World()
        let member = try world.member(
            1, World.plan(about: ", labels: {heartbeat: calls, team: web}"), kinds: Self.kinds)
        world.read(.max, by: member)
        world.publish(member)
        for alert in try Self.transitions(of: world).map(\.alert) where alert.kind != "heartbeat" {
            #expect(alert.labels["heartbeat"] == nil && alert.labels["team"] == "web")
        }
    }

    /// A release before does not pass over what it can't read.
    @Test func whoDoesNotKnowItsRecordStops() throws {
        let world = try Self.burning()
        #expect(throws: UnreadableRecord.self) { try world.member(2, World.plan()) }
    }

    /// A member has published that the alert is open.
    private static func burning() throws -> World {
        var world = World()
        let member = try world.member(1, World.plan(), kinds: kinds)
        world.read(silence + 3, by: member)
        world.publish(member)
        #expect(member.open.contains(where: isHeartbeat))
        return world
    }
}
