import Accounting

extension World {
    /// Ends the disturbances: all processes die, a last set of members takes over and works until nothing is left to do.
    /// What the dead had sent goes on arriving meanwhile.
    func drain() {
        var generator = SeededGenerator(seed: plan.seed ^ 0xD8A1)
        say("the last members take over")
        for process in processes.indices {
            processes[process].isAlive = false
            processes[process].isMember = false
        }
        for owner in owners { end(owner, &generator) }
        for evaluator in evaluators { end(evaluator, &generator) }
        for _ in 0..<2 { processes.append(Process(generation: generation + 1)) }
        rebalance(&generator)
        for shard in 0..<plan.shards { startEvaluator(shard: shard) }
        work(&generator)
        // Time goes on, so that all windows close.
        now += 3600
        for owner in owners { _ = owner.sayIdle(&generator) }
        work(&generator)
        if failure == nil, let complaint = finalComplaint() { fail(complaint) }
        statistics.zombieUpdates = oracle.superseded
        statistics.repeatedUpdates = oracle.repeated
        statistics.repeatedAlerts = oracle.repeatedAlerts
    }

    private func work(_ generator: inout SeededGenerator) {
        for _ in 0..<5000 where failure == nil {
            sweep()
            let isAssigned = assigned.allSatisfy { $0.map { $0.phase != .released } ?? false }
            if !isAssigned { rebalance(&generator) }
            for owner in owners {
                for _ in 0..<16 where !owner.advance(&generator) { break }
                _ = owner.seal(&generator)
                _ = owner.commit()
            }
            for evaluator in evaluators {
                for _ in 0..<16 where !evaluator.advance() { break }
                _ = evaluator.publish(onlyClosed: false)
            }
            for producer in producers {
                for lane in producer.queues.indices where !producer.queues[lane].isEmpty && generator.chance(70) {
                    append(producer, lane: lane)
                }
                while !producer.receipts.isEmpty, generator.chance(80) {
                    producer.deliver?(producer.takeReceipt(generator.below(producer.receipts.count)))
                }
            }
            if owners.allSatisfy(\.isQuiet), evaluators.allSatisfy(\.isQuiet), producers.allSatisfy(\.isIdle),
                producers.allSatisfy(\.receipts.isEmpty)
            {
                return
            }
        }
        if failure == nil { fail("the last members do not come to rest") }
    }

    /// What is wrong with what is published in the end.
    private func finalComplaint() -> String? {
        for shard in 0..<plan.shards {
            var blocks: [Int: WindowRecord] = [:]
            for record in results[shard].windows.records.map(\.value)
            where blocks[record.block].map({ ($0.stamp, $0.epoch) < (record.stamp, record.epoch) }) ?? true {
                blocks[record.block] = record
            }
            var published: [Int: Int] = [:]
            for block in blocks.values {
                for cell in 0..<Block.cells where block.counts[cell] != 0 {
                    published[block.block * Block.cells + cell] = Int(block.counts[cell])
                }
            }
            var truth: [Int: Int] = [:]
            var isWhole = true
            for model in sources {
                let state = oracle.state(of: model.source, in: shard)
                let end = SourcePoint(incarnation: Int32(model.life), offset: Int64(model.current.high))
                if state.through != end {
                    return "shard \(shard): \(model.source) is counted to \(state.through as Any)"
                }
                for other in 0..<plan.shards
                where oracle.gaps(of: model.source, in: other).contains(where: { $0.cause == .expired }) {
                    isWhole = false
                }
                for cell in model.truth(shard: shard, gaps: oracle.gaps(of: model.source, in: shard)) {
                    truth[cell.cell, default: 0] += Int(cell.count)
                }
            }
            let isEqual =
                isWhole ? published == truth : published.values.reduce(0, +) == truth.values.reduce(0, +)
            if !isEqual { return "shard \(shard): the blocks published say \(published), the records \(truth)" }
            if let complaint = complaintOfAlerts(shard) { return complaint }
        }
        return nil
    }

    private func complaintOfAlerts(_ shard: Int) -> String? {
        let undisturbed = oracle.shards[shard]
        for index in undisturbed.alerts.indices {
            statistics.alerts += undisturbed.alerts[index].count
            if undisturbed.fed[index] != undisturbed.alerts[index].count {
                return "shard \(shard): the feed ends at transition \(undisturbed.fed[index])"
            }
            let newest = results[shard].monitors.records.map(\.value).filter { $0.index == index }
                .max { ($0.stamp, $0.epoch) < ($1.stamp, $1.epoch) }
            let state = undisturbed.evaluator.content.monitors[index]
            if newest.map({ $0.state != state }) ?? (state.nextWindow > 0) {
                return "shard \(shard): monitor \(index) ends as \(newest?.state as Any), undisturbed as \(state)"
            }
        }
        return nil
    }
}

extension SourceModel {
    /// What one shard must hold of this partition in the end: each identity once unless the window had let go of it,
    /// without the records that `gaps` name.
    func truth(shard: Int, gaps: [SourceGap]) -> [Amounts.Cell] {
        var cells: [Amounts.Cell] = []
        for (number, life) in lives.enumerated() {
            var end = number == self.life ? life.high : 0
            for gap in gaps where gap.cause == .recreated {
                if let from = gap.from, Int(from.incarnation) == number { end = max(end, Int(from.offset)) }
            }
            let lost = gaps.compactMap { gap -> Range<Int>? in
                guard let from = gap.from, Int(from.incarnation) == number, gap.to.incarnation == from.incarnation
                else {
                    return nil
                }
                return Int(from.offset)..<Int(gap.to.offset)
            }
            var lastSeen: [Int: Int] = [:]
            var watermark = Int.min
            for offset in 0..<end {
                guard let record = life.records[offset] else { continue }
                let isRepeated = lastSeen[record.identity].map { offset - $0 <= SourceLife.identityWindow } ?? false
                lastSeen[record.identity] = offset
                let isLate = watermark != Int.min && watermark - record.eventSeconds > SliceTime.horizonSeconds
                if !isRepeated, !lost.contains(where: { $0.contains(offset) }) {
                    let slice = (isLate ? watermark : record.eventSeconds) / SliceTime.sliceSeconds
                    let cell = SliceTime.cell(slice: slice, isLate: isLate)
                    cells.append(Amounts.Cell(cell: cell, count: record.weight(shard: shard)))
                }
                watermark = max(watermark, record.eventSeconds)
            }
        }
        return cells
    }
}
