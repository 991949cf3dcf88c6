import Foundation
import KafkaClient
import Statistics
import TestSupport

/// One run: the fleet is harried while the estate is produced, then left in peace until all is read, then judged.
final class ChaosRun {
    /// After this long with members and without a commit, somebody is stuck. Rebalances over the embedded broker take up
    /// to 10 s, and many may follow one another: it takes no commits while members join, and goes on without who waits for one.
    static let progressMax = patience
    /// Without a change of members for so long, their groups have found each other: the session's 6 s, and the broker's wait
    /// for who joins. The embedded broker does not survive it when a member is stopped that waits for a group.
    private static let steadyAfter: Duration = .seconds(13)

    private let options: ChaosOptions
    private let workspace: Workspace
    private let journal: Journal
    private let topics: Topics
    private let cluster: Cluster
    private let fleet: Fleet
    private let offsets: GroupOffsets
    /// Of the sinks, in the feed.
    private let sinkOffsets: [GroupOffsets]
    private let production: Production
    private let receivers: PageReceivers
    private let pages: PageChecks
    /// Nil over a cluster of somebody's own, before which no front can be put.
    private let late: LateWriters?
    /// Nil where hosts' clocks are right.
    private let clocks: HostClocks?
    private var random: SeededGenerator
    private var kills = 0
    private var pauses = 0
    private var hasIncidents = false

    /// What a part of a run needs of it.
    struct Surroundings {
        let cluster: Cluster
        let topics: Topics
        let receivers: PageReceivers
        let journal: Journal
    }

    init(_ options: ChaosOptions) throws {
        self.options = options
        workspace = try Workspace(seed: options.seed, hasGroups: options.recordVersion > 1)
        journal = try Journal(folder: workspace.folder)
        random = SeededGenerator(seed: options.seed)
        // The prefix is no part of what the seed decides: a run that is repeated needs topics of its own.
        topics = Topics(prefix: "chaos-\(UInt32.random(in: 0 ... .max)).")
        journal.note("\(options.repetition); logs in \(workspace.folder.path)")
        cluster = try Cluster(options, topics: topics)
        receivers = try PageReceivers(options, journal: journal, folder: workspace.folder)
        pages = PageChecks(cluster, topics: topics, receivers: receivers, journal: journal)
        let gates =
            cluster.isEmbedded
            ? try KafkaGates(cluster, places: Fleet.membersMax, hasAppendTimes: options.hasWrongClocks) : nil
        fleet = try Fleet(
            options, workspace: workspace, journal: journal, cluster: cluster, topics: topics,
            receivers: receivers, gates: gates)
        clocks = options.hasWrongClocks ? try HostClocks(options, journal: journal) : nil
        fleet.clocks = clocks
        offsets = try GroupOffsets(cluster, group: topics.group, partitions: topics.inputPartitions)
        sinkOffsets = try PageSink.allCases.map { [cluster, topics] sink in
            try GroupOffsets(cluster, group: topics.group(of: sink), partitions: topics.partitions(of: topics.alerts))
        }
        production = Production(options, topics: topics)
        let surroundings = Surroundings(cluster: cluster, topics: topics, receivers: receivers, journal: journal)
        if let gates {
            late = try LateWriters(fleet, gates, production, in: surroundings)
        } else {
            late = nil
        }
    }

    /// Whether every check holds; what does not is printed.
    func holds() throws -> Bool {
        defer { fleet.killAll() }
        try production.start(cluster)
        try harry()
        var ledger = try finishProduction()
        if options.recordVersion == 1 { ledger.forgetGroups() }
        try settle(ledger)
        try pages.run(after: fleet.interruptions + SessionLosses(of: fleet.everyone).all, ledger)
        fleet.drain()
        let checks = Checks(options, cluster: cluster, topics: topics, settings: fleet.anySettings, journal: journal)
        try checks.run(ledger, hadPauses: pauses > 0)
        try late?.check(
            after: (options.kills - 1) / options.killsForEachPause, isLong: options.isLong,
            recordVersion: options.recordVersion)
        clocks?.check(after: options.kills)
        for partition in cluster.isEmbedded ? try offsets.truncated(topics.all) : [] {
            journal.problem("the embedded broker dropped records of \(partition): the run is too large for it")
        }
        if journal.problems.isEmpty {
            journal.note("all checks hold after \(kills) kills and \(production.messages) messages")
            workspace.remove()
            return true
        }
        print("chaos: \(journal.problems.count) problems; journal and logs are in \(workspace.folder.path)")
        print("chaos: repeat with \(options.repetition) \(CommandLine.arguments.joined(separator: " "))")
        return false
    }

    // MARK: Harrying

    /// The dice of one step, all thrown at its beginning, so that what a step meets does not change the next one's.
    private struct Step {
        /// Strike soon, anywhere: in start-up, a rebalance, a restoration, a flush. Otherwise wait for work to be done first.
        let isSoon: Bool
        let delayMicroseconds: UInt32
        let isKill: Bool
        let victim: Int
        /// One to four members from now on, two or three as a rule.
        let members: Int
        /// Strike whose request a sink has just taken.
        let isAtPage: Bool
        let pause: Duration

        init(_ random: inout SeededGenerator) {
            isSoon = random.chance(0.5)
            delayMicroseconds = UInt32(50_000 + random.below(isSoon ? 2_950_000 : 1_950_000))
            isKill = !random.chance(0.1)
            victim = random.below(Fleet.membersMax * 3)
            members = 1 + random.below(2) + random.below(3)
            isAtPage = random.chance(0.3)
            // The session is 6 s, and it takes as long again until others have what was its own.
            pause = .seconds(14 + random.below(6))
        }
    }

