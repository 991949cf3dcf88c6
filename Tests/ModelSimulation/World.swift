import Accounting
import TelemetryModel

/// A broker, its topics, two consumer groups, and the processes that come and go: one seed's run.
final class World {
    /// A process with threads of the count role.
    struct Process {
        var isAlive = true
        /// The group takes it for a member.
        var isMember = true
        /// As it knows it.
        var generation: Int32
    }

    let plan: Plan
    let bug: PlantedBug?
    /// The broker's clock, in seconds.
    var now = 1000
    var milliseconds: Int64 = 0

    // The broker.
    var sources: [SourceModel]
    var logs: [[Entry]]
    var results: [ResultTopics]
    var committed: [(point: SourcePoint, hint: OwnerHint?)?]
    var generation: Int32 = 0
    var evaluatorGeneration = 0

    // Who is there, those included that were declared dead and do not know it.
    var processes: [Process] = []
    var owners: [OwnerDriver] = []
    var assigned: [OwnerDriver?]
    var evaluators: [EvaluatorDriver] = []
    var evaluatorOf: [EvaluatorDriver?]
    var producers: [ModelProducer] = []
    var numbers = 0

    var oracle: Oracle
    private(set) var failure: String?
    var statistics = Statistics()
    private(set) var trace: [String]?

    init(plan: Plan, bug: PlantedBug?, isTraced: Bool = false) {
        self.plan = plan
        self.bug = bug
        trace = isTraced ? [] : nil
        sources = (0..<plan.partitions).map {
            SourceModel(source: SourcePartition(topic: "t", partition: Int32($0)))
        }
        logs = Array(repeating: [], count: plan.shards)
        results = Array(repeating: ResultTopics(), count: plan.shards)
        committed = Array(repeating: nil, count: plan.partitions)
        assigned = Array(repeating: nil, count: plan.partitions)
        evaluatorOf = Array(repeating: nil, count: plan.shards)
        oracle = Oracle(sources: sources.map(\.source), shards: plan.shards)
    }

    func say(_ text: @autoclosure () -> String) {
        if trace != nil { trace?.append(text()) }
    }

    func fail(_ text: String) {
        say("WRONG: \(text)")
        if failure == nil { failure = text }
    }

    // MARK: What is on its way

    /// The first thing in one of the producer's lanes reaches the broker.
    func append(_ producer: ModelProducer, lane: Int) {
        let send = producer.takeFirst(lane: lane)
        let offset: Int
        let complaint: String?
        switch send.payload {
        case .entry(let entry):
            offset = logs[lane].count
            logs[lane].append(entry)
            say("s\(lane)/\(offset) is \(text(entry))")
            complaint = oracle.take(entry, shard: lane, at: Int64(offset), sources: sources)
        case .alert(let alert):
            let shard = producer.shard ?? 0
            offset = results[shard].alerts.append(alert, key: "\(alert.monitor)")
            say("\(producer.name)'s \(alert) is in the feed of s\(shard)")
            complaint = oracle.take(alert, shard: shard)
        case .monitor(let record):
            let shard = producer.shard ?? 0
            offset = results[shard].monitors.append(record, key: "\(record.index)/\(record.epoch)")
            say("\(producer.name)'s monitor \(record.index) at \(record.stamp) is published")
            complaint = oracle.complaint(of: record, shard: shard)
        case .window(let record):
            let shard = producer.shard ?? 0
            offset = results[shard].windows.append(record, key: "\(record.block)/\(record.epoch)")
            say("\(producer.name)'s block \(record.block) at \(record.stamp) is published")
            complaint = oracle.complaint(of: record, shard: shard)
        case .checkpoint(let record):
            let shard = producer.shard ?? 0
            offset = results[shard].checkpoints.append(record, key: "\(record.epoch)")
            say("\(producer.name)'s checkpoint at \(record.checkpoint.next) is published")
            complaint = oracle.complaint(of: record.checkpoint, shard: shard, sources: sources)
        }
        if let complaint { fail(complaint) }
        producer.appended(send, lane: lane, at: offset)
    }

    private func text(_ entry: Entry) -> String {
        switch entry {
        case .claim(let claim): return "the claim of \(claim.source) as \(claim.epoch)"
        case .update(let update):
            let from = update.from.map(\.description) ?? "nil"
            let part = update.parts > 1 ? ", part \(update.part) of \(update.parts)" : ""
            return "\(update.source) from \(from) to \(update.to) as \(update.epoch)\(part)"
        }
    }

