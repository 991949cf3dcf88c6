import Foundation

// From the record that completes a slice in the last of its partitions to the page at PagerDuty, for alerts of CloudTrail and of metrics,
// over both brokers.
//
//   tidewatch-latency
//
// Variables: LATENCY_ALERTS (1000), LATENCY_BROKERS (`second embedded`), LATENCY_SEED (both are printed), LATENCY_LIMIT_MS, above which
// the 99th percentile fails the run (1000), TIDEWATCH_BINARY for another program than the one beside this one.
// Exit status: 0 when every alert was paged once and in time, 1 when not, 2 when the run could not be made.

do {
    let options = try LatencyOptions(environment: ProcessInfo.processInfo.environment)
    var holds = true
    for broker in options.brokers { holds = try LatencyRun(options, on: broker).holds() && holds }
    exit(holds ? 0 : 1)
} catch {
    print("latency: \(error)")
    exit(2)
}
