import Foundation

// Exactness under fire: members of a consumer group are killed at random moments while a seeded estate is produced, and in
// the end every count must be that of the ledger.
//
//   tidewatch-chaos            15 kills against an embedded broker, and members that are declared dead and write late: see LateWriters
//   tidewatch-chaos --clocks   the same, on hosts whose clocks are off by 40 s or an hour, or step: see HostClocks
//   tidewatch-chaos --roll     kills while members go from release to release, one by one: see RollCourse
//   tidewatch-chaos --outage   an hour in which a sink answers 500, by an injected clock, for many seeds: see OutageWorld
//
// Variables: CHAOS_KILLS, CHAOS_SEED, CHAOS_START, CHAOS_RECORD_VERSION (all four are printed, so that a run can be
// repeated), TIDEWATCH_BOOTSTRAP=host:port for another cluster, TIDEWATCH_BINARY for another program than the one beside
// this one. Of a roll: TIDEWATCH_FORMER_BINARY (0.1.0), TIDEWATCH_NEXT_BINARY (of one record version more). Of an outage:
// CHAOS_OUTAGE_SEEDS.
// Exit status: 0 when every check holds, 1 when one does not, 2 when the run could not be made.

do {
    let environment = ProcessInfo.processInfo.environment
    let holds =
        switch Array(CommandLine.arguments.dropFirst()) {
        case []: try ChaosRun(ChaosOptions(environment: environment)).holds()
        case ["--clocks"]:
            try ChaosRun(ChaosOptions(environment: environment, hasWrongClocks: true)).holds()
        case ["--roll"]: try RollRun(ChaosOptions(environment: environment)).holds()
        case ["--outage"]: try OutageRun(environment: environment).holds()
        default: throw ChaosOptions.Problem(description: "usage: tidewatch-chaos [--clocks | --roll | --outage]")
        }
    exit(holds ? 0 : 1)
} catch {
    print("chaos: \(error)")
    exit(2)
}
