import Foundation
import TestSupport

/// The members, 1 to 4 at a time: starts them, kills them, and notices what they do by themselves.
final class Fleet {
    static let membersMax = 4
    /// A drain takes 10 s at most, and here the broker is slow and the machine full.
    static let drainMax: Duration = .seconds(30)

    private(set) var members: [Member] = []
    /// Also those that have ended.
    private(set) var everyone: [Member] = []
    private let options: ChaosOptions
    private let workspace: Workspace
    let journal: Journal
    /// Kills and pauses, in their order.
    var interruptions: [Interruption] = []
    /// When a member came, went or went on last.
    var changed = ContinuousClock.now
    /// Nil where all hosts' clocks are this machine's.
    var clocks: HostClocks?
    private let settings: (_ slot: Int, Release) throws -> URL
    private var started = 0

    init(
        _ options: ChaosOptions, workspace: Workspace, journal: Journal, cluster: Cluster, topics: Topics,
        receivers: PageReceivers? = nil, gates: KafkaGates? = nil
    ) throws {
        self.options = options
        self.workspace = workspace
        self.journal = journal
        let ports = try freePorts(Self.membersMax * 2)
        settings = { slot, release in
            try workspace.settings(
                name: "settings-\(slot)-\(release.name)", options: options,
                bootstrap: gates?.address(slot: slot) ?? cluster.bootstrap,
                topics: topics, ports: [ports[slot * 2], ports[slot * 2 + 1]], recordVersion: release.recordVersion,
                sinks: receivers?.settings(slot: slot) ?? "")
        }
        anySettings = try workspace.settings(
            name: "settings-report", options: options, bootstrap: cluster.bootstrap, topics: topics,
            ports: Array(ports.prefix(2)), recordVersion: options.recordVersion, sinks: "")
    }

    /// Settings that a report can be made with.
    let anySettings: URL

    /// Members that were told nothing yet, and go on.
    var active: [Member] { members.filter { !$0.isStopping && !$0.isPaused } }

    /// Those of them that count: all, but for those whose clock is off.
    var counting: [Member] { active.filter { $0.clock?.isNear ?? true } }

    /// Lets go of members that leave the group and come again all the time: with one of them it finds no rest.
    func retireRestless() { for member in active where member.clock == .hourStepping { terminate(member) } }

    /// - Parameter release: nil for the one under test.
    /// - Returns: false when every place is taken.
    @discardableResult
    func start(_ release: Release? = nil) throws -> Bool {
        let taken = Set(members.map(\.slot))
        guard let slot = (0..<Self.membersMax).first(where: { !taken.contains($0) }) else { return false }
        started += 1
        let release = release ?? options.release
        let host = clocks?.next(beside: active.compactMap(\.clock))
        let member = try Member(
            name: "member-\(started)", slot: slot, release: release, settings: try settings(slot, release),
            folder: workspace.folder, on: host)
        members.append(member)
        everyone.append(member)
        clocks?.note(member)
        changed = .now
        journal.note("start \(member.name), \(release.name)\(host.map { ", its clock \($0.clock)" } ?? "")")
        return true
    }

    func kill(_ member: Member) {
        journal.note("SIGKILL \(member.name) of age \(member.age)\(member.isStopping ? ", while it drains" : "")")
        member.kill()
        interruptions.append(Interruption(.kill, slot: member.slot))
        changed = .now
        members.removeAll { $0 === member }
    }

    func terminate(_ member: Member) {
        journal.note("SIGTERM \(member.name) of age \(member.age)")
        member.terminate()
    }

    /// Takes note of members that ended; one that ended by itself is a problem. Lets those go on whose pause is over.
    func look() {
        resume()
        for member in members {
            if let refusal = member.refusal {
                journal.note("\(member.name) has ended: \(refusal)")
            } else if let problem = member.problem(drainMax: Self.drainMax) {
                journal.problem("\(member.name) \(problem), see \(member.log.path)")
                if member.isRunning { member.kill() }
            }
            if !member.isRunning, member.end != .killed {
                journal.note("\(member.name) has ended")
                changed = .now
            }
        }
        members.removeAll { !$0.isRunning }
    }

    /// Ends all of them and waits for it.
    func drain() {
        resume(all: true)
        for member in active { terminate(member) }
        while !members.isEmpty {
            letPass(.milliseconds(20))
            look()
        }
    }

    func killAll() { for member in members { kill(member) } }
}
