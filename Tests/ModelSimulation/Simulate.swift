#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `tidewatch-simulate [--seeds N] [--steps N] [--first SEED] [--planted NAME|all] [--only]`: both roles of the
/// accounting against a model of a broker, with whatever can go wrong between any two steps.
///
/// First the product's rules over all seeds: a difference ends the run with status 1, the seed and a short trace. Then
/// each mistake of `PlantedBug`, which must be found. `--only` leaves out what was not asked for.
@main
enum Simulate {
    static func main() {
        var options = Options(CommandLine.arguments.dropFirst())
        if options.planted == nil, !options.isOnly { options.planted = "all" }
        if !options.isOnly || options.planted == nil { prove(options) }
        guard let planted = options.planted else { return }
        for bug in PlantedBug.allCases where planted == "all" || planted == bug.rawValue { find(bug, options) }
    }

    private static let seedsMax = 400

    private struct Options {
        var seeds = 1000
        var steps = 10_000
        var first: UInt64 = 1
        var planted: String?
        var isOnly = false
        var isTraced = false

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
                default:
                    print("unknown argument \(argument)")
                    exit(64)
                }
            }
        }
    }

    private static func prove(_ options: Options) {
        var statistics = Statistics()
        for index in 0..<options.seeds {
            let seed = options.first &+ UInt64(index)
            let outcome = Simulation.run(seed: seed, steps: options.steps, bug: nil)
            statistics.add(outcome.statistics)
            if let failure = outcome.failure {
                print("seed \(seed): \(failure)")
                show(outcome, seed: seed, bug: nil)
                exit(1)
            }
        }
        print(
            """
            \(statistics.steps) steps over \(options.seeds) seeds from \(options.first), no difference: \
            \(statistics.records) records, \(statistics.crashes) crashes, \(statistics.rebalances) rebalances, \
            \(statistics.groupsDeleted) groups deleted, \(statistics.gaps) losses of topics or records, \
            \(statistics.lostAcknowledgements) acknowledgements lost, \(statistics.compactions) compactions; \
            \(statistics.zombieUpdates) updates of zombies and \(statistics.zombieCommits) commits of theirs, \
            \(statistics.repeatedUpdates) updates repeated where shards were joined again; \
            \(statistics.alerts) transitions of alerts, \(statistics.repeatedAlerts) repeated with the same identity; \
            \(seconds()) CPU seconds
            """)
    }

    /// A planted mistake has to be found in a few hundred seeds.
    private static func find(_ bug: PlantedBug, _ options: Options) {
        let first = options.first == 1 ? bug.firstSeed : options.first
        for index in 0..<seedsMax {
            let seed = first &+ UInt64(index)
            let outcome = Simulation.run(seed: seed, steps: 3000, bug: bug)
            guard let failure = outcome.failure else { continue }
            print("\(bug.rawValue): found in seed \(seed), number \(index + 1): \(failure)")
            if options.isTraced { show(outcome, seed: seed, bug: bug) }
            return
        }
        print("\(bug.rawValue): NOT FOUND in \(seedsMax) seeds")
        exit(1)
    }

    private static func show(_ outcome: Simulation.Outcome, seed: UInt64, bug: PlantedBug?) {
        let schedule = Simulation.shrink(outcome.schedule, seed: seed, bug: bug)
        let short = Simulation.run(seed: seed, schedule: schedule, bug: bug, isTraced: true)
        print("shortest schedule found: \(schedule.count) of \(outcome.schedule.count) steps")
        for line in short.trace { print("  \(line)") }
    }

    private static func seconds() -> String {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return "\((time.tv_sec * 10 + time.tv_nsec / 100_000_000) / 10)"
    }
}
