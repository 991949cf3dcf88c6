import Accounting
import Alerting
import Records
import TelemetryModel
import Testing

@testable import Evaluation

/// Alerts that are open while their SLO, policy or monitor goes from the resources.
@Suite struct AlertRemovalTests {
    private typealias World = AlertRestartWorld

    /// When the alerts are open and the resources change, in minutes of event time.
    private static let began: Int64 = 71
    /// When they end, where the first owner with other resources published in the next minute.
    private static let ended = began + 1 + 15

    /// A world in which the SLO and the monitor were renamed while alerts of both are open, and the keys of these alerts.
    private static func burning(form: RecordForm = .definitions) throws -> (world: World, open: [AlertTransition]) {
        var world = World()
        let first = try world.member(1, World.plan(form: form))
        // In the first outage, and at the end of the first minute of an anomaly.
        read(world, through: began, by: first)
        world.publish(first)
        #expect(Set(first.open.compactMap(\.alert.kind)) == ["burn_rate", "anomaly"] && first.unjudged.isEmpty)
        return (world, first.open)
    }

    /// Reads until event time is at that minute. The log's third entry has the counts of minute 0.
    private static func read(_ world: World, through minute: Int64, by member: World.Member) {
        world.read(max(0, Int(minute + 2 - member.next)), by: member)
    }

    private static func ends(of alerts: [AlertTransition], in world: World) throws -> [AlertTransition] {
        let keys = Set(alerts.map(\.alert.dedupKey))
        return try world.told().map { try AlertTransition(json: Array($0.utf8)) }
            .filter { $0.alert.status == .resolved && keys.contains($0.alert.dedupKey) }
    }

