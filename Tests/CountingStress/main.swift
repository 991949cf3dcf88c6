// The lock-free structures as production uses them: two workers count real records at full speed and flush through their rings, a
// publisher writes what they amount to into a log, an evaluator reads it and publishes snapshots, and four readers read live counts,
// totals, snapshots and metrics all the time. Meant for a build with ThreadSanitizer:
//
//   tidewatch-stress-counting [SECONDS]
//
// Legal for a reader: positions, counts and totals that never go down; of each partition as many events as its position says, as
// both are of one moment; nothing flushed that is not in the totals, nothing in a snapshot that is not in the totals.
// Legal at the end: good and total of each objective, messages and bytes are those that were fed.
// Exits with 1 on an outcome that is not legal.

import Glibc

let seconds = CommandLine.arguments.count > 1 ? Double(CommandLine.arguments[1]) ?? 4 : 4
let feeds = [Feed.cloudTrail(seed: 1), Feed.flowLogs(seed: 2)]
let run = try Run(feeds, seconds: seconds)
run.start()
run.join()
run.checkTheEnd()
exit(Legality.print() ? 0 : 1)
