import Foundation
import KafkaClient
import TestSupport

/// Members that are declared dead with something in their hands, and bring it late: by construction, each step awaited.
///
/// An evaluator is held as its alert leaves it, and stopped; the group declares it dead, and others judge what it had judged,
/// publish it, and write their checkpoints. Then it goes on, and behind the alert come the rest of its round: the state of the
/// alerts, windows, monitors' states, the checkpoint. A notifier is held as its request arrives, and stopped; another one's same
/// request is taken first.
final class LateWriters {
    /// How long the next alert is waited for. Event time goes on quickly meanwhile.
    private static let alertMax = Duration.seconds(120)
    /// How long others have for taking over. A request that was older than `socket.timeout.ms` would be sent again.
    private static let takeoverMax = Duration.seconds(100)

    /// How long one that goes on has for the rest of its round.
    private static let roundMax = Duration.seconds(30)

    private let cluster: Cluster
    private let topics: Topics
    private let fleet: Fleet
    private let gates: KafkaGates
    private let receivers: PageReceivers
    private let production: Production
    private let journal: Journal
    private let reader: KafkaRangeReader
    private let evaluators: GroupOffsets
    private var rounds = 0
    private var pages = 0

    init(_ fleet: Fleet, _ gates: KafkaGates, _ production: Production, in run: ChaosRun.Surroundings) throws {
        (cluster, topics, receivers, journal) = (run.cluster, run.topics, run.receivers, run.journal)
        (self.fleet, self.gates, self.production) = (fleet, gates, production)
        reader = try KafkaRangeReader(settings: run.cluster.settings)
        evaluators = try GroupOffsets(run.cluster, group: run.topics.evaluatorsGroup, partitions: run.topics.shards)
    }

    // MARK: An evaluator

    /// - Returns: false where no alert came.
    func writeLate() throws -> Bool {
        production.go(.quickly)
        // Who has not closed a window yet has no checkpoint to write.
        var ends = try ends(of: topics.checkpoints)
        var shards: Set<Int32> = []
        _ = try eventuallyInTopic {
            for checkpoint in try checkpoints(from: &ends) { shards.insert(checkpoint.shard) }
            return shards.count == topics.shards.count
        }
        gates.arm(topics.alerts)
        let came = try awaitNext { gates.held != nil }
        production.go(.slowly)
        guard came, let member = fleet.members.first(where: { $0.slot == gates.held }) else {
            gates.release()
            journal.note("no alert came in \(Self.alertMax)")
            return false
        }
        journal.note("an alert of \(member.name) is on its way")
        fleet.pause(member)
        // What is committed is published: until all that anybody has read is so by others.
        let read = try evaluators.ends()
        ends = try self.ends(of: topics.checkpoints)
        let isTaken = try eventuallyInTopic { evaluators.isCommitted(read) }
        var successors: [Int32: Int64] = [:]
        for checkpoint in try checkpoints(from: &ends) { successors[checkpoint.shard] = checkpoint.epoch }
        if !isTaken { journal.problem("nobody has taken over in \(Self.takeoverMax) what a stopped member had") }
        gates.release()
        fleet.resume(member)
        // The last of its round. Killed before, it would not have written all of it.
        let isWritten = try eventuallyInTopic(within: Self.roundMax) {
            try checkpoints(from: &ends).contains { $0.epoch < successors[$0.shard] ?? 0 }
        }
        if !isWritten { journal.note("\(member.name) had no checkpoint to write") }
        rounds += 1
        return true
    }

    private func eventuallyInTopic(
        within limit: Duration = takeoverMax, _ isThere: () throws -> Bool
    ) throws -> Bool {
        try eventually(within: limit, every: .milliseconds(200)) {
            try cluster.check()
            fleet.look()
            return try isThere()
        }
    }

    private func ends(of topic: String) throws -> [Int32: Int64] {
        var ends: [Int32: Int64] = [:]
        let ranges = (0..<Int32(partitions(of: topic))).map {
            PartitionRange(TopicPartition(topic: topic, partition: $0), from: .end)
        }
        try reader.start(ranges, timeout: .seconds(30))
        while !reader.isDone {
            for case .done(let end) in try reader.poll(timeout: .milliseconds(100), { _, _ in }) {
                ends[end.partition.partition] = end.offset
            }
        }
        return ends
    }

