#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `tidewatch-simulate [--seeds N] [--steps N] [--first SEED] [--planted NAME|all] [--only] [--search]`: the drivers of
/// counting, evaluation and delivery against a model of a broker, with whatever can go wrong between any two steps.
///
/// First the product's rules over all seeds: a difference ends the run with status 1, the seed and a short trace. Then
/// each mistake of `PlantedBug`, which must be found at once from the seed that is recorded for it. `--search` looks for such
/// seeds, from the first on; `--only` leaves out what was not asked for.
@main
enum Simulate {
    static func main() {
        var options = Options(CommandLine.arguments.dropFirst())
        if options.planted == nil, !options.isOnly { options.planted = "all" }
        if !options.isOnly || options.planted == nil { prove(options) }
        guard let planted = options.planted else { return }
        let bugs = PlantedBug.allCases.filter { planted == "all" || planted == $0.rawValue }
        let notFound = bugs.filter { !(options.isSearch ? search(for: $0, options) : find($0, options)) }
        if !notFound.isEmpty { exit(1) }
    }

    private static let seedsMax = 10_000
    /// Of a run with a mistake.
    private static let steps = 3000

    private struct Options {
        var seeds: Int?
        var steps = 10_000
        var first: UInt64 = 1
        var planted: String?
        var isOnly = false
        var isTraced = false
        var isSearch = false

        init(_ arguments: ArraySlice<String>) {
            var rest = arguments
            while let argument = rest.popFirst() {
                switch argument {
                case "--seeds": seeds = rest.popFirst().flatMap { Int($0) } ?? seeds
                case "--steps": steps = rest.popFirst().flatMap { Int($0) } ?? steps
                case "--first": first = rest.popFirst().flatMap { UInt64($0) } ?? first
                case "--planted": planted = rest.popFirst()
                case "--only": isOnly = true
                case "--trace": isTraced = true
                case "--search": isSearch = true
                default:
                    print("unknown argument \(argument)")
                    exit(64)
                }
            }
        }
    }

    private static func prove(_ options: Options) {
        var statistics = RunStatistics()
        let seeds = options.seeds ?? 1000
        for index in 0..<seeds {
            let seed = options.first &+ UInt64(index)
            let outcome = Simulation.run(seed: seed, steps: options.steps, bug: nil)
            statistics.add(outcome.statistics)
            if let failure = outcome.failure {
                print("seed \(seed): \(failure)")
                fflush(nil)
                show(outcome, seed: seed, bug: nil, isWhole: options.isTraced)
                exit(1)
            }
        }
        print(
            """
            \(statistics.steps) steps over \(seeds) seeds from \(options.first), no difference: \
            \(statistics.records) records, \(statistics.crashes) crashes, \(statistics.rebalances) rebalances, \
            \(statistics.groupsDeleted) groups deleted, \(statistics.gaps) losses of topics or records, \
            \(statistics.lostAcknowledgements) acknowledgements lost, \(statistics.compactions) compactions, \
            \(statistics.refused) records from the future, \(statistics.releases) changed definitions, \(statistics.stops) stops at newer entries and altered topics; \
            \(statistics.zombieUpdates) updates of zombies and \(statistics.zombieCommits) commits of theirs, \
            \(statistics.unfitHints) hints that did not fit, \
            \(statistics.repeatedUpdates) updates repeated where shards were joined again; \
            \(statistics.alerts) transitions of alerts, \(statistics.repeatedAlerts) repeated with the same identity, \
            \(statistics.pages) pages; \
            \(statistics.replays) runs held against a replay; \
            \(seconds()) CPU seconds
            """)
    }

    /// A planted mistake has to be found from its seed.
    private static func find(_ bug: PlantedBug, _ options: Options) -> Bool {
        let seed = bug.seed
        let outcome = Simulation.run(seed: seed, steps: steps, bug: bug)
        print("\(bug.rawValue): \(outcome.failure.map { "found: \($0.prefix(200))" } ?? "NOT FOUND") (seed \(seed))")
        if options.isTraced, outcome.failure != nil { show(outcome, seed: seed, bug: bug) }
        return outcome.failure != nil
    }

    private static func search(for bug: PlantedBug, _ options: Options) -> Bool {
        for index in 0..<(options.seeds ?? seedsMax) {
            let seed = options.first &+ UInt64(index)
            let outcome = Simulation.run(seed: seed, steps: steps, bug: bug)
            guard let failure = outcome.failure else { continue }
            print("\(bug.rawValue): found in seed \(seed): \(failure.prefix(200))")
            if options.isTraced { show(outcome, seed: seed, bug: bug) }
            return true
        }
        print("\(bug.rawValue): NOT FOUND in \(options.seeds ?? seedsMax) seeds")
        return false
    }

    private static func show(_ outcome: Simulation.Outcome, seed: UInt64, bug: PlantedBug?, isWhole: Bool = false) {
        let schedule = isWhole ? outcome.schedule : Simulation.shrink(outcome, seed: seed, bug: bug)
        let short = Simulation.run(seed: seed, schedule: schedule, bug: bug, isTraced: true)
        print("schedule: \(schedule.count) of \(outcome.schedule.count) steps")
        for line in short.trace { print("  \(line)") }
        fflush(nil)
    }

    private static func seconds() -> String {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return "\((time.tv_sec * 10 + time.tv_nsec / 100_000_000) / 10)"
    }
}
