import Accounting

extension World {
    /// Does a step. False when there is nothing for it to do.
    func take(_ step: Step) -> Bool {
        var generator = SeededGenerator(seed: step.dice)
        switch step.kind {
        case .produce: return produce(&generator)
        case .count:
            guard let owner = pick(owners, &generator) else { return false }
            return owner.advance(&generator)
        case .seal: return pick(owners, &generator)?.seal(&generator) ?? false
        case .sayIdle: return pick(owners, &generator)?.sayIdle(&generator) ?? false
        case .commit: return pick(owners, &generator)?.commit() ?? false
        case .letGo: return pick(owners.filter(\.isDraining), &generator)?.letGo(&generator) ?? false
        case .append: return append(&generator)
        case .acknowledge: return acknowledge(&generator, isLost: false)
        case .loseAcknowledgement: return acknowledge(&generator, isLost: true)
        case .evaluate: return pick(evaluators, &generator)?.advance() ?? false
        case .publish: return pick(evaluators, &generator)?.publish(onlyClosed: false) ?? false
        case .publishClosed: return pick(evaluators, &generator)?.publish(onlyClosed: true) ?? false
        case .compact: return compact(&generator)
        case .join: return join(&generator)
        case .crash: return crash(&generator)
        case .declareDead: return declareDead(&generator)
        case .notice: return notice(&generator)
        case .rebalance: return rebalanceIfNeeded(&generator)
        case .revoke: return revoke(&generator)
        case .deleteGroup: return deleteGroup()
        case .replaceEvaluator: return replaceEvaluator(&generator)
        case .crashEvaluator: return crashEvaluator(&generator)
        case .expire: return expire(&generator)
        case .recreate: return recreate(&generator)
        }
    }

    private func pick<Element>(_ elements: [Element], _ generator: inout SeededGenerator) -> Element? {
        elements.isEmpty ? nil : elements[generator.below(elements.count)]
    }

    // MARK: Records and acknowledgements

    private func produce(_ generator: inout SeededGenerator) -> Bool {
        now += generator.below(16)
        let dice = generator.below(plan.traffic.reduce(0, +))
        var sum = 0
        let partition = plan.traffic.firstIndex { traffic in
            sum += traffic
            return dice < sum
        }
        milliseconds += 1
        sources[partition ?? 0].produce(now: now, milliseconds: milliseconds, &generator)
        statistics.records += 1
        say("p\(partition ?? 0)/\(sources[partition ?? 0].current.high - 1) is produced")
        return true
    }

    private func append(_ generator: inout SeededGenerator) -> Bool {
        guard let producer = next(&generator, where: { !$0.isIdle }) else { return false }
        let lanes = producer.queues.indices.filter { !producer.queues[$0].isEmpty }
        append(producer, lane: lanes[generator.below(lanes.count)])
        return true
    }

    private func acknowledge(_ generator: inout SeededGenerator, isLost: Bool) -> Bool {
        guard let producer = next(&generator, where: { !$0.receipts.isEmpty }) else { return false }
        let receipt = producer.takeReceipt(generator.below(producer.receipts.count))
        if isLost {
            // Its sender gives up waiting, and sends the same again.
            say("an acknowledgement to \(producer.name) is lost")
            statistics.lostAcknowledgements += 1
            producer.send(receipt.send.payload, lane: receipt.lane, tag: receipt.send.tag)
        } else {
            say("\(producer.name) has the acknowledgement of lane \(receipt.lane), offset \(receipt.offset)")
            producer.deliver?(receipt)
        }
        return true
    }

    /// The first producer, from a random one on, for which `condition` holds.
    private func next(
        _ generator: inout SeededGenerator, where condition: (ModelProducer) -> Bool
    ) -> ModelProducer? {
        if producers.isEmpty { return nil }
        let first = generator.below(producers.count)
        for step in producers.indices {
            let producer = producers[(first + step) % producers.count]
            if condition(producer) { return producer }
        }
        return nil
    }

    private func compact(_ generator: inout SeededGenerator) -> Bool {
        let shard = generator.below(plan.shards)
        statistics.compactions += 1
        say("the results of s\(shard) are compacted")
        results[shard].alerts.compact(before: generator.below(results[shard].alerts.end + 1))
        results[shard].monitors.compact(before: generator.below(results[shard].monitors.end + 1))
        results[shard].windows.compact(before: generator.below(results[shard].windows.end + 1))
        results[shard].checkpoints.compact(before: generator.below(results[shard].checkpoints.end + 1))
        return true
    }

    // MARK: Processes

    private func join(_ generator: inout SeededGenerator) -> Bool {
        guard processes.filter({ $0.isAlive && $0.isMember }).count < 4 else { return false }
        processes.append(Process(generation: generation + 1))
        say("process \(processes.count - 1) joins")
        rebalance(&generator)
        return true
    }