    private func partitions(of topic: String) -> Int { topics.all.first { $0.name == topic }?.partitions ?? 0 }

    private struct Checkpoint {
        let shard: Int32
        let epoch: Int64
    }

    /// Those that were written since, each partition's in their order.
    private func checkpoints(from read: inout [Int32: Int64]) throws -> [Checkpoint] {
        var found: [Checkpoint] = []
        try reader.start(
            read.map { PartitionRange(TopicPartition(topic: topics.checkpoints, partition: $0), from: .offset($1)) },
            timeout: .seconds(30))
        while !reader.isDone {
            let events = try reader.poll(timeout: .milliseconds(100)) { _, message in
                let value = message.value.withUnsafeBytes { Data($0) }
                guard let json = try? JSONSerialization.jsonObject(with: value) as? [String: Any],
                    json["kind"] as? String == "evaluator", let shard = json["shard"] as? NSNumber,
                    let epoch = json["epoch"] as? NSNumber
                else { return }
                found.append(
                    Checkpoint(shard: shard.int32Value, epoch: epoch.int64Value))
            }
            for case .done(let end) in events { read[end.partition.partition] = end.offset }
        }
        return found
    }

    // MARK: A notifier

    /// - Returns: false where no page came.
    func postLate() throws -> Bool {
        let receiver = receivers.all[pages % receivers.all.count]
        production.go(.quickly)
        receiver.arm()
        let came = try awaitNext { receiver.held != nil }
        production.go(.slowly)
        guard came, let member = fleet.members.first(where: { $0.slot == receiver.held }) else {
            receiver.release()
            journal.note("no page came to \(receiver.sink.rawValue) in \(Self.alertMax)")
            return false
        }
        journal.note("a page of \(member.name) to \(receiver.sink.rawValue) is on its way")
        fleet.pause(member)
        let isPosted = try eventually(within: Self.takeoverMax, every: .milliseconds(50)) {
            try cluster.check()
            fleet.look()
            return receiver.held == nil
        }
        if !isPosted {
            journal.problem("nobody has sent in \(Self.takeoverMax) what a stopped member was sending")
            receiver.release()
        }
        fleet.resume(member)
        pages += 1
        return true
    }

    private func awaitNext(_ isThere: () -> Bool) throws -> Bool {
        try eventually(within: Self.alertMax, every: .milliseconds(2)) {
            try cluster.check()
            fleet.look()
            return isThere()
        }
    }

    // MARK: The end

    /// What was brought about has to be there: at least one record of each kind for each alert that was held, a checkpoint, and
    /// at least one page for each that was held.
    ///
    /// - Parameters:
    ///   - turns: how many pauses were asked for: of an evaluator, a notifier, and whichever, in turn.
    ///   - isLong: whether each kind has to have come about.
    func check(after turns: Int, isLong: Bool, recordVersion: Int) throws {
        let late = try LateRecords(cluster, topics: topics)
        let posts = receivers.all.map(\.late).reduce(0, +)
        journal.note(
            "behind their successors': \(late); \(posts) pages; by \(rounds) evaluators and \(pages) notifiers")
        // In a short run on a busy machine the members may never be steady for long enough to stop one at the right moment.
        func missing(_ text: String) { if isLong { journal.problem(text) } else { journal.note(text) } }
        if rounds == 0, turns > 0 { missing("no evaluator was made to write late") }
        if pages == 0, turns > 1 { missing("no notifier was made to post late") }
        func expect(_ count: Int, of what: String) {
            if count < rounds {
                journal.problem("\(count) \(what) lie behind a successor's, by \(rounds) late evaluators")
            }
        }
        expect(late[.alerts], of: "alerts")
        // 0.1.0 has none of them, and its form neither.
        if recordVersion > 1 { expect(late[.alertStates], of: "states of alerts") }
        expect(late[.windows] + late[.monitorStates], of: "windows and states of monitors")
        // An evaluator may have none to write; where it has, it is the last of the round.
        if rounds > 0, late[.checkpoints] == 0 { journal.problem("no checkpoint lies behind a successor's") }
        if posts < pages { journal.problem("\(posts) pages came behind a successor's, by \(pages) late notifiers") }
    }
}
