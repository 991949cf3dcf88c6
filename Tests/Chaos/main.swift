import Foundation

// Exactness under fire: members of a consumer group are killed at random moments while a seeded estate is produced, and in
// the end every count must be that of the ledger.
//
//   tidewatch-chaos            15 kills against an embedded broker
//   tidewatch-chaos --roll     kills while members go from release to release, one by one: see RollCourse
//
// Variables: CHAOS_KILLS, CHAOS_SEED, CHAOS_START (all three are printed, so that a run can be repeated),
// TIDEWATCH_BOOTSTRAP=host:port for another cluster, TIDEWATCH_BINARY for another program than the one beside this one.
// Of a roll: TIDEWATCH_FORMER_BINARY (0.1.0), TIDEWATCH_NEXT_BINARY (of one record version more).
// Exit status: 0 when every check holds, 1 when one does not, 2 when the run could not be made.

do {
    let options = try ChaosOptions(environment: ProcessInfo.processInfo.environment)
    let isRoll = CommandLine.arguments.dropFirst() == ["--roll"]
    if !isRoll, CommandLine.arguments.count > 1 {
        throw ChaosOptions.Problem(description: "usage: tidewatch-chaos [--roll]")
    }
    let holds = try isRoll ? RollRun(options).holds() : ChaosRun(options).holds()
    exit(holds ? 0 : 1)
} catch {
    print("chaos: \(error)")
    exit(2)
}
