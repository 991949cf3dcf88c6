// How much more two counting threads do than one: messages in memory, an event in each, through what counts a worker's partitions in
// production, with the demo's resources and audit records; flushes leave through the rings, and another thread takes them.
//
//   tidewatch-bench-threads [--messages 200000] [--rounds 5]
//
// In each round one thread counts the messages, and then two of them that many each, of partitions of their own. Printed are the
// medians of what two do in a second over what one does: by the clock, which is right on a machine that nobody else uses, and by
// the threads' CPU time, which is less than 2 only for what they have in common: caches, the allocator, counters of references.
// Status 1 when a message was not counted.

import Glibc

struct Options {
    var messages = 200_000
    var rounds = 5

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let number = rest.popFirst().flatMap({ Int($0) }), (1...100_000_000).contains(number) else {
                return nil
            }
            switch name {
            case "--messages": messages = number
            case "--rounds": rounds = number
            default: return nil
            }
        }
    }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print("usage: tidewatch-bench-threads [--messages 200000] [--rounds 5]")
    exit(2)
}
let bench = try CountingBench(messages: options.messages)
var byClock: [Double] = []
var byProcessor: [Double] = []
for round in 1...options.rounds {
    let one = bench.count(threads: 1)
    let two = bench.count(threads: 2)
    guard one.counted == options.messages, two.counted == 2 * options.messages else {
        print("counted \(one.counted) and \(two.counted) of \(options.messages) and twice that")
        exit(1)
    }
    byClock.append(two.rateByClock / one.rateByClock)
    byProcessor.append(two.rateByProcessor / one.rateByProcessor)
    print("round \(round): one \(one), two \(two)")
}
func percent(_ values: [Double]) -> String { "\(Int((100 * median(values)).rounded())) %" }
print("two threads do \(percent(byClock)) of one by the clock, \(percent(byProcessor)) by CPU time")
