import Foundation
import TestSupport
import Testing
import UpgradeFixtures

/// Today's binary takes the topics of older releases over, in place.
@Suite(.serialized) struct UpgradeTests {
    private let folder: TemporaryFolder
    private let broker: Broker
    private let pagerDuty: EventsServer

    init() throws {
        folder = try TemporaryFolder()
        broker = try Broker.forRecordings()
        pagerDuty = try EventsServer { _, _ in 202 }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Recording.all)
    func reportsAndAlertsAreThoseOfTheOldBinary(_ recording: Recording) throws {
        try broker.restore(recording)
        defer { pagerDuty.stop() }
        let settings = try RecordedSettings(broker, pagerDuty: pagerDuty, in: folder)

        let before = try JSON(parsing: recording.report())
        let after = try JSON(parsing: settings.report())
        #expect(after["at"] == before["at"])
        #expect(after["slos"].items.count == before["slos"].items.count)
        for (old, new) in zip(before["slos"].items, after["slos"].items) {
            // Since the first release a short history is `incomplete`, and `Timeslices` have another meaning.
            var redefined: Set<String> = recording.name == "0.1.0" ? ["status"] : []
            if recording.name == "0.1.0", old["method"] == .text("Timeslices") {
                redefined.formUnion(["total", "sli", "budget", "burn_rates"])
            }
            for (key, value) in old.members where !redefined.contains(key) {
                #expect(new[key] == value, "\(key) of \(old["name"])")
            }
        }
        #expect(try recordedTotals(settings.report()) == recordedTotals(recording.report()))
        let listed = try JSON.lines(settings.alerts()).map { $0.dropping("version") }
        #expect(listed == (try JSON.lines(recording.alerts())))
    }

    @Test(.timeLimit(.minutes(15)), arguments: Recording.all)
    func countingGoesOnAndIncidentsAreNeitherOpenedAgainNorForgotten(_ recording: Recording) throws {
        try broker.restore(recording)
        defer { pagerDuty.stop() }
        let settings = try RecordedSettings(broker, pagerDuty: pagerDuty, in: folder)
        let restored = try transitions()
        let member = try RecordedMember("member", settings)

        // What the old member had counted last is delivered once more.
        let (recorded, minutes) = (OutageTrace.recordedMinutes, OutageTrace.minutes)
        try broker.send(OutageTrace.messages(minute: recorded - 1).filter { $0.topic == "cloudtrail" })
        let old = try recordedTotals(recording.report())
        for begin in stride(from: recorded, to: minutes, by: 30) {
            try broker.send((begin..<begin + 30).flatMap(OutageTrace.messages))
            try awaitTotals(
                old.merging(OutageTrace.counts(recorded..<begin + 30)) { $0 + $1 }, settings, member)
        }
        try #require(try member.awaitJudged(minutes), "\(member.said)")
        // Events of a slice that the old member had judged.
        try broker.send([OutageTrace.lateCalls(of: 100)])
        let late = ["api-success": OutageTrace.lateCounts(of: 100)]
        try awaitTotals(
            old.merging(OutageTrace.counts(recorded..<minutes)) { $0 + $1 }.merging(late) { $0 + $1 }, settings,
            member)
        let isPosted = try member.awaits {
            try transitions().count - restored.count <= pagerDuty.requests.count
        }
        #expect(isPosted, "\(member.said)")
        member.stop()

        try expectIncidentsToldOnce(restored, try transitions())
        try expectAlertsOfReplay(
            recording, Array(Set(try transitions()).subtracting(restored)),
            leftOpen: Set(open(restored).keys.map(condition)))
    }

    /// Of each partition in the feed's order.
    private func transitions() throws -> [JSON] {
        try broker.records(Recording.alerts).map { record in
            var members = try record.json().members
            members["place"] = .array([.number(Double(record.partition)), .number(Double(record.offset))])
            return .object(members)
        }
    }

