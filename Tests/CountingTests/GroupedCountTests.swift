import Decoding
import Objectives
import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Counting
@testable import Planning

/// What an SLO with groups counts is what the same SLO without them does, to the unit: in time, later than its slice, and too late.
@Suite struct GroupedCountTests {
    private struct Cell: Hashable {
        let start: Timestamp
        let arrival: Timestamp?
    }

    private static func event(_ random: inout SeededGenerator, at second: Int64) -> String {
        let time = Timestamp(nanoseconds: (1_768_467_600 + second) * Timestamp.nanosecondsPerSecond)
        let name = random.pick(["Get", "Put", "List", "", "(other)", nil] as [String?])
        let error = random.chance(0.3) ? #","errorCode":"Denied""# : ""
        return #"{"eventTime":"\#(time)""# + (name.map { #","eventName":"\#($0)""# } ?? "") + error + "}"
    }

    @Test(arguments: 0..<20) func groupsAddUpToTheUngrouped(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let plan = try CallsObjective.byName()
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: 600 * Timestamp.nanosecondsPerSecond, cursor: .file(name: "f"),
            sink: MemorySink())
        counter.tellArrivals()
        var decoder = MessageDecoder(format: .cloudTrail, projections: plan.projections)
        var sums: [[Cell: [Int64]]] = [[:], [:]]
        var groups: Set<ObjectiveGroup> = []
        func take() {
            for counted in counter.takeObjectives() {
                #expect((counted.group == nil) == (counted.objective == 0))
                if let group = counted.group { groups.insert(group) }
                for delta in counted.deltas {
                    let cell = Cell(start: delta.start, arrival: delta.arrival)
                    let sum = sums[counted.objective][cell] ?? [0, 0, 0]
                    sums[counted.objective][cell] = [
                        sum[0] + delta.good, sum[1] + delta.total, sum[2] + delta.late,
                    ]
                }
            }
        }
        for message in 0..<12 {
            let events = (0..<40).map { _ in
                let delay = random.chance(0.2) ? random.below(1200) : random.below(60)
                return Self.event(&random, at: Int64(message * 60 - delay))
            }
            let bytes = Array(#"{"Records":[\#(events.joined(separator: ","))]}"#.utf8)
            _ = decoder.decode(bytes.span.bytes, to: &counter)
            if random.chance(0.3) { take() }
        }
        take()
        #expect(sums[0] == sums[1])
        #expect(sums[0].values.contains { $0[2] > 0 })
        #expect(sums[0].keys.contains { $0.arrival != nil })
        // An event that is named like what is counted together is not taken for it.
        #expect(
            Set(groups.flatMap(\.values)) == ["Get", "Put", "List", "", "((other))", nil] && groups.count == 6)
        #expect(groups.allSatisfy { !$0.isOther })
    }
}