    // MARK: The count group

    /// Whether the group has the partition in this owner's hands now.
    func isMember(_ owner: OwnerDriver) -> Bool {
        processes[owner.process].isMember && assigned[owner.partition] === owner
    }

    /// Takes a commit as a broker would: from whoever is a member in the group's generation, whatever he owns, and from
    /// anybody when the group has no members.
    func commit(_ point: SourcePoint, hint: OwnerHint?, by owner: OwnerDriver) -> Bool {
        let process = processes[owner.process]
        let isEmpty = !processes.contains(where: \.isMember)
        guard isEmpty || process.isMember && process.generation == generation else {
            if process.isMember { processes[owner.process].generation = generation }
            return false
        }
        if assigned[owner.partition] === owner, process.isMember {
            say("owner \(owner.number) commits p\(owner.partition) to \(point)")
            for shard in 0..<plan.shards {
                let through = oracle.state(of: sources[owner.partition].source, in: shard).through
                if through.map({ $0 < point }) ?? true {
                    fail("p\(owner.partition) is committed to \(point), and shard \(shard) has only \(through as Any)")
                }
            }
        } else {
            say("owner \(owner.number), who was followed, commits p\(owner.partition) to \(point)")
            statistics.zombieCommits += 1
        }
        committed[owner.partition] = (point, hint)
        return true
    }

    func rebalance(_ generator: inout SeededGenerator) {
        generation += 1
        statistics.rebalances += 1
        say("generation \(generation) of the count group")
        let members = processes.indices.filter { processes[$0].isMember }
        for partition in assigned.indices {
            if let owner = assigned[partition], processes[owner.process].isMember { continue }
            assigned[partition] = nil
            guard !members.isEmpty else { continue }
            let process = members[generator.below(members.count)]
            processes[process].generation = generation
            // One that is dead and not missed yet is given partitions too; nothing comes of it.
            guard processes[process].isAlive else { continue }
            numbers += 1
            let owner = OwnerDriver(
                number: numbers, process: process, partition: partition, generation: generation, world: self)
            assigned[partition] = owner
            owners.append(owner)
            producers.append(owner.producer)
        }
    }

    func released(_ owner: OwnerDriver) {
        if assigned[owner.partition] === owner { assigned[owner.partition] = nil }
    }

    /// The owner's thread is gone; what it sent may still arrive.
    func end(_ owner: OwnerDriver, _ generator: inout SeededGenerator) {
        owner.producer.die(&generator)
        owners.removeAll { $0 === owner }
    }

    func sweep() {
        owners.removeAll { owner in
            guard owner.phase == .released, owner.producer.isIdle else { return false }
            owner.producer.deliver = nil
            return true
        }
        producers.removeAll { $0.deliver == nil && $0.isIdle }
    }

    // MARK: The evaluate group

    func startEvaluator(shard: Int) {
        evaluatorGeneration += 1
        numbers += 1
        let evaluator = EvaluatorDriver(number: numbers, shard: shard, epoch: evaluatorGeneration, world: self)
        evaluatorOf[shard] = evaluator
        evaluators.append(evaluator)
        producers.append(evaluator.producer)
    }

    func end(_ evaluator: EvaluatorDriver, _ generator: inout SeededGenerator) {
        say("evaluator \(evaluator.number) of s\(evaluator.shard) is killed")
        evaluator.producer.die(&generator)
        evaluators.removeAll { $0 === evaluator }
    }
}

/// What happened, summed over seeds.
struct Statistics {
    var steps = 0
    var crashes = 0
    var rebalances = 0
    var zombieCommits = 0
    var zombieUpdates = 0
    var repeatedUpdates = 0
    var repeatedAlerts = 0
    var alerts = 0
    var lostAcknowledgements = 0
    var gaps = 0
    var compactions = 0
    var groupsDeleted = 0
    var records = 0

    mutating func add(_ other: Statistics) {
        steps += other.steps
        crashes += other.crashes
        rebalances += other.rebalances
        zombieCommits += other.zombieCommits
        zombieUpdates += other.zombieUpdates
        repeatedUpdates += other.repeatedUpdates
        repeatedAlerts += other.repeatedAlerts
        alerts += other.alerts
        lostAcknowledgements += other.lostAcknowledgements
        gaps += other.gaps
        compactions += other.compactions
        groupsDeleted += other.groupsDeleted
        records += other.records
    }
}
