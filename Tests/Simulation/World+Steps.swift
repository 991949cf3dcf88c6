import Accounting
import Statistics

extension World {
    /// Does a step. False when there is nothing for it to do.
    func take(_ step: Step) -> Bool {
        var random = SeededGenerator(seed: step.dice)
        switch step.kind {
        case .produce:
            var clocks = SeededGenerator(seed: step.dice ^ Plan.clocks)
            return produce(ahead: isDatedAhead && clocks.chance(0.15) ? 280 + clocks.below(240) : nil, &random)
        case .count: return pick(alive, &random)?.advance(&random) ?? false
        case .flush: return pick(alive, &random)?.flush(&random) ?? false
        case .publish: return pick(alive, &random)?.publish() ?? false
        case .commit: return pick(alive, &random)?.commit() ?? false
        case .append: return append(&random)
        case .acknowledge: return acknowledge(&random, isLost: false)
        case .loseAcknowledgement: return acknowledge(&random, isLost: true)
        case .evaluate: return pick(evaluators, &random)?.advance() ?? false
        case .turn: return pick(evaluators, &random)?.turn() ?? false
        case .compact: return compact(&random)
        case .holdUp: return holdUp(&random)
        case .join: return joinOne(&random)
        case .crash: return crash(&random)
        case .declareDead: return declareDead(&random)
        case .notice: return notice(&random)
        case .rebalance: return rebalanceIfNeeded(&random)
        case .revoke: return revoke(&random)
        case .deleteGroup: return deleteGroup()
        case .replaceEvaluator: return replaceEvaluator(&random)
        case .crashEvaluator: return crashEvaluator(&random)
        case .handOver: return handOver(&random)
        case .expire: return expire(&random)
        case .recreate: return recreate(&random)
        case .release: return makeRelease(&random)
        case .alter: return alter(&random)
        case .deliver: return pager.deliver(feed, &random)
        case .answer: return pager.answer(&random)
        case .writeLog: return pager.writeLog()
        case .pass:
            pager.pass(seconds: random.below(120))
            return true
        case .crashPager:
            pager.crash(&random)
            return true
        case .rebalancePager:
            pager.rebalance(&random)
            return true
        case .writeLate: return pager.writeLate(&random)
        }
    }

    var feed: [CompactedPartition] { results[ResultTopic.alerts.rawValue] }
    private var alive: [Member] { members.filter(\.isAlive) }

    private func pick<Element>(_ elements: [Element], _ random: inout SeededGenerator) -> Element? {
        elements.isEmpty ? nil : elements[random.below(elements.count)]
    }

    // MARK: Records and acknowledgements

    private func produce(ahead: Int?, _ random: inout SeededGenerator) -> Bool {
        now += random.below(16)
        if random.chance(0.015) { isOutage.toggle() }
        let dice = random.below(plan.traffic.reduce(0, +))
        var sum = 0
        let partition = plan.traffic.firstIndex { traffic in
            sum += traffic
            return dice < sum
        }
        milliseconds += 1
        sources[partition ?? 0].produce(
            now: now, milliseconds: milliseconds, isOutage: isOutage, ahead: ahead, &random)
        statistics.records += 1
        say("p\(partition ?? 0)/\(sources[partition ?? 0].current.high - 1) is produced")
        return true
    }

    private func append(_ random: inout SeededGenerator) -> Bool {
        guard let producer = next(&random, where: { !$0.isIdle }) else { return false }
        let lanes = producer.queues.indices.filter { !producer.queues[$0].isEmpty }
        let lane = lanes[random.below(lanes.count)]
        if !producer.isPassedOver(lane) { append(producer, lane: lane) }
        return true
    }

    private func acknowledge(_ random: inout SeededGenerator, isLost: Bool) -> Bool {
        guard let producer = next(&random, where: { !$0.receipts.isEmpty }) else { return false }
        if isLost {
            // Its sender gives up waiting, and sends the same again.
            say("an acknowledgement to \(producer.name) is lost")
            statistics.lostAcknowledgements += 1
        }
        producer.settle(random.below(producer.receipts.count), isLost: isLost)
        return true
    }

