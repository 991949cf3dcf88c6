import Statistics
import Testing

/// The model of judgement against its definition: `docs/judgement.md` says what both mean.
@Suite struct JudgementModelTests {
    /// What a run of the model left behind, and what is wrong with it.
    fileprivate struct Run {
        var judgements: [JudgementPlace: JudgedCounts] = [:]
        var transitions: [[JudgedTransition]]
        var missed = 0
        var merged = 0
        /// The most that was kept apart at once.
        var laterMax = 0
        var complaint: String?
    }

    private static let seeds: Range<UInt64> = 1..<120

    /// The log of a shard: each partition's updates in their order, cut and interleaved by chance.
    private func log(
        _ history: JudgedHistory, _ mistake: JudgementModel.Mistake?, _ random: inout SeededGenerator
    ) -> [JudgementModel.Update] {
        let flush = random.pick([0.02, 0.2, 1])
        var queues = history.partitions.indices.map { number in
            let cuts = history.partitions[number].items.indices.filter { $0 > 0 && random.chance(flush) }
            return JudgementModel.updates(of: number, history, cuts: Set(cuts), mistake)[...]
        }
        // Now and then one partition is far ahead of the others, which live happens where an owner is slow.
        let haste = queues.map { _ in random.pick([1, 1, 30]) }
        var log: [JudgementModel.Update] = []
        while !queues.allSatisfy(\.isEmpty) {
            let place = random.below(queues.count)
            for _ in 0..<haste[place] { if let update = queues[place].popFirst() { log.append(update) } }
        }
        return log
    }

    /// Reads a log to its end. A round of publishing ends behind any of its steps: transitions, states, windows, checkpoint.
    private func run(
        _ log: [JudgementModel.Update], of history: JudgedHistory, _ mistake: JudgementModel.Mistake?,
        kills: Double, _ random: inout SeededGenerator
    ) -> Run {
        var run = Run(transitions: history.objectives.map { _ in [] })
        var model = JudgementModel(history, mistake)
        var published = model
        var (states, windows, checkpoint) = (published.states, published.windows, published.checkpoint)
        while model.checkpoint.next < log.count {
            model.read(log[model.checkpoint.next])
            run.take(model.takeResults())
            run.laterMax = max(run.laterMax, model.laterCount)
            guard random.chance(0.2) else { continue }
            let isKilled = random.chance(kills)
            let steps = isKilled ? random.below(4) : 4
            published = model
            if steps > 0 { states = published.states }
            if steps > 1 { windows = published.windows }
            if steps > 2 { checkpoint = published.checkpoint }
            guard isKilled else { continue }
            run.missed += model.missed
            model = JudgementModel(history, mistake, states: states, windows: windows, checkpoint: checkpoint)
        }
        run.missed += model.missed
        run.merged = model.merged
        return run
    }

    /// What is wrong with the model's judgements of a history, however it comes in and wherever it is restored.
    private func complaint(
        seed: UInt64, isBehindIdleMarks: Bool, laterMax: Int = .max, _ mistake: JudgementModel.Mistake?,
        missed: inout Int
    ) -> String? {
        var history = JudgedHistory(seed: seed, isBehindIdleMarks: isBehindIdleMarks)
        history.laterMax = laterMax
        let reference = JudgementReference(history)
        var random = SeededGenerator(seed: seed &+ 1_000_000)
        for round in 0..<4 {
            let log = log(history, mistake, &random)
            let undisturbed = run(log, of: history, mistake, kills: 0, &random)
            let killed = run(log, of: history, mistake, kills: 0.5, &random)
            for run in [undisturbed, killed] {
                if let complaint = run.complaint { return "round \(round): \(complaint)" }
            }
            if killed.judgements != undisturbed.judgements || killed.transitions != undisturbed.transitions {
                return "round \(round): kills change what is judged"
            }
            missed += undisturbed.missed
            if undisturbed.missed + undisturbed.merged > 0 { continue }
            if undisturbed.judgements != reference.judgements { return "round \(round): other judgements" }
            if undisturbed.transitions != reference.transitions { return "round \(round): other transitions" }
        }
        return missed > 0 && !isBehindIdleMarks ? "something is missed, and nothing came behind an idle mark" : nil
    }

