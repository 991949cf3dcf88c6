import Foundation

// Exactness under fire: members of a consumer group are killed at random moments while a seeded estate is produced, and in
// the end every count must be that of the ledger.
//
//   tidewatch-chaos            15 kills against an embedded broker
//
// Variables: CHAOS_KILLS, CHAOS_SEED, CHAOS_START (all three are printed, so that a run can be repeated),
// TIDEWATCH_BOOTSTRAP=host:port for another cluster, TIDEWATCH_BINARY for another program than the one beside this one.
// Exit status: 0 when every check holds, 1 when one does not, 2 when the run could not be made.

do {
    let run = try ChaosRun(ChaosOptions(environment: ProcessInfo.processInfo.environment))
    exit(try run.holds() ? 0 : 1)
} catch {
    print("chaos: \(error)")
    exit(2)
}