    @Test(arguments: [RecordForm.first, .definitions])
    func whatDisappearsResolvesOnceWithTheReason(form: RecordForm) throws {
        var (world, open) = try Self.burning(form: form)
        let plan = try World.plan(objective: "calls-v2", monitor: "calls-v2", form: form)
        let second = try world.member(2, plan)
        #expect(second.unjudged == open)
        Self.read(world, through: Self.began + 1, by: second)
        world.publish(second)
        Self.read(world, through: Self.ended - 1, by: second)
        world.publish(second)
        #expect(try Self.ends(of: open, in: world).isEmpty)
        #expect(second.open.filter { open.contains($0) } == open)

        world.read(.max, by: second)
        world.publish(second)
        let ends = try Self.ends(of: open, in: world)
        #expect(Set(ends.map(\.alert.dedupKey)) == Set(open.map(\.alert.dedupKey)) && ends.count == open.count)
        for ended in ends {
            let alert = ended.alert
            let before = try #require(open.first { $0.alert.dedupKey == alert.dedupKey }).alert
            #expect(
                alert.time == World.at(Self.ended) && alert.openedAt == before.openedAt
                    && alert.severity == before.severity)
            #expect(alert.labels == before.labels && alert.details == before.details && alert.kind == before.kind)
            let subject = alert.kind == "anomaly" ? "monitor" : "SLO"
            #expect(ended.reason == "The \(subject) 'calls' is no longer declared: nothing judges it any more.")
            #expect(
                alert.summary == "calls: closed, not recovered, because the \(subject) 'calls' is no longer declared")
        }
        let third = try world.member(3, plan)
        #expect(third.unjudged.isEmpty && !third.open.contains { open.contains($0) })
    }

    @Test func eachReasonIsFound() throws {
        let (world, open) = try Self.burning()
        let policies = try world.member(2, World.plan(withoutPolicy: true)).removals
        #expect(
            policies
                == open.filter { $0.alert.kind == "burn_rate" }.map {
                    .policy(objective: "calls", alert: $0.alert.labels["alert"] ?? "")
                })
        let monitors = try world.member(2, World.plan(monitor: "calls-v2")).removals
        #expect(monitors == [.monitor("calls")])
        // Without an alert it is not even watched, where alerts alone are written of it.
        let silent = try world.member(2, World.plan(watched: World.Watched(alert: ""))).removals
        #expect(silent == [.monitorAlert("calls")])
        let objectives = try world.member(2, World.plan(objective: "calls-v2")).removals
        #expect(!objectives.isEmpty && Set(objectives.map(\.reason)) == [AlertRemoval.objective("calls").reason])
    }

    /// Columns more or less, and one whose name is a label that the resource has.
    @Test(arguments: [
        ("", World.Watched(groupBy: "eventName, awsRegion")),
        (", labels: {awsRegion: eu-west-1}", World.Watched(groupBy: "eventName, awsRegion")),
        ("", World.Watched(groupBy: "", alert: #"  alert: {severity: warning, summary: "{n} calls"}"#)),
    ])
    func otherColumnsAreFound(about: String, watched: AlertRestartWorld.Watched) throws {
        var world = World()
        let first = try world.member(1, World.plan(about: about))
        Self.read(world, through: Self.began, by: first)
        world.publish(first)
        let second = try world.member(2, World.plan(about: about, watched: watched))
        #expect(second.removals == [.monitorGroups("calls")])
    }

    /// Whatever was written of the round in which it ends, the next owner says the same, to the byte.
    @Test func theEndIsRepeatedWithTheSameIdentityAfterACrash() throws {
        let (before, open) = try Self.burning()
        let plan = try World.plan(objective: "calls-v2", monitor: "calls-v2")
        var expected: [String] = []
        var (written, isWhole) = (0, false)
        while !isWhole {
            var world = before
            let second = try world.member(2, plan)
            Self.read(world, through: Self.began + 1, by: second)
            world.publish(second)
            Self.read(world, through: Self.ended + 3, by: second)
            world.turn(second)
            for _ in 0..<written where !world.write(second) { break }
            isWhole = second.waiting == 0
            let third = try world.member(3, plan)
            while !world.isAtEnd(third) {
                world.read(7, by: third)
                world.publish(third, clock: World.at(150))
            }
            let ends = try Self.ends(of: open, in: world).map { String(decoding: $0.json, as: UTF8.self) }
            if expected.isEmpty { expected = ends }
            #expect(ends.sorted() == expected.sorted() && ends.count == open.count, "\(written) records written")
            written += 1
        }
        #expect(written > open.count)
    }

    /// An evaluator without the SLO had the shard for a while, and may have written its end; one that knows the SLO has it when that is due.
    @Test(arguments: [false, true]) func whoKnowsTheJudgeWhenTheEndIsDueKeepsTheAlert(isEnded: Bool) throws {
        var world = try Self.burning().world
        let second = try world.member(2, World.plan(objective: "calls-v2"))
        let burning = second.unjudged
        Self.read(world, through: Self.began + 1, by: second)
        world.publish(second)
        if isEnded {
            // It dies when the ends are in the feed and not in its state.
            Self.read(world, through: Self.ended, by: second)
            world.turn(second)
            while try Self.ends(of: burning, in: world).count < burning.count, world.write(second) {}
            #expect(try Self.ends(of: burning, in: world).count == burning.count && second.waiting > 0)
        }
        let third = try world.member(3, World.plan())
        #expect(third.unjudged.isEmpty && third.open.filter { burning.contains($0) } == burning)
        for minute in Self.began + 1...Self.ended {
            Self.read(world, through: minute, by: third)
            world.publish(third)
        }
        let kept = burning.filter { third.open.contains($0) }
        #expect(!kept.isEmpty)
        for transition in kept {
            let again = try (world.topics["alerts"] ?? []).filter { record in
                try record.openAt != nil && AlertTransition(json: record.value ?? []) == transition
            }
            #expect(again.count == 1 && again.allSatisfy { $0.openAt == World.at(Self.ended) })
            #expect(try world.feed().latest.contains(transition))
        }
        #expect(try Self.ends(of: kept, in: world).count == (isEnded ? kept.count : 0))
        // What was said again stays said.
        let fourth = try world.member(4, World.plan())
        world.read(1, by: fourth)
        world.publish(fourth)
        #expect((world.topics["alerts"] ?? []).filter { $0.openAt != nil }.count == kept.count)
    }

    @Test func anSLOThatComesBackWhileItBurnsOpensANewIncident() throws {
        var world = try Self.burning().world
        let without = try world.member(2, World.plan(objective: "calls-v2"))
        let burning = without.unjudged
        Self.read(world, through: Self.began + 1, by: without)
        world.publish(without)
        Self.read(world, through: 110, by: without)
        world.publish(without)
        #expect(try Self.ends(of: burning, in: world).count == burning.count)
        // Before the second outage.
        let back = try world.member(3, World.plan())
        #expect(back.unjudged.isEmpty && !back.open.contains { burning.contains($0) })
        world.read(.max, by: back)
        world.publish(back)
        let opened = try world.told().map { try AlertTransition(json: Array($0.utf8)) }.filter { transition in
            let alert = transition.alert
            return alert.status == .open && burning.contains { $0.alert.dedupKey == alert.dedupKey }
                && alert.time > World.at(Self.ended)
        }
        #expect(!opened.isEmpty && opened.allSatisfy { $0.alert.openedAt == $0.alert.time })
    }

    /// Nothing is said of an alert that sinks know nothing of: that it has no end any more is in the state alone.
    @Test func theEndOfAPastAlertIsTakenAwayForGood() throws {
        var world = World(loud: 70...180)
        func member(_ generation: Int32, monitor: String = "calls") throws -> World.Member {
            try world.member(generation, World.plan(monitor: monitor), alertMaxAgeNanoseconds: 30 * World.minute)
        }
        func publish(_ member: World.Member, through minute: Int64, clock: Int64) {
            Self.read(world, through: minute, by: member)
            world.publish(member, clock: World.at(clock))
        }
        let first = try member(1)
        publish(first, through: Self.began, clock: 110)
        let open = first.open.filter { $0.alert.kind == "anomaly" }
        #expect(open.count == 1)
        publish(try member(2, monitor: "calls-v2"), through: Self.began + 1, clock: 110)
        // It has the monitor when the end is due, 15 minutes behind that clock; and it is late.
        let third = try member(3)
        publish(third, through: 124, clock: 300)
        publish(third, through: 126, clock: 300)
        #expect(third.driver.owned[0]?.evaluator.content.alerts.past.map(\.transition) == open)
        let fourth = try member(4, monitor: "calls-v2")
        #expect(fourth.unjudged == open)
        publish(fourth, through: 127, clock: 110)
        publish(fourth, through: 150, clock: 110)
        #expect(try Self.ends(of: open, in: world).map(\.alert.time) == [World.at(142)])
    }

    /// As in a state that a release before wrote, which did not say that the end was taken away.
    @Test func anEndThatWasJudgedAlreadyIsNone() throws {
        let (_, open) = try Self.burning()
        let anomaly = try #require(open.first { $0.alert.kind == "anomaly" })
        var shard = EvaluationShard(
            plan: try World.plan(monitor: "calls-v2"), shard: 0, of: ShardMap(count: 1), closedBefore: nil)
        shard.restore(
            AlertState(
                next: 3, judgedThrough: EventTimes(all: World.at(126)),
                open: [AlertStanding(anomaly, endsAt: World.at(125))], endings: []))
        shard.finishRestoring(epoch: OwnerEpoch(generation: 3))
        let state = shard.takeResults(PublishingTerms(form: .definitions)).alertState
        #expect(state?.open.map(\.endsAt) == [World.at(141)])
    }

    @Test func aMonitorThatComesBackWhileItsAnomalyGoesOnOpensANewIncident() throws {
        var world = World(loud: 70...180)
        let first = try world.member(1, World.plan())
        Self.read(world, through: Self.began, by: first)
        world.publish(first)
        let open = first.open.filter { $0.alert.kind == "anomaly" }
        #expect(open.count == 1)
        let without = try world.member(2, World.plan(monitor: "calls-v2"))
        Self.read(world, through: Self.began + 1, by: without)
        world.publish(without)
        Self.read(world, through: 110, by: without)
        world.publish(without)
        #expect(try Self.ends(of: open, in: world).map(\.alert.time) == [World.at(Self.ended)])
        let back = try world.member(3, World.plan())
        Self.read(world, through: 112, by: back)
        world.publish(back)
        let again = back.open.filter { transition in open.contains { $0.alert.dedupKey == transition.alert.dedupKey } }
        #expect(again.map(\.alert.time) == [World.at(111)] && again.map(\.alert.openedAt) == [World.at(111)])
        world.read(.max, by: back)
        world.publish(back)
        #expect(try Self.ends(of: open, in: world).map(\.alert.time) == [World.at(Self.ended), World.at(182)])
    }

    /// An evaluator that catches up with hours in a second waits by the clock all the same.
    @Test func catchingUpDoesNotShortenTheWait() throws {
        var (world, open) = try Self.burning()
        let second = try world.member(2, World.plan(objective: "calls-v2", monitor: "calls-v2"))
        Self.read(world, through: Self.began + 1, by: second)
        world.publish(second, clock: World.at(150))
        Self.read(world, through: 164, by: second)
        world.publish(second, clock: World.at(150))
        #expect(try Self.ends(of: open, in: world).isEmpty)
        world.read(.max, by: second)
        world.publish(second, clock: World.at(150))
        let ends = try Self.ends(of: open, in: world)
        #expect(ends.count == open.count && ends.allSatisfy { $0.alert.time == World.at(165) })
    }
}