    private func crash(_ generator: inout SeededGenerator) -> Bool {
        guard let process = pick(processes.indices.filter { processes[$0].isAlive }, &generator) else { return false }
        say("process \(process) is killed")
        statistics.crashes += 1
        processes[process].isAlive = false
        for owner in owners where owner.process == process { end(owner, &generator) }
        return true
    }

    private func declareDead(_ generator: inout SeededGenerator) -> Bool {
        let members = processes.indices.filter { processes[$0].isMember }
        let dead = members.filter { !processes[$0].isAlive }
        if generator.chance(10) {
            for process in members { processes[process].isMember = false }
            say("all processes are declared dead")
        } else {
            guard let process = pick(dead.isEmpty ? members : dead, &generator) else { return false }
            processes[process].isMember = false
            say("process \(process) is declared dead\(processes[process].isAlive ? ", and lives" : "")")
        }
        rebalance(&generator)
        return true
    }

    /// A process learns that it was declared dead. Its threads stop, or go on unaware while it joins again.
    private func notice(_ generator: inout SeededGenerator) -> Bool {
        let unaware = processes.indices.filter { processes[$0].isAlive && !processes[$0].isMember }
        guard let process = pick(unaware, &generator) else { return false }
        say("process \(process) learns that it was declared dead")
        if generator.chance(60) {
            for owner in owners where owner.process == process { end(owner, &generator) }
        }
        processes[process].isMember = true
        processes[process].generation = generation + 1
        rebalance(&generator)
        return true
    }

    private func rebalanceIfNeeded(_ generator: inout SeededGenerator) -> Bool {
        let isNeeded = assigned.contains { owner in owner.map { !processes[$0.process].isMember } ?? true }
        guard isNeeded, processes.contains(where: \.isMember) else { return false }
        rebalance(&generator)
        return true
    }

    private func revoke(_ generator: inout SeededGenerator) -> Bool {
        guard let owner = pick(assigned.compactMap { $0 }, &generator), !owner.isDraining else { return false }
        say("p\(owner.partition) is taken from owner \(owner.number)")
        owner.isDraining = true
        return true
    }

    private func deleteGroup() -> Bool {
        guard !processes.contains(where: \.isMember), generation > 0 else { return false }
        say("the count group is deleted")
        statistics.groupsDeleted += 1
        generation = 0
        for partition in committed.indices { committed[partition] = nil }
        return true
    }

    // MARK: Evaluators

    private func replaceEvaluator(_ generator: inout SeededGenerator) -> Bool {
        let shard = generator.below(plan.shards)
        guard evaluators.filter({ $0.shard == shard }).count < 3 else { return false }
        statistics.rebalances += 1
        startEvaluator(shard: shard)
        return true
    }

    private func crashEvaluator(_ generator: inout SeededGenerator) -> Bool {
        guard let evaluator = pick(evaluators, &generator) else { return false }
        statistics.crashes += 1
        end(evaluator, &generator)
        if evaluatorOf[evaluator.shard] === evaluator { startEvaluator(shard: evaluator.shard) }
        return true
    }

    // MARK: Topics

    /// All shards have counted in the topic as it is now, and know its last record: what happens to it next can be told.
    private func isSettled(_ partition: Int) -> Bool {
        let model = sources[partition]
        return (0..<plan.shards).allSatisfy { shard in
            let state = oracle.state(of: model.source, in: shard)
            guard let through = state.through else { return false }
            return Int(through.incarnation) == model.life && through.offset >= 10 && state.progress.tail != nil
        }
    }

    private func expire(_ generator: inout SeededGenerator) -> Bool {
        let partition = generator.below(plan.partitions)
        guard isSettled(partition) else { return false }
        let model = sources[partition]
        let counted = (0..<plan.shards).compactMap { oracle.state(of: model.source, in: $0).through?.offset }.min() ?? 0
        let isLoss = plan.hasLostTopics && generator.chance(30)
        let limit = isLoss ? model.current.high : Int(counted)
        guard limit > model.current.low else { return false }
        let low = isLoss ? max(Int(counted) - 2, model.current.low + 1) : model.current.low + 1
        guard low <= limit, sources[partition].expire(to: low + generator.below(limit - low + 1)) else { return false }
        if sources[partition].current.low > Int(counted) { statistics.gaps += 1 }
        say("retention takes p\(partition) before \(sources[partition].current.low)")
        return true
    }

    private func recreate(_ generator: inout SeededGenerator) -> Bool {
        let partition = generator.below(plan.partitions)
        guard plan.hasLostTopics, generator.chance(50), isSettled(partition) else { return false }
        statistics.gaps += 1
        sources[partition].recreate()
        say("the topic of p\(partition) is deleted and made anew")
        return true
    }
}
