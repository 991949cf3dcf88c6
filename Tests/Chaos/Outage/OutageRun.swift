/// Many seeds of ``OutageWorld``, for each sink, and the mistakes that have to be found.
final class OutageRun {
    private struct Sums {
        var opened = 0
        var closed = 0
        var repeats = 0
        var crashes = 0
        var pauses = 0
        var warnings = 0
        var attempts = 0
        var waitingMax = 0
        var shares: [Double] = []
    }

    private let seeds: Range<UInt64>
    private var sums = Sums()
    private var problems: [String] = []

    init(environment: [String: String]) throws {
        func number(_ name: String, _ standard: UInt64) throws -> UInt64 {
            guard let text = environment[name], !text.isEmpty else { return standard }
            guard let value = UInt64(text), value < 1 << 40 else {
                throw ChaosOptions.Problem(description: "\(name)=\(text): expected a number")
            }
            return value
        }
        let first = try number("CHAOS_SEED", 1)
        seeds = first..<first + (try number("CHAOS_OUTAGE_SEEDS", 25))
    }

    /// Whether every check holds; what does not is printed.
    func holds() throws -> Bool {
        for seed in seeds {
            for sink in PageSink.allCases { try run(sink, seed) }
        }
        checkWaits()
        for fault in PlantedFault.allCases { try find(fault) }
        for problem in problems.prefix(20) { print("outage: PROBLEM \(problem)") }
        print(
            "outage: \(seeds.count) seeds, \(PageSink.allCases.count) sinks, an hour of 500 each: \(sums.opened) incidents "
                + "opened and \(sums.closed) closed, once each; \(sums.repeats) requests repeated by \(sums.crashes) "
                + "crashes and \(sums.pauses) pauses; \(sums.attempts) attempts, \(sums.warnings) warnings, at most "
                + "\(sums.waitingMax) waited")
        if problems.isEmpty { return true }
        print(
            "outage: \(problems.count) problems; CHAOS_SEED=N CHAOS_OUTAGE_SEEDS=1 tidewatch-chaos --outage repeats a seed"
        )
        return false
    }

    private func run(_ sink: PageSink, _ seed: UInt64) throws {
        let world = try OutageWorld(sink, seed: seed)
        world.run()
        let (account, watches) = world.account()
        let found = Self.problems(of: world, account) + watches.flatMap(\.problems)
        problems += found.map { "seed \(seed), \($0)" }
        sums.opened += account.opened
        sums.closed += account.closed
        sums.repeats += account.repeats.count
        sums.crashes += world.crashes
        sums.pauses += world.pauses
        sums.warnings += watches.map(\.warnings).reduce(0, +)
        sums.attempts += watches.map(\.attempts).reduce(0, +)
        sums.waitingMax = max(sums.waitingMax, world.waitingMax)
        sums.shares += watches.flatMap(\.shares)
    }

    private static func problems(of world: OutageWorld, _ account: PageAccount) -> [String] {
        var found = world.feed.history.problems + account.problems + world.problems
        let allowed = world.crashes + world.pauses
        if account.repeats.count > allowed {
            found.append(
                "\(world.pageSink.rawValue): \(account.repeats.count) repeats by \(allowed) crashes and pauses")
        }
        return found
    }

    /// Waits are drawn between half of their ceiling and the whole, and something did wait.
    private func checkWaits() {
        guard seeds.count >= 10 else { return }
        let (least, most) = (sums.shares.min() ?? 0, sums.shares.max() ?? 0)
        if !(0.5..<0.6).contains(least) || !(0.9..<1.2).contains(most) {
            problems.append("waits of five minutes at most are \(least) to \(most) of it")
        }
        if sums.waitingMax < 5 || sums.repeats == 0 || sums.warnings < seeds.count * 50 {
            problems.append("the hour was not what it should be: nothing waited, was repeated or was said")
        }
    }

    /// A fault that no seed finds is a problem of the checks.
    private func find(_ fault: PlantedFault) throws {
        for seed in seeds {
            for sink in PageSink.allCases {
                let world = try OutageWorld(sink, seed: seed, planted: fault)
                world.run()
                if let first = Self.problems(of: world, world.account().account).first {
                    return print("outage: a sink \(fault.rawValue) is found by seed \(seed): \(first)")
                }
            }
        }
        problems.append("no seed finds a sink \(fault.rawValue)")
    }
}
