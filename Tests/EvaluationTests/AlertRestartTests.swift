import Accounting
import Alerting
import Planning
import Statistics
import TelemetryModel
import Testing

@testable import Evaluation
@testable import Records

/// Whatever an evaluator dies at, and whoever writes late, the next one goes on with the same alerts.
@Suite struct AlertRestartTests {
    private typealias World = AlertRestartWorld

    /// One member reads all, publishing after each so many entries.
    private func undisturbed(_ plan: PipelinePlan, each count: Int) throws -> (told: [String], open: [AlertTransition])
    {
        var world = World()
        let member = try world.member(1, plan)
        while !world.isAtEnd(member) {
            world.read(count, by: member)
            world.publish(member)
        }
        return (try world.told(), member.open)
    }

    @Test func judgementsAreThoseOfTheLogWhateverThePollsWere() throws {
        let plan = try World.plan()
        let each = try undisturbed(plan, each: 1)
        #expect(each.told.count > 10)
        #expect(each.told.contains { $0.contains("anomaly/calls/A") && $0.contains(#""status":"resolved""#) })
        let stops = try each.told.map { try AlertTransition(json: Array($0.utf8)) }
            .filter { $0.alert.dedupKey.text.contains("/B/") }
        #expect(
            stops.map(World.word) == [
                "open anomaly/calls/B 63", "resolved anomaly/calls/B 67", "open anomaly/calls/B 111",
                "resolved anomaly/calls/B 119",
            ])
        #expect(stops.last?.reason == "No more records: there was none for 9m.")
        for count in [7, 60, 1000] {
            let others = try undisturbed(plan, each: count)
            #expect(others.told == each.told && others.open == each.open, "in polls of \(count)")
        }
    }

    /// A crash behind each record of some rounds, with what compaction may leave.
    @Test(arguments: [false, true]) func aCrashAtAnyStepChangesNothing(isCompacted: Bool) throws {
        let plan = try World.plan()
        var (world, expected) = (World(), World())
        var member = try world.member(1, plan)
        let undisturbed = try expected.member(1, plan)
        var crashes = 0
        // In these rounds alerts open and close.
        for end in [60, 80, 100, 120, 140] {
            world.read(end - Int(member.next), by: member)
            world.publish(member)
            expected.read(end + 20 - Int(undisturbed.next), by: undisturbed)
            expected.publish(undisturbed)
            let before = world
            var written = 0
            var isWhole = false
            while !isWhole {
                world = before
                let first = try world.member(Int32(end), plan)
                world.read(15, by: first)
                world.turn(first)
                for _ in 0..<written where !world.write(first) { break }
                isWhole = first.waiting == 0
                if isCompacted { world.compact() }
                member = try world.member(Int32(end) + 1, plan)
                while member.next < undisturbed.next {
                    world.read(min(7, Int(undisturbed.next - member.next)), by: member)
                    world.publish(member)
                }
                let place = "behind \(end), \(written) records written"
                if !isCompacted { #expect(try world.told() == expected.told(), "\(place)") }
                #expect(member.open == undisturbed.open, "\(place)")
                #expect(try world.feed().latest == expected.feed().latest, "\(place)")
                written += 1
                crashes += 1
            }
        }
        #expect(crashes > 30)
    }

    /// What stands last of each alert.
    private func latest(_ told: [String]) throws -> [String] {
        var last: [DedupKey: AlertTransition] = [:]
        for text in told {
            let transition = try AlertTransition(json: Array(text.utf8))
            last[transition.alert.dedupKey] = transition
        }
        return AlertOrder.sorted(Array(last.values)).map(World.word)
    }

    /// A member that was declared dead goes on, beside those that follow it, and topics are compacted at any time.
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func aLateWriterChangesNothing(seed: UInt64) throws {
        let plan = try World.plan()
        let expected = try undisturbed(plan, each: 30)
        for round in 0..<3 as Range<UInt64> {
            var random = SeededGenerator(seed: seed << 32 | round)
            var world = World()
            var members = [try world.member(1, plan)]
            var generation: Int32 = 1
            while !world.isAtEnd(members[members.count - 1]) {
                switch random.below(20) {
                case 0:
                    generation += 1
                    members.append(try world.member(generation, plan))
                case 1: world.compact()
                default:
                    // The dead ones too.
                    let member = members[max(0, members.count - 1 - random.below(3))]
                    if member.waiting > 0 {
                        for _ in 0...random.below(4) where !world.write(member) { break }
                    } else {
                        world.read(1 + random.below(25), by: member)
                        world.turn(member)
                    }
                }
            }
            let last = try world.member(generation + 1, plan)
            world.read(.max, by: last)
            world.publish(last)
            #expect(last.open == expected.open, "seed \(seed), round \(round)")
            #expect(try world.feed().latest.map(World.word) == latest(expected.told), "seed \(seed), round \(round)")
        }
    }

    /// The feed is output only: whatever stands in it, the state says what is open.
    @Test func aForgedOrLateRecordOfTheFeedRestoresNothing() throws {
        let plan = try World.plan()
        var world = World()
        let first = try world.member(1, plan)
        world.read(100, by: first)
        world.publish(first)
        #expect(!first.open.isEmpty)
        // Its last words of these alerts are lost, and those of before are what compaction has kept.
        let second = try world.member(2, plan)
        #expect(second.open == first.open)
        world.read(.max, by: second)
        world.publish(second)
        let third = try world.member(3, plan)
        #expect(third.open == second.open && third.open != first.open)
        while world.write(first) {}
        #expect(try world.member(4, plan).open == second.open)
    }

    /// Topics of the first form have no state: what is open there is taken over once, and then stands in the state.
    @Test func whatIsOpenInTheFirstFormIsTakenOverOnce() throws {
        let (old, new) = (try World.plan(form: .first), try World.plan())
        let expected = try undisturbed(new, each: 30)
        var world = World()
        let first = try world.member(1, old)
        world.read(100, by: first)
        world.publish(first)
        #expect(world.topics["checkpoints"]?.contains { $0.key.hasPrefix("alerts/") } == false)
        let plain = Set((world.topics["alerts"] ?? []).map(\.key))
        #expect(plain == Set(try world.feed().latest.map(\.alert.dedupKey.text)))

        let second = try world.member(2, new)
        #expect(second.open == first.open)
        // It writes its state with the first that it publishes, and dies before its checkpoint.
        world.read(1, by: second)
        world.turn(second)
        while world.topics["checkpoints"]?.last?.key.hasPrefix("alerts/") == false, world.write(second) {}
        #expect(try world.member(3, new).open == first.open)
        while world.write(second) {}
        world.read(.max, by: second)
        world.publish(second)
        #expect(second.open == expected.open)
        #expect(try world.told() == expected.told)
        // Records under the keys of the first form are taken back behind those that say what came after, once the owner is no
        // longer new.
        #expect(world.topics["alerts"]?.contains { $0.value == nil } == false)
        world.publish(second, later: EvaluatorDriver.takeBackDelay)
        #expect(world.topics["alerts"]?.contains { $0.value == nil } == false, "it has read nothing since")
    }

    /// What former owners have in the feed is taken back where this one has its own, and never before it is further than they.
    @Test func formerOwnersRecordsAreTakenBackByAnOwnerThatIsNotNew() throws {
        let (old, new) = (try World.plan(form: .first), try World.plan())
        var world = World()
        let first = try world.member(1, old)
        world.read(90, by: first)
        world.publish(first)
        let plain = Set((world.topics["alerts"] ?? []).map(\.key))
        let second = try world.member(2, new)
        world.read(108 - Int(second.next), by: second)
        world.publish(second)
        #expect(world.topics["alerts"]?.contains { $0.value == nil } == false)
        world.read(.max, by: second)
        world.publish(second, later: EvaluatorDriver.takeBackDelay)
        let records = world.topics["alerts"] ?? []
        let later = Set(records.filter { $0.value != nil }.map(\.key)).subtracting(plain)
        let replaced = plain.filter { key in later.contains { $0.hasPrefix("\(key)/") } }
        #expect(!replaced.isEmpty)
        let takenBack = Set(records.filter { $0.value == nil }.map(\.key))
        #expect(takenBack.isSuperset(of: replaced) && takenBack.isDisjoint(with: later))
        let before = try world.feed().latest
        world.compact()
        #expect(try world.feed().latest == before)
    }

    /// A policy that is removed leaves its alerts open and named for a while, and takes them up again when it comes back.
    @Test func anAlertWhosePolicyIsGoneIsNamedAndWaitsForIt() throws {
        let (plan, without) = (try World.plan(), try World.plan(withoutPolicy: true))
        var world = World()
        let first = try world.member(1, plan)
        world.read(100, by: first)
        world.publish(first)
        let burning = first.open.filter { $0.alert.kind == "burn_rate" }
        #expect(!burning.isEmpty && first.unjudged.isEmpty)

        let second = try world.member(2, without)
        #expect(second.unjudged == burning)
        #expect(second.open == first.open)
        world.read(100, by: second)
        world.publish(second)
        let third = try world.member(3, without)
        #expect(third.unjudged == burning)

        let fourth = try world.member(4, plan)
        #expect(fourth.unjudged.isEmpty)
        world.read(.max, by: fourth)
        world.publish(fourth)
        let ended = try world.told().map { try AlertTransition(json: Array($0.utf8)) }.filter {
            $0.alert.status == .resolved && burning.map(\.alert.dedupKey).contains($0.alert.dedupKey)
        }
        #expect(!ended.isEmpty)
        for transition in burning where !fourth.open.contains(transition) {
            let ends = ended.filter { $0.alert.dedupKey == transition.alert.dedupKey }
            #expect(ends.first?.alert.openedAt == transition.alert.openedAt)
        }
    }

    /// What opened during a long stop is past; once event time has caught up with the clock it is said again, once.
    @Test func whatIsOpenAfterALongStopIsSaidAgainOnce() throws {
        let plan = try World.plan()
        let age = 40 * World.minute
        var world = World()
        var member = try world.member(1, plan, alertMaxAgeNanoseconds: age)
        let clock = World.at(200)
        // Restarts change nothing of it.
        for (generation, count) in [65, 30, 30, 40].enumerated() {
            world.read(count, by: member)
            world.publish(member, clock: clock)
            world.compact()
            member = try world.member(Int32(generation) + 2, plan, alertMaxAgeNanoseconds: age)
        }
        world.read(1, by: member)
        world.publish(member, clock: clock)
        let feed = world.topics["alerts"] ?? []
        let again = feed.filter { $0.openAt != nil }
        #expect(!again.isEmpty)
        for record in again {
            let transition = try AlertTransition(json: try #require(record.value))
            #expect(!record.mark.isPast && transition.alert.status == .open)
            #expect(transition.alert.time < clock.advanced(by: -age))
            #expect(try #require(record.openAt) >= clock.advanced(by: -age))
            #expect(member.open.contains(transition))
            let all = feed.filter { $0.openAt != nil && $0.value == record.value }
            #expect(all.count == 1)
        }
        // All that is open is said as open, and nothing that is past.
        for latest in try world.feed().standings where latest.transition.alert.status == .open {
            #expect(!latest.mark.isPast, "\(World.word(latest.transition))")
        }
    }

    /// Of an alert without recent records only the clock goes on: it is not said again, months afterwards.
    @Test func whatIsOpenWithoutRecordsIsNotSaidAgain() throws {
        let plan = try World.plan()
        // Both alerts are open, and the source is at rest since. The monitor's group is gone in the end.
        let clock = World.at(60 * 24 * 90)
        var world = World(entries: 73, idleUntil: clock)
        let member = try world.member(1, plan, alertMaxAgeNanoseconds: 60 * World.minute)
        world.read(.max, by: member)
        world.publish(member, clock: clock)
        #expect(member.open.contains { $0.alert.kind == "burn_rate" })
        #expect(!member.open.contains { $0.alert.labels["monitor"] != nil })
        let feed = world.topics["alerts"] ?? []
        let told = try world.told()
        #expect(told.contains { $0.contains("anomaly/calls/A") && $0.contains("No more records") })
        #expect(!feed.isEmpty && feed.allSatisfy { $0.openAt == nil && $0.mark.isPast })
    }

    /// Nothing comes since 2.5 hours, and that is what they are about: time alone says that it goes on.
    @Test func aSilenceThatGoesOnIsSaidAgainOnce() throws {
        let silence = """
            ---
            apiVersion: tidewatch/v1
            kind: AlertPolicy
            metadata: {name: silence}
            spec: {selector: {names: [calls]}, severity: ticket, condition: {noData: {for: 30m}}}
            """
        let plan = try World.plan(
            watched: World.Watched(terms: "  emptyWindows: 600\n  acceptAfter: 10h"), others: silence)
        let clock = World.at(73 + 150)
        var world = World(entries: 73, idleUntil: clock)
        func member(_ generation: Int32) throws -> World.Member {
            try world.member(generation, plan, alertMaxAgeNanoseconds: 60 * World.minute)
        }
        let first = try member(1)
        world.read(.max, by: first)
        world.publish(first, clock: clock)
        let again = (world.topics["alerts"] ?? []).filter { $0.openAt != nil }
        let alerts = try again.map { try AlertTransition(json: $0.value ?? []).alert }
        #expect(alerts.map { $0.kind ?? "" }.sorted() == ["anomaly", "anomaly", "no_data"])
        #expect(again.allSatisfy { $0.openAt == clock && !$0.mark.isPast })
        #expect(first.open.contains { $0.alert.kind == "burn_rate" }, "of which nothing says that it goes on")
        world.publish(try member(2), clock: clock)
        #expect((world.topics["alerts"] ?? []).filter { $0.openAt != nil }.count == 3)
    }
}
