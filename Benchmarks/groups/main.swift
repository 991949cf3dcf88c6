// What a group of an SLO takes in a consumer while it is counted, and while what was counted is handed over.
//
//   tidewatch-bench-groups [GROUPS]
//
// Flow logs of one minute, each of an interface of its own (100,000), are counted by what counts a partition. Printed is how much the
// process grew by then, and when all of it was handed over at once, for each group; of fewer than 100,000 that is lost in what the process
// has free. Status 1 when a record was not counted, or a group takes a kilobyte while it is counted.

import Counting
import Decoding
import Foundation
import Planning
import Settings
import TelemetryModel

private let resources = """
    apiVersion: openslo/v1
    kind: SLO
    metadata: {name: accepted}
    spec:
      service: network
      indicator:
        metadata: {name: accepted}
        spec:
          ratioMetric:
            bad:
              metricSource:
                type: VPCFlow
                spec: {filter: 'event.action == "REJECT"', groupBy: [interface_id], groupsMax: 1000000}
            total: {metricSource: {type: VPCFlow, spec: {groupBy: [interface_id], groupsMax: 1000000}}}
      timeWindow: [{duration: 30d, isRolling: true}]
      budgetingMethod: Occurrences
      objectives: [{target: 0.99}]
    """
private let recordsInAMessage = 1_000
private let groupBytesMax = 1_024

/// Nothing is audited or refused.
private final class NoSink: RecordSink {
    func audit(_ record: [UInt8], at position: SourcePosition) {}
    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {}
    func deadLetter(_ rest: MessageRejections.Rest, of message: RawSpan, at position: SourcePosition) {}
}

/// Flow logs whose interfaces have these numbers.
private func message(_ numbers: Range<Int>) -> [UInt8] {
    var lines = ""
    for number in numbers {
        let digits = String(number, radix: 16)
        let interface = "eni-" + String(repeating: "0", count: 17 - digits.count) + digits
        lines += "2 123456789012 \(interface) 10.0.0.1 10.1.0.5 16493 443 6 20 1730 1768471200 1768471230 "
        lines += number.isMultiple(of: 50) ? "REJECT OK\n" : "ACCEPT OK\n"
    }
    return Array(lines.utf8)
}

private func residentBytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    guard let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return 0 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
}

private func measure(groups: Int) throws -> (counted: Int, handedOver: Int, records: Int64) {
    let (set, problems) = ResourceLoader.load(text: resources, file: "resources")
    precondition(problems.isEmpty, "\(problems)")
    let plan = try PipelinePlan(resources: set, outputs: [.windows, .alerts])
    var counter = PartitionCounter(
        plan: plan, lateHorizonNanoseconds: nil, cursor: .file(name: "f"), sink: NoSink(), foldsGroups: false)
    var decoder = plan.makeMessageDecoder(format: .vpcFlow, flowFields: nil, limits: DecodingLimits())
    // What the first message alone needs is no group's.
    _ = decoder.decode(message(0..<1).span.bytes, to: &counter)
    let before = try residentBytes()
    for first in stride(from: 1, to: groups, by: recordsInAMessage) {
        let bytes = message(first..<min(first + recordsInAMessage, groups))
        _ = decoder.decode(bytes.span.bytes, to: &counter)
    }
    let counted = try residentBytes() - before
    let slices = counter.takeObjectives()
    let handedOver = try residentBytes() - before
    return (
        counted / groups, handedOver / groups, slices.reduce(0) { $0 + $1.deltas.reduce(0) { $0 + $1.total } }
    )
}

guard let groups = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) : 100_000,
    CommandLine.arguments.count < 3, (100_000...1_000_000).contains(groups)
else {
    print("usage: tidewatch-bench-groups [GROUPS], from 100000 to 1000000")
    exit(2)
}
private let measured = try measure(groups: groups)
print("\(groups) groups: \(measured.counted) bytes each while counted, \(measured.handedOver) while handed over")
if measured.records != Int64(groups) { print("counted \(measured.records) records") }
exit(measured.records == Int64(groups) && measured.counted < groupBytesMax ? 0 : 1)