    @Test(arguments: [false, true])
    func judgementsFollowFromEachPartitionsOwnOrder(isBehindIdleMarks: Bool) {
        var (missed, opened, resolved) = (0, 0, 0)
        for seed in Self.seeds {
            let found = complaint(seed: seed, isBehindIdleMarks: isBehindIdleMarks, nil, missed: &missed)
            #expect(found == nil, "seed \(seed)")
            for transition in JudgementReference(
                JudgedHistory(seed: seed, isBehindIdleMarks: isBehindIdleMarks)
            ).transitions.joined() {
                if transition.isOpen { opened += 1 } else { resolved += 1 }
            }
        }
        // The histories have what the rules are for.
        #expect(opened > 100 && resolved > 100)
        #expect((missed > 100) == isBehindIdleMarks)
    }

    /// At the bound counts may depend on how partitions interleave, and never on kills.
    @Test func aBoundOfWhatIsKeptApartHoldsAcrossRestarts() {
        var merged = 0
        for seed in Self.seeds {
            var missed = 0
            let found = complaint(seed: seed, isBehindIdleMarks: false, laterMax: 1, nil, missed: &missed)
            #expect(found == nil, "seed \(seed)")
            var history = JudgedHistory(seed: seed, isBehindIdleMarks: false)
            history.laterMax = 1
            var random = SeededGenerator(seed: seed)
            let log = log(history, nil, &random)
            merged += run(log, of: history, nil, kills: 0, &random).merged
        }
        #expect(merged > 100)
    }

    /// With one partition nobody is behind, so that nothing is kept apart.
    @Test func whatArrivedLaterIsKeptApartOnlyWhileAnotherPartitionIsBehind() {
        var (alone, together) = (0, 0)
        for seed in Self.seeds {
            let history = JudgedHistory(seed: seed, isBehindIdleMarks: false)
            var random = SeededGenerator(seed: seed)
            let log = log(history, nil, &random)
            together = max(together, run(log, of: history, nil, kills: 0, &random).laterMax)
            let single = JudgedHistory(of: history.partitions[0])
            let updates = JudgementModel.updates(of: 0, single, cuts: [], nil)
            alone = max(alone, run(updates, of: single, nil, kills: 0, &random).laterMax)
        }
        #expect(alone == 0 && together > 20)
    }

    @Test(arguments: JudgementModel.Mistake.allCases)
    func aPlantedMistakeIsFound(_ mistake: JudgementModel.Mistake) {
        let isFound = Self.seeds.contains { seed in
            var missed = 0
            return complaint(
                seed: seed, isBehindIdleMarks: mistake == .idleMarkIsAnArrival,
                laterMax: mistake == .joinsByWhatWasJudged ? 1 : .max, mistake, missed: &missed) != nil
        }
        #expect(isFound)
    }
}

extension JudgementModelTests.Run {
    /// A judgement and a transition may be made again, and say the same then; and an alert's transitions are in the order of event time.
    fileprivate mutating func take(_ results: JudgementModel.Results) {
        for (place, counts) in results.judgements {
            if let before = judgements.updateValue(counts, forKey: place), before != counts {
                complaint = complaint ?? "\(place) is judged again with \(counts), and not \(before)"
            }
        }
        for (objective, number, transition) in results.transitions {
            let known = transitions[objective]
            if number < known.count, known[number] == transition { continue }
            if number != known.count { complaint = complaint ?? "transition \(number) of \(objective) is another" }
            if let last = known.last, last.date > transition.date {
                complaint = complaint ?? "\(transition) comes behind \(last)"
            }
            transitions[objective].append(transition)
        }
    }
}
