import Foundation
import KafkaClient

// Producer threads, consumer members that come and go, worker threads that pause and resume: for about twenty seconds,
// under ThreadSanitizer. Legal outcome: each sequence of each producer is handed out exactly once over all members, and in
// order within a member. Anything else, and a time-out, exits with 1.

let seconds = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 12
let stress = Stress(producers: 3, partitions: 6)
exit(try stress.run(seconds: seconds) ? 0 : 1)