    /// The first producer, from a random one on, for which `condition` holds.
    private func next(
        _ random: inout SeededGenerator, where condition: (SimulatedProducer) -> Bool
    ) -> SimulatedProducer? {
        if producers.isEmpty { return nil }
        let first = random.below(producers.count)
        for step in producers.indices {
            let producer = producers[(first + step) % producers.count]
            if condition(producer) { return producer }
        }
        return nil
    }

    /// What a member sends in a takeover takes long to arrive.
    private func holdUp(_ random: inout SeededGenerator) -> Bool {
        guard let emphasis = plan.emphasis, let member = pick(alive.filter({ !$0.takeovers.isEmpty }), &random) else {
            return false
        }
        let turns = 10 + random.below(50)
        for shard in emphasis.heldUpShards(random.below(Estate.shards.count)) {
            say("what member \(member.number) sends to s\(shard) is held up")
            member.producer.holdUp(shard, turns: turns)
        }
        return true
    }

    private func compact(_ random: inout SeededGenerator) -> Bool {
        statistics.compactions += 1
        say("topics are compacted")
        for topic in results.indices {
            for partition in results[topic].indices {
                var limit = random.below(results[topic][partition].end + 1)
                // A sink that was away for longer than the broker waits is not told of what began and ended meanwhile.
                if topic == ResultTopic.alerts.rawValue { limit = min(limit, pager.readThrough(partition)) }
                results[topic][partition].compact(before: limit)
            }
        }
        pager.compact(&random)
        return true
    }

    // MARK: Processes

    private func joinOne(_ random: inout SeededGenerator) -> Bool {
        guard members.filter({ $0.isAlive && $0.isMember }).count < 4 else { return false }
        join(&random)
        return true
    }

    private func crash(_ random: inout SeededGenerator) -> Bool {
        guard let member = pick(alive, &random) else { return false }
        say("member \(member.number) is killed")
        statistics.crashes += 1
        kill(member, &random)
        return true
    }

    private func declareDead(_ random: inout SeededGenerator) -> Bool {
        let present = members.filter(\.isMember)
        let dead = present.filter { !$0.isAlive }
        if random.chance(0.1) {
            for member in present { member.isMember = false }
            say("all members are declared dead")
        } else {
            guard let member = pick(dead.isEmpty ? present : dead, &random) else { return false }
            member.isMember = false
            say("member \(member.number) is declared dead\(member.isAlive ? ", and lives" : "")")
        }
        rebalance(&random)
        return true
    }

    /// A process learns that it was declared dead: it commits nothing more of what it had. Its threads stop, or go on unaware
    /// while it joins again.
    private func notice(_ random: inout SeededGenerator) -> Bool {
        guard let member = pick(alive.filter({ !$0.isMember }), &random) else { return false }
        say("member \(member.number) learns that it was declared dead")
        member.lose()
        if random.chance(0.6) { member.forgetAll() }
        member.isMember = true
        member.generation = generation + 1
        rebalance(&random)
        return true
    }

    private func rebalanceIfNeeded(_ random: inout SeededGenerator) -> Bool {
        let isNeeded = assigned.contains { $0.map { !$0.isMember } ?? true }
        guard isNeeded, members.contains(where: \.isMember) else { return false }
        rebalance(&random)
        return true
    }

    private func revoke(_ random: inout SeededGenerator) -> Bool {
        let partition = random.below(plan.partitions)
        return assigned[partition]?.release(partition) ?? false
    }

    private func deleteGroup() -> Bool {
        if generation == 0 { return false }
        if plan.emphasis == .deletedGroups {
            say("all members are declared dead")
            for member in members { member.isMember = false }
            for partition in assigned.indices { assigned[partition] = nil }
        }
        guard !members.contains(where: \.isMember) else { return false }
        say("the count group is deleted")
        statistics.groupsDeleted += 1
        generation = 0
        for partition in committed.indices { committed[partition] = nil }
        return true
    }

    // MARK: Evaluators

