import Accounting
import Counting
import Evaluation
import Objectives
import Planning
import Records
import Statistics
import TelemetryModel

/// A broker, its topics, three consumer groups, and the processes that come and go: one seed's run.
final class World {
    /// What the count group has of a partition.
    struct Committed {
        let offset: Int64
        /// As it stands beside the offset.
        let hint: String
    }

    let plan: Plan
    let bug: PlantedBug?
    /// The broker's clock, in seconds.
    var now = 1000
    var milliseconds: Int64 = 0
    /// Most calls fail.
    var isOutage = false
    /// Some records are dated in the future. Not where updates have the first form, which has no place for the clock.
    var isDatedAhead: Bool { plan.hasRecordsAhead && bug != .definitionUnnamed }
    /// By source: the places of the records of which there is a dead letter.
    var letters: [Set<SourcePoint>]

    // The broker.
    var sources: [Source]
    var logs: [[LogEntry]]
    /// By topic and partition.
    var results: [[CompactedPartition]]
    var shape = World.shape
    var committed: [Committed?]
    var generation: Int32 = 0
    var evaluatorGeneration: Int32 = 0
    /// The resources that new members have.
    var release = 0
    /// An entry that only a newer release can read, until all have it.
    var newerForm = NewerForm.none
    /// Where it is, also once all can read it.
    private(set) var newerPlace: TopicPlace?

    enum NewerForm: Equatable {
        case none
        /// The next entry is one.
        case expected
        case written(shard: Int, offset: Int64)
        case known
    }

    // Who is there, those included that were declared dead and do not know it.
    var members: [Member] = []
    /// By partition; the group's word.
    var assigned: [Member?]
    var evaluators: [EvaluatingMember] = []
    var evaluatorOf: [EvaluatingMember?]
    var producers: [SimulatedProducer] = []
    var pager: Pager
    var numbers = 0

    var oracle: Oracle
    private(set) var failure: String?
    var statistics = RunStatistics()
    private(set) var trace: [String]?

