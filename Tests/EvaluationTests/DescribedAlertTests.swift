import Accounting
import Alerting
import Records
import TelemetryModel
import Testing

@testable import Evaluation

/// Alerts with what their SLO or monitor says of itself.
@Suite struct DescribedAlertTests {
    private typealias World = AlertRestartWorld
    private static let about = ", labels: {team: web}, annotations: {runbook_url: https://wiki/calls, tier: 1}"

    /// The transitions of a whole log, with a restart in the middle.
    private func told(about: String) throws -> [AlertTransition] {
        var world = World()
        let plan = try World.plan(about: about)
        var member = try world.member(1, plan)
        world.read(75, by: member)
        world.publish(member)
        member = try world.member(2, plan)
        world.read(.max, by: member)
        world.publish(member)
        return try world.told().map { try AlertTransition(json: Array($0.utf8)) }
    }

    @Test func eachTransitionHasThemAndIsOtherwiseTheSame() throws {
        let described = try told(about: Self.about)
        var plain: [AlertTransition] = []
        for transition in described {
            var transition = transition
            #expect(transition.alert.labels.removeValue(forKey: "team") == "web")
            #expect(transition.alert.annotations == ["tier": "1"])
            #expect(transition.alert.links == [Alert.Link(href: "https://wiki/calls", text: "Runbook")])
            (transition.alert.annotations, transition.alert.links) = ([:], [])
            plain.append(transition)
        }
        #expect(try plain == told(about: ""))
        #expect(Set(plain.compactMap(\.alert.kind)) == ["burn_rate", "anomaly"])
        #expect(Set(plain.map(\.alert.status)) == [.open, .resolved])
    }

    /// What was opened with other words ends with the present ones: one incident.
    @Test func aChangedWordOpensNothingASecondTime() throws {
        var world = World()
        let first = try world.member(1, World.plan())
        world.read(73, by: first)
        world.publish(first)
        let open = first.open
        let second = try world.member(2, World.plan(about: Self.about))
        #expect(second.open == open && second.unjudged.isEmpty)
        world.read(20, by: second)
        world.publish(second)
        #expect(
            second.open.filter { open.contains($0) }.count + ends(of: open, in: try world.told()).count == open.count)
        world.read(.max, by: second)
        world.publish(second)
        #expect(ends(of: open, in: try world.told()).allSatisfy { $0.alert.labels["team"] == "web" })
    }

    private func ends(of open: [AlertTransition], in told: [String]) -> [AlertTransition] {
        told.compactMap { try? AlertTransition(json: Array($0.utf8)) }.filter { transition in
            transition.alert.status == .resolved
                && open.contains {
                    $0.alert.dedupKey == transition.alert.dedupKey && $0.alert.openedAt == transition.alert.openedAt
                }
        }
    }

    /// An alert that 0.1.0 opened goes on under its key.
    @Test func formerKeysAreFoundWhateverTheResourceSays() throws {
        var world = World()
        let first = try world.member(1, World.plan(form: .first))
        world.read(73, by: first)
        world.publish(first)
        let plan = try World.plan(about: Self.about)
        var shard = EvaluationShard(
            plan: plan, shard: 0, of: ShardMap(count: 1), closedBefore: EventTimes(all: World.at(10)))
        let opened = try #require(first.open.first { $0.alert.kind == "anomaly" })
        var former = opened
        former.alert.dedupKey = try #require(shard.kinds.formerKeys(of: opened.alert).first)
        shard.takeOver(former)
        var ended = opened
        ended.alert.status = .resolved
        ended.alert.time = World.at(90)
        shard.announce([ended])
        let announced = shard.takeResults().alerts.map(\.transition.alert)
        #expect(announced.map(\.dedupKey) == [former.alert.dedupKey])
        #expect(announced.allSatisfy { $0.labels["team"] == "web" && $0.status == .resolved })
    }
}