    private func harry() throws {
        try fleet.start()
        while kills < options.kills {
            if case .failure(let error) = production.result { throw error }
            try cluster.check()
            production.allow(Double(kills + 1) / Double(options.kills))
            letIncidentsCome(within: .zero)
            let step = Step(&random)
            if kills / options.killsForEachPause > pauses { try pause(step) }
            let slot = step.isAtPage ? awaitPage() : nil
            if slot == nil, !step.isSoon { awaitProgress() }
            // The kill's own moment; at a page before, while or after the log of notifications is written.
            letPass(.microseconds(slot == nil ? step.delayMicroseconds : step.delayMicroseconds % 20_000))
            fleet.look()
            let running = fleet.members.filter { !$0.isPaused }
            if let sender = running.first(where: { $0.slot == slot }) {
                journal.note("a page of \(sender.name) was taken")
                fleet.kill(sender)
                kills += 1
            } else if step.isKill, !running.isEmpty {
                fleet.kill(running[step.victim % running.count])
                kills += 1
            } else if let member = fleet.active.first {
                fleet.terminate(member)
            }
            while fleet.active.count < step.members || fleet.counting.isEmpty {
                guard try fleet.start() else { break }
            }
        }
    }

    /// Lets incidents come when every sink is connected, as its group's offsets say: of those that had ended before it would be told
    /// nothing. Kills strike before that too.
    private func letIncidentsCome(within limit: Duration) {
        if hasIncidents { return }
        hasIncidents = eventually(within: limit) {
            fleet.look()
            return sinkOffsets.allSatisfy(\.hasBegun)
        }
        guard hasIncidents else { return }
        production.letIncidentsCome()
        journal.note("the sinks are connected after \(kills) kills; incidents may come")
    }

    /// Waits a while for a sink to take something.
    ///
    /// - Returns: the sender's place.
    private func awaitPage() -> Int? {
        let before = receivers.takenCount
        return eventually(within: .seconds(4), every: .milliseconds(2)) { receivers.takenCount > before }
            ? receivers.lastSlot : nil
    }

    /// Stops a member for longer than its session: by turns an evaluator whose alert is on its way, a notifier whose request is,
    /// and whichever it may be while an alert is open, with kills of others until it goes on.
    private func pause(_ step: Step) throws {
        // Others have to take over what it has.
        while fleet.counting.count < 2 { guard try fleet.start() else { break } }
        let isSteady = eventually(within: Self.progressMax, every: .milliseconds(20)) {
            fleet.look()
            fleet.retireRestless()
            return fleet.active.count == fleet.members.count && fleet.changed.duration(to: .now) > Self.steadyAfter
        }
        guard isSteady, fleet.counting.count > 1 else { return }
        letIncidentsCome(within: Self.progressMax)
        guard let late, pauses % 3 != 2 else {
            if receivers.openCount == 0 { return }
            pauses += 1
            return fleet.pause(fleet.active[step.victim % fleet.active.count], for: step.pause)
        }
        production.free()
        defer { production.hold(at: Double(kills) / Double(options.kills)) }
        if try pauses % 3 == 0 ? late.writeLate() : late.postLate() { pauses += 1 }
    }

    /// Waits until the group commits something.
    private func awaitProgress() {
        let before = offsets.committed()
        let deadline = ContinuousClock.now + Self.progressMax
        while ContinuousClock.now < deadline {
            letPass(.milliseconds(50))
            fleet.look()
            if fleet.counting.isEmpty { return }
            if let before, let now = offsets.committed(), now > before { return }
            // With everything read there is nothing to commit.
            if (try? offsets.lag()) == 0 { return }
        }
        journal.problem("nothing was committed in \(Self.progressMax)")
    }

    // MARK: The end

    private func finishProduction() throws -> Ledger {
        letIncidentsCome(within: Self.progressMax)
        if !hasIncidents { throw ChaosOptions.Problem(description: "a sink was not connected in \(Self.progressMax)") }
        production.allow(1)
        while true {
            if let result = production.result { return try result.get() }
            letPass(.milliseconds(50))
            fleet.look()
        }
    }

    /// Leaves two members in peace until all is read and the report is as it must be, or changes no more.
    private func settle(_ ledger: Ledger) throws {
        let checks = Checks(options, cluster: cluster, topics: topics, settings: fleet.anySettings, journal: journal)
        fleet.resume(all: true)
        receivers.calm()
        journal.note("all is produced; \(fleet.active.count) members are left in peace")
        var lag = Int64.max
        var differences: [String]?
        var changed = ContinuousClock.now
        while changed.duration(to: .now) < Self.progressMax {
            try cluster.check()
            fleet.look()
            fleet.retireRestless()
            while fleet.active.count < 2 || fleet.counting.isEmpty { guard try fleet.start() else { break } }
            letPass(.milliseconds(500))
            let lagNow = try offsets.lag()
            let differencesNow = lag == 0 ? try checks.differences(ledger) + pages.differences(ledger) : nil
            if lagNow == 0, differencesNow == [] {
                return journal.note("all is read, the report is exact, and all is paged")
            }
            if lagNow != lag || differencesNow != differences {
                (lag, differences, changed) = (lagNow, differencesNow, .now)
                journal.note(
                    "\(lag) records to read, \(differences.map { "\($0.count) differences" } ?? "no report yet")")
            }
        }
        journal.problem("\(lag) records are not committed, and nothing has changed for \(Self.progressMax)")
        for difference in differences ?? [] { journal.problem("at the end \(difference)") }
    }
}