    static let shape = StatePartitions(checkpoints: 2, windows: 2, alerts: 2)
    /// What an older release makes of an entry of a newer form.
    private static let newerEntry = Array(#"{"entry":"update","version":99}"#.utf8)

    init(plan: Plan, bug: PlantedBug?, isTraced: Bool = false) {
        self.plan = plan
        self.bug = bug
        trace = isTraced ? [] : nil
        sources = (0..<plan.partitions).map { Source(partition: $0) }
        logs = Array(repeating: [], count: Estate.shards.count)
        results = ResultTopic.allCases.map { _ in Array(repeating: CompactedPartition(), count: 2) }
        committed = Array(repeating: nil, count: plan.partitions)
        letters = Array(repeating: [], count: plan.partitions)
        assigned = Array(repeating: nil, count: plan.partitions)
        evaluatorOf = Array(repeating: nil, count: Estate.shards.count)
        pager = Pager(partitions: World.shape.alerts, seed: plan.seed, hasLog: bug != .notifierWithoutLog)
        oracle = Oracle(sources: sources.map(\.partition), plan: World.plans(bug)[0])
    }

    private static func plans(_ bug: PlantedBug?) -> [PipelinePlan] {
        bug == .definitionUnnamed ? Estate.plansWithoutDefinitions : Estate.plans
    }

    /// By release.
    var plans: [PipelinePlan] { World.plans(bug) }
    /// Of a clock that never goes back.
    var monotonic: Duration { .seconds(now) }
    var isAltered: Bool { shape != World.shape }

    func say(_ text: @autoclosure () -> String) {
        if trace != nil { trace?.append(text()) }
    }

    func fail(_ text: String) {
        say("WRONG: \(text)")
        if failure == nil { failure = text }
    }

    // MARK: What is on its way

    /// The first thing in one of the producer's lanes reaches the broker.
    func append(_ producer: SimulatedProducer, lane: Int) {
        let send = producer.takeFirst(lane: lane)
        let offset: Int
        switch send.payload {
        case .entry(let entry):
            offset = logs[lane].count
            logs[lane].append(entry)
            if newerForm == .expected {
                newerForm = .written(shard: lane, offset: Int64(offset))
                newerPlace = TopicPlace(
                    topic: Estate.topics.registers, partition: Int32(lane), offset: Int64(offset))
            }
            say("s\(lane)/\(offset) of \(producer.name) is \(String(decoding: entry.json, as: UTF8.self))")
            complain(
                oracle.take(entry, shard: lane, at: Int64(offset), sources: sources, now: isDatedAhead ? now : nil))
        case .result(let record, let value):
            let (topic, partition) = (lane / EvaluatingMember.lanes, lane % EvaluatingMember.lanes)
            let (judged, epoch) = World.headers(of: record)
            let key = key(of: record)
            offset =
                partition < results[topic].count
                ? results[topic][partition].append(key, value, judgedThrough: judged, epoch: epoch) : 0
            say("\(producer.name)'s \(key) is \(value.map { String(decoding: $0, as: UTF8.self) } ?? "no more")")
            complain(oracle.complaint(of: record, sources: sources))
            if case .alert(let alert) = record { complain(oracle.take(alert.transition)) }
        }
        producer.appended(send, lane: lane, at: offset)
    }

    /// Under which the broker compacts it: a planted mistake gives an alert one for all who write of it.
    private func key(of record: ResultRecord) -> String {
        if case .alert(let alert) = record, bug == .alertsFromFeed { return alert.key.dedupKey.text }
        return record.key
    }

    func complain(_ complaint: String?) {
        if let complaint { fail(complaint) }
    }

    private static func headers(of record: ResultRecord) -> (judgedThrough: EventTimes?, epoch: OwnerEpoch) {
        switch record {
        case .alert(let alert): (nil, alert.epoch)
        case .window(_, let judged): (judged, OwnerEpoch(rawValue: 0))
        case .supersededWindow, .supersededAlert, .alertState, .state, .checkpoint: (nil, OwnerEpoch(rawValue: 0))
        }
    }

    /// What some partitions of the topic of checkpoints say of these shards.
    static func checkpoints(
        of shards: Set<Int32>, _ partitions: [[CompactedPartition.Record]], in holding: Set<Int>
    ) throws -> Checkpoints {
        var checkpoints = Checkpoints(of: shards)
        for partition in holding.sorted() where partition < partitions.count {
            for record in partitions[partition] {
                let place = TopicPlace(
                    topic: Estate.topics.checkpoints, partition: Int32(partition), offset: Int64(record.offset))
                if let value = record.value { checkpoints.read(value, at: place) }
            }
        }
        if let unreadable = checkpoints.unreadable { throw unreadable }
        return checkpoints
    }

    func checkpointsForOwners() -> [ShardCheckpointRecord] {
        let all = Set(0..<Int32(Estate.shards.count))
        let partitions = results[ResultTopic.checkpoints.rawValue].map { partition in
            partition.records.filter { $0.key.hasPrefix("evaluator/") }
        }
        do {
            let found = try World.checkpoints(of: all, partitions, in: Set(partitions.indices))
            return found.evaluators.sorted { $0.key < $1.key }.map(\.value)
        } catch {
            fail("\(error)")
            return []
        }
    }

    /// Whether members of now can't read the entry, because a newer release has written it.
    func isUnreadable(_ place: TopicPlace) -> Bool { newerForm != .known && place == newerPlace }

    /// An entry of a shard's log as members of now see it.
    func read(_ entry: LogEntry, at place: TopicPlace, in form: RecordForm) -> [UInt8] {
        guard isUnreadable(place) else { return entry.json }
        return bug == .unreadableEntrySkipped ? World.skipped(entry.json, in: form) : World.newerEntry
    }

    /// What a planted mistake makes of an entry that it can't read: it goes on with the next one, and what was counted in it is counted
    /// nowhere.
    private static func skipped(_ json: [UInt8], in form: RecordForm) -> [UInt8] {
        guard case .update(let update) = try? ShardEntry<ChangelogAmounts>(json: json) else { return json }
        let empty = ChangelogUpdate(
            source: update.source, epoch: update.epoch, from: update.from, to: update.to, progress: update.progress,
            gap: update.gap, amounts: ChangelogAmounts()
        ).telling(update.state).asPart(update.part, of: update.parts)
        return ShardEntry.update(empty).json(in: form)
    }

    /// Gives a topic of state one partition more.
    func reshape(_ topic: ResultTopic) {
        results[topic.rawValue].append(CompactedPartition())
        shape = StatePartitions(
            checkpoints: results[ResultTopic.checkpoints.rawValue].count,
            windows: results[ResultTopic.windows.rawValue].count, alerts: shape.alerts)
    }

    /// The topics are as they were; who did not start comes back.
    func repair() {
        say("the topics have as many partitions as before")
        shape = World.shape
        for topic in results.indices { results[topic] = Array(results[topic].prefix(2)) }
        for shard in evaluatorOf.indices where evaluatorOf[shard] == nil { startEvaluator(of: [Int32(shard)]) }
    }

    // MARK: The count group

    /// Takes commits as a broker would: from whoever is a member in the group's generation, whatever he owns.
    func commit(_ commits: [SourceCommit], _ points: [SourcePartition: SourcePoint], by member: Member) {
        guard member.isMember && member.generation == generation else {
            if member.isMember { member.generation = generation }
            return
        }
        for commit in commits {
            let partition = Int(commit.source.partition)
            committed[partition] = Committed(offset: commit.offset, hint: commit.hint.text)
            guard assigned[partition] === member else {
                say("member \(member.number), who was followed, commits p\(partition) to \(commit.offset)")
                statistics.zombieCommits += 1
                continue
            }
            say("member \(member.number) commits p\(partition) to \(commit.offset), \(commit.hint.text)")
            for shard in 0..<Estate.shards.count {
                let through = oracle.state(of: commit.source, in: shard).through
                if let point = points[commit.source], through.map({ $0 < point }) ?? true {
                    fail("p\(partition) is committed to \(point), and shard \(shard) has only \(through as Any)")
                }
            }
        }
    }

    func rebalance(_ random: inout SeededGenerator) {
        generation += 1
        statistics.rebalances += 1
        say("generation \(generation) of the count group")
        let present = members.filter(\.isMember)
        var given: [Int: [Int]] = [:]
        for partition in assigned.indices {
            if let owner = assigned[partition], owner.isMember { continue }
            assigned[partition] = nil
            guard !present.isEmpty else { continue }
            let place = random.below(present.count)
            // One that is dead and not missed yet is given partitions too; nothing comes of it.
            assigned[partition] = present[place]
            given[place, default: []].append(partition)
        }
        for (place, partitions) in given.sorted(by: { $0.key < $1.key }) {
            present[place].generation = generation
            if present[place].isAlive { present[place].assign(partitions, generation: generation) }
        }
    }

    func join(_ random: inout SeededGenerator) {
        numbers += 1
        let member = Member(number: numbers, generation: generation + 1, release: release, world: self)
        say("member \(numbers) of release \(release) joins")
        members.append(member)
        producers.append(member.producer)
        rebalance(&random)
    }

    func released(_ partition: Int, by member: Member) {
        if assigned[partition] === member { assigned[partition] = nil }
    }

    /// The process is gone; what it sent may still arrive.
    func kill(_ member: Member, _ random: inout SeededGenerator) {
        member.isAlive = false
        member.producer.die(&random)
        member.forgetAll()
    }

    /// The process stops, because it can't read an entry.
    func stop(_ member: Member) {
        say("member \(member.number) stops")
        statistics.stops += 1
        var random = SeededGenerator(seed: UInt64(member.number))
        kill(member, &random)
        member.isMember = false
    }

    func sweep() {
        producers.removeAll(where: \.isOver)
        members.removeAll { !$0.isAlive && !$0.isMember }
    }

    // MARK: The evaluate group

    func startEvaluator(of shards: [Int32]) {
        evaluatorGeneration += 1
        numbers += 1
        let evaluator = EvaluatingMember(
            number: numbers, shards: shards, generation: evaluatorGeneration, release: release, world: self)
        for shard in shards { evaluatorOf[Int(shard)] = evaluator }
        evaluators.append(evaluator)
        producers.append(evaluator.producer)
    }

    func kill(_ evaluator: EvaluatingMember, _ random: inout SeededGenerator) {
        say("evaluator \(evaluator.number) is gone")
        evaluator.producer.die(&random)
        evaluators.removeAll { $0 === evaluator }
        for shard in evaluatorOf.indices where evaluatorOf[shard] === evaluator { evaluatorOf[shard] = nil }
    }

    /// It can't read an entry.
    func stop(_ evaluator: EvaluatingMember) {
        statistics.stops += 1
        var random = SeededGenerator(seed: UInt64(evaluator.number))
        kill(evaluator, &random)
    }

    /// It does not start, because a topic of state is another.
    func refused(_ evaluator: EvaluatingMember) {
        let shards = evaluator.shards.filter { evaluatorOf[Int($0)] === evaluator }
        stop(evaluator)
        // The topic may have been repaired since it looked.
        if !isAltered, !shards.isEmpty { startEvaluator(of: shards) }
    }

    func released(shard: Int32, by evaluator: EvaluatingMember) {
        if evaluatorOf[Int(shard)] === evaluator { startEvaluator(of: [shard]) }
    }
}