    private func replaceEvaluator(_ random: inout SeededGenerator) -> Bool {
        guard evaluators.count < 5 else { return false }
        statistics.rebalances += 1
        let shard = Int32(random.below(Estate.shards.count))
        startEvaluator(of: random.chance(0.3) ? Array(0..<Int32(Estate.shards.count)) : [shard])
        return true
    }

    private func crashEvaluator(_ random: inout SeededGenerator) -> Bool {
        guard let evaluator = pick(evaluators, &random) else { return false }
        statistics.crashes += 1
        let shards = evaluator.shards.filter { evaluatorOf[Int($0)] === evaluator }
        kill(evaluator, &random)
        if !shards.isEmpty { startEvaluator(of: shards) }
        return true
    }

    private func handOver(_ random: inout SeededGenerator) -> Bool {
        guard let evaluator = pick(evaluators, &random), let shard = pick(evaluator.shards, &random) else {
            return false
        }
        return evaluator.release(shard)
    }

    // MARK: Topics

    /// All shards have counted in the topic as it is now, and know its last record: what happens to it next can be told.
    private func isSettled(_ partition: Int) -> Bool {
        let source = sources[partition]
        return (0..<Estate.shards.count).allSatisfy { shard in
            let state = oracle.state(of: source.partition, in: shard)
            guard let through = state.through else { return false }
            return Int(through.incarnation) == source.life && through.offset >= 10 && state.progress.tail != nil
        }
    }

    private func expire(_ random: inout SeededGenerator) -> Bool {
        let partition = random.below(plan.partitions)
        guard isSettled(partition) else { return false }
        let source = sources[partition]
        let counted =
            (0..<Estate.shards.count)
            .compactMap { oracle.state(of: source.partition, in: $0).through?.offset }.min() ?? 0
        let isLoss = plan.hasLostTopics && random.chance(0.3)
        let limit = isLoss ? source.current.high : Int(counted)
        guard limit > source.current.low else { return false }
        let low = isLoss ? max(Int(counted) - 2, source.current.low + 1) : source.current.low + 1
        guard low <= limit, sources[partition].expire(to: low + random.below(limit - low + 1)) else { return false }
        if sources[partition].current.low > Int(counted) { statistics.gaps += 1 }
        say("retention takes p\(partition) before \(sources[partition].current.low)")
        return true
    }

    private func recreate(_ random: inout SeededGenerator) -> Bool {
        let partition = random.below(plan.partitions)
        guard plan.hasLostTopics, random.chance(0.5), isSettled(partition) else { return false }
        statistics.gaps += 1
        sources[partition].recreate()
        say("the topic of p\(partition) is deleted and made anew")
        return true
    }

    /// New resources, or a release that writes another form, or one that reads it.
    private func makeRelease(_ random: inout SeededGenerator) -> Bool {
        if random.chance(0.5) {
            guard plan.hasNextRelease, release == 0 else { return false }
            release = 1
            statistics.releases += 1
            say("members of the next release come")
            return true
        }
        guard plan.hasNewerForm else { return false }
        switch newerForm {
        case .none:
            newerForm = .expected
            say("the next entry is one of a newer form")
        case .written:
            upgrade()
        case .expected, .known: return false
        }
        return true
    }

    /// Members read the newer form from now on; those that stopped for it come back.
    func upgrade() {
        say("members read the newer form")
        newerForm = .known
        for shard in evaluatorOf.indices where evaluatorOf[shard] == nil { startEvaluator(of: [Int32(shard)]) }
    }

    /// Somebody gives a topic of state another number of partitions, and takes it back.
    private func alter(_ random: inout SeededGenerator) -> Bool {
        if isAltered {
            repair()
            return true
        }
        // Without a checkpoint nobody can tell that there were fewer.
        guard plan.hasAlteredTopics, random.chance(0.5), checkpointsForOwners().count == Estate.shards.count else {
            return false
        }
        let topic: ResultTopic = random.chance(0.7) ? .windows : .checkpoints
        say("the topic of \(topic) has another partition")
        reshape(topic)
        return true
    }
}
