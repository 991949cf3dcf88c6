import Foundation
import Statistics
import TestSupport

/// A fleet under load goes from release to release, member by member, and members are killed all the while.
final class RollRun {
    /// After this long without a commit somebody is stuck, as in `ChaosRun`.
    private static let progressMax = ChaosRun.progressMax
    private static let members = 3

    private let options: ChaosOptions
    private let course: RollCourse
    private let workspace: Workspace
    private let journal: Journal
    private let topics: Topics
    private let cluster: Cluster
    private let fleet: Fleet
    private let offsets: GroupOffsets
    private let production: Production
    private var random: SeededGenerator
    private var kills = 0

    init(_ options: ChaosOptions) throws {
        self.options = options
        course = RollCourse(options)
        workspace = try Workspace(seed: options.seed, hasGroups: false)
        journal = try Journal(folder: workspace.folder)
        random = SeededGenerator(seed: options.seed ^ 0x726F_6C6C)
        topics = Topics(prefix: "roll-\(UInt32.random(in: 0 ... .max)).")
        journal.note("\(options.repetition) --roll; logs in \(workspace.folder.path)")
        cluster = try Cluster(options, topics: topics)
        fleet = try Fleet(
            options, workspace: workspace, journal: journal, cluster: cluster, topics: topics)
        offsets = try GroupOffsets(cluster, group: topics.group, partitions: topics.inputPartitions)
        // At a steady pace: where all partitions stay empty for a while, event time goes on with the clock, and what comes then
        // is late.
        production = Production(
            options, topics: topics, lasting: .seconds(8) * options.kills + .seconds(15) * course.stages.count)
    }

    /// Whether every check holds; what does not is printed.
    func holds() throws -> Bool {
        defer { fleet.killAll() }
        try production.start(cluster)
        production.allow(1)
        // No sink is connected that would miss one.
        production.letIncidentsCome()
        for _ in 0..<Self.members { try fleet.start(course.stages.first?.from) }
        // One that is asked to stop before it listens to that ends by the signal.
        let isAtWork = eventually(within: Self.progressMax) { (offsets.committed() ?? 0) > 0 }
        if !isAtWork { journal.problem("nothing was committed in \(Self.progressMax)") }
        for stage in course.stages { try pass(stage) }
        try settle()
        fleet.drain()
        if journal.problems.isEmpty {
            let names = (course.stages.prefix(1).map(\.from.name) + course.stages.map(\.to.name)).joined(
                separator: ", ")
            journal.note("all checks hold after \(kills) kills on the way of \(names)")
            workspace.remove()
            return true
        }
        print("chaos: \(journal.problems.count) problems; journal and logs are in \(workspace.folder.path)")
        print("chaos: repeat with \(options.repetition) \(CommandLine.arguments[0]) --roll")
        return false
    }

    // MARK: A stage

    private func pass(_ stage: RollCourse.Stage) throws {
        journal.note("from \(stage.from.name) to \(stage.to.name)")
        for kill in 0..<stage.kills {
            if case .failure(let error) = production.result { throw error }
            let isSoon = random.chance(0.5)
            let delay = 50_000 + random.below(isSoon ? 2_950_000 : 1_950_000)
            let victim = random.below(Fleet.membersMax * 3)
            // The first one that is killed is followed by the other release, so that both are beside each other.
            let isNext = kill == 0 || random.chance(Double(kill + 1) / Double(stage.kills + 1))
            if !isSoon { awaitProgress() }
            letPass(.microseconds(delay))  // The kill's own moment.
            fleet.look()
            if !fleet.members.isEmpty {
                fleet.kill(fleet.members[victim % fleet.members.count])
                kills += 1
            }
            while fleet.active.count < Self.members {
                guard try fleet.start(isNext ? stage.to : stage.from) else { break }
            }
        }
        try retire(stage)
        if let refused = stage.refused { try refuse(refused) }
    }

    /// Those that still run the former release are asked to stop, one by one, each followed by one of the next.
    private func retire(_ stage: RollCourse.Stage) throws {
        while let member = fleet.members.first(where: { $0.release == stage.from }) {
            if !member.isStopping {
                fleet.terminate(member)
                try fleet.start(stage.to)
            }
            while member.isRunning {
                letPass(.milliseconds(20))
                fleet.look()
            }
            fleet.look()
            awaitProgress()
        }
        while fleet.active.count < Self.members { guard try fleet.start(stage.to) else { break } }
    }

    /// A member comes that writes what the fleet can't read, or can't read what the fleet writes: it stops by itself, and the fleet goes on.
    private func refuse(_ refused: RollCourse.Refused) throws {
        journal.note("a member of \(refused.release.name) comes, and must be refused")
        awaitProgress()
        guard try fleet.start(refused.release), let member = fleet.members.last else {
            return journal.problem("there is no place for a member of \(refused.release.name)")
        }
        member.mayRefuse = [refused.says]
        let isOver = eventually(within: Self.progressMax, every: .milliseconds(50)) {
            fleet.look()
            return !member.isRunning
        }
        if !isOver || member.refusal == nil {
            journal.problem("\(member.name) was not refused, see \(member.log.path)")
            if !isOver { fleet.kill(member) }
        }
        awaitProgress()
    }

    /// Waits until the group commits something.
    private func awaitProgress() {
        let before = offsets.committed()
        let isDone = eventually(within: Self.progressMax, every: .milliseconds(50)) {
            fleet.look()
            if fleet.active.isEmpty { return true }
            if let before, let now = offsets.committed(), now > before { return true }
            // With everything read there is nothing to commit.
            return (try? offsets.lag()) == 0
        }
        if !isDone { journal.problem("nothing was committed in \(Self.progressMax)") }
    }

    // MARK: The end

    private func settle() throws {
        let isProduced = eventually(within: .seconds(600), every: .milliseconds(50)) {
            fleet.look()
            return production.result != nil
        }
        guard isProduced, var ledger = try production.result?.get() else {
            return journal.problem("the estate is not produced")
        }
        ledger.forgetGroups()
        // Whoever ran last can read what there is.
        var options = options
        options.binary = course.stages.last?.to.binary ?? options.binary
        let checks = Checks(options, cluster: cluster, topics: topics, settings: fleet.anySettings, journal: journal)
        journal.note("all is produced; \(fleet.active.count) members are left in peace")
        let isExact = try eventually(within: Self.progressMax, every: .milliseconds(500)) {
            fleet.look()
            return try offsets.lag() == 0 && checks.differences(ledger).isEmpty
        }
        if isExact { journal.note("all is read, and the report is exact") }
        try checks.run(ledger)
        for partition in cluster.isEmbedded ? try offsets.truncated(topics.all) : [] {
            journal.problem("the embedded broker dropped records of \(partition): the run is too large for it")
        }
    }
}