    private func expectIncidentsToldOnce(_ restored: [JSON], _ all: [JSON]) throws {
        let old = Set(restored)
        #expect(all.filter(old.contains).count == restored.count)
        let new = all.filter { !old.contains($0) }
        // Opened and resolved by turns, from the old binary's time on.
        for (key, sequence) in Dictionary(grouping: all, by: { $0["dedup_key"] }) {
            let statuses = sequence.compactMap { $0["status"].text }
            let turns = statuses.indices.map { $0 % 2 == 0 ? "open" : "resolved" }
            #expect(statuses == turns, "\(key)")
            #expect(Set(sequence.map { $0["place"][0] }).count == 1, "\(key) lies in one partition")
        }
        let before = open(restored)
        let after = open(all)
        // The second outage and the second scan were under way; two and a half hours after only a rate over days burns. What were alerts
        // of their own ends with the page or the ticket that it is a part of.
        for name in ["page-quick", "page-slow", "ingress-burn", "anomaly/port-scan"] {
            let keys = before.keys.filter { $0.contains(name) }
            #expect(!keys.isEmpty && keys.allSatisfy { after[$0] == nil }, "\(name): \(before.keys)")
        }
        for name in ["ticket-quick", "ticket-slow"] {
            #expect(after.keys.contains { $0.contains("api-success/\(name)") })
        }
        #expect(
            !all.contains {
                $0["dedup_key"].text?.contains("api-success/page/") == true && $0["status"] == .text("open")
            })
        for (key, opened) in before where after[key] == nil {
            let ends = new.filter { $0["dedup_key"] == .text(key) && $0["status"] == .text("resolved") }
            #expect(ends.first?["opened_at"] == opened["opened_at"], "\(key)")
        }
        // Each is posted once, and nothing of before.
        let announced = new.map {
            Recording.Notification(
                dedupKey: $0["dedup_key"].text ?? "", action: $0["status"] == .text("open") ? "trigger" : "resolve")
        }
        #expect(pagerDuty.requests.map { Recording.Notification($0.event) }.counts == announced.counts)
    }

    /// The transition that opened each alert that is open.
    private func open(_ transitions: [JSON]) -> [String: JSON] {
        transitions.reduce(into: [:]) { open, transition in
            open[transition["dedup_key"].text ?? ""] = transition["status"] == .text("open") ? transition : nil
        }
    }

    /// What a dedup key says without its hash, by today's names: what the recording left open ends under its former key.
    private func condition(_ key: String) -> String {
        var parts = key.split(separator: "/").dropLast()
        for name in ["page", "ticket"] where ["\(name)-quick", "\(name)-slow"].contains(parts.last ?? "") {
            parts[parts.endIndex - 1] = name[...]
        }
        return parts.joined(separator: "/")
    }

    /// Today's binary over the whole trace as files alerts of the same, from where the old one had judged all.
    ///
    /// - Parameter leftOpen: conditions that were open then. When they had opened was decided by other rules, and by each of two alone.
    private func expectAlertsOfReplay(_ recording: Recording, _ new: [JSON], leftOpen: Set<String>) throws {
        for topic in Recording.inputs.keys {
            let lines = (0..<OutageTrace.minutes).flatMap(OutageTrace.messages).filter { $0.topic == topic }
            try folder.write(lines.map { $0.value + "\n" }.joined(), to: "trace/\(topic).log")
        }
        let replayed = try Tidewatch.run(
            [
                "replay", "--resources", "\(Recording.folder)/resources.yaml", "--out", folder.path("replay"),
                folder.path("trace"),
            ], in: folder)
        try #require(replayed.status == 0, "\(replayed.error)")
        let judged = OutageTrace.startSeconds + Int64(OutageTrace.judgedMinutes(of: OutageTrace.recordedMinutes)) * 60
        let end = OutageTrace.startSeconds + Int64(OutageTrace.judgedMinutes(of: OutageTrace.minutes)) * 60
        /// Records of version 1 date a change by the slice's end, and a replay by when it was decided.
        func date(_ transition: JSON) -> JSON {
            let sliceEnd = transition["details"]["slice_end"]
            return sliceEnd.text == nil ? transition["time"] : sliceEnd
        }
        func known(_ transitions: [JSON]) throws -> [[JSON]: Int] {
            try transitions.filter { transition in
                let text = try #require(date(transition).text)
                let time = Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970)
                // By the first release's meaning of `Timeslices` other rates were open.
                if recording.name == "0.1.0", transition["dedup_key"].text?.contains("checkout-latency") == true {
                    return false
                }
                // By its meaning of anomalies, which it learnt while they went on, others had ended.
                let opened = try Date(#require(transition["opened_at"].text), strategy: .iso8601)
                if transition["dedup_key"].text?.hasPrefix("anomaly/") == true,
                    Int64(opened.timeIntervalSince1970) <= judged
                {
                    return false
                }
                return time > judged && time <= end
            }.map { transition in
                let condition = transition["dedup_key"].text.map(condition) ?? ""
                let isOpen = transition["status"] == .text("open")
                let opened = isOpen ? date(transition) : transition["opened_at"]
                return [
                    .text(condition), transition["status"], date(transition),
                    leftOpen.contains(condition) ? .text("before") : opened,
                ]
            }.counts.filter { !leftOpen.contains($0.key[0].text ?? "") || $0.key[1] == .text("resolved") }
                .mapValues { _ in 1 }
        }
        for transition in new where transition["status"] == .text("open") {
            let opened = try Date(#require(transition["time"].text), strategy: .iso8601)
            // What the recording has opened is said again when event time has caught up.
            if Int64(opened.timeIntervalSince1970) <= judged { continue }
            let hash = transition["dedup_key"].text?.split(separator: "/").last ?? ""
            #expect(hash.count == 64, "what opens now has a key by SHA-256: \(hash)")
        }
        let (found, expected) = (try known(new), try known(folder.jsonLines("replay/alerts.ndjson")))
        #expect(
            found == expected,
            """
            only live: \(found.filter { expected[$0.key] != $0.value }), \
            only replayed: \(expected.filter { found[$0.key] != $0.value })
            """)
    }

    private func awaitTotals(
        _ expected: [String: OutageTrace.Counts], _ settings: RecordedSettings, _ member: RecordedMember
    ) throws {
        var found: [String: OutageTrace.Counts] = [:]
        let isExact = try member.awaits {
            found = try recordedTotals(settings.report())
            return found == expected
        }
        try #require(isExact, "found \(found), expected \(expected); \(member.said)")
    }
}
