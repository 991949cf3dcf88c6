import Statistics

/// One seed: a schedule, drawn or given, and what came of it.
enum Simulation {
    struct Outcome {
        let failure: String?
        /// The steps that did something, up to the failure.
        let schedule: [Step]
        let statistics: RunStatistics
        let trace: [String]
    }

    /// Draws `count` steps that do something, and ends the seed.
    static func run(seed: UInt64, steps count: Int, bug: PlantedBug?) -> Outcome {
        let world = World(plan: Plan(seed: seed), bug: bug)
        var generator = SeededGenerator(seed: seed)
        var schedule: [Step] = []
        schedule.reserveCapacity(count)
        world.startEvaluator(of: [0])
        world.startEvaluator(of: [1])
        while schedule.count < count, world.failure == nil {
            let step = Step.draw(&generator, from: world.plan.deck)
            if world.take(step) { schedule.append(step) }
            if schedule.count & 63 == 0 { world.sweep() }
        }
        if world.failure == nil { world.drain() }
        return outcome(world, schedule)
    }

    /// Runs a given schedule.
    static func run(seed: UInt64, schedule: [Step], bug: PlantedBug?, isTraced: Bool = false) -> Outcome {
        let world = World(plan: Plan(seed: seed), bug: bug, isTraced: isTraced)
        world.startEvaluator(of: [0])
        world.startEvaluator(of: [1])
        var taken: [Step] = []
        for step in schedule where world.failure == nil {
            if world.take(step) { taken.append(step) }
            // As when it was drawn, because who is swept is no longer picked.
            if taken.count & 63 == 0 { world.sweep() }
        }
        if world.failure == nil { world.drain() }
        return outcome(world, taken)
    }

    private static func outcome(_ world: World, _ schedule: [Step]) -> Outcome {
        world.statistics.steps = schedule.count
        return Outcome(
            failure: world.failure, schedule: schedule, statistics: world.statistics, trace: world.trace ?? [])
    }

    /// Of what kind a failure is: what is said of it without the numbers of shards, offsets and members.
    private static func kind(of failure: String) -> String { failure.filter { !$0.isNumber } }

    /// The shortest schedule that it finds, of those that come of this one by leaving steps out, that still fails in the same
    /// way: another mistake may be nearer, and would be shown in place of the one that was found.
    static func shrink(_ failed: Outcome, seed: UInt64, bug: PlantedBug?) -> [Step] {
        var best = failed.schedule
        let kind = failed.failure.map(kind(of:))
        func fails(_ candidate: [Step]) -> Bool {
            let outcome = run(seed: seed, schedule: candidate, bug: bug)
            guard outcome.failure.map(Self.kind(of:)) == kind, outcome.schedule.count < best.count else { return false }
            best = outcome.schedule
            return true
        }
        // Short failures come from short schedules: first the beginning that is long enough.
        var length = 16
        while length < best.count {
            if fails(Array(best.prefix(length))) { break }
            length *= 2
        }
        var chunk = max(1, best.count / 2)
        var runs = 0
        while runs < 6000 {
            var start = 0
            var hasShrunk = false
            while start < best.count, runs < 6000 {
                runs += 1
                let candidate = Array(best[..<start] + best[min(start + chunk, best.count)...])
                if fails(candidate) { hasShrunk = true } else { start += chunk }
            }
            if chunk == 1, !hasShrunk { break }
            chunk = hasShrunk ? chunk : chunk / 2
            if chunk == 0 { break }
        }
        return best
    }
}
