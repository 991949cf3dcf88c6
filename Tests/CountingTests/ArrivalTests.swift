import Decoding
import Objectives
import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Counting
@testable import Planning

/// When what is late arrived, as counts say it.
@Suite struct ArrivalTests {
    private static let start: Int64 = 1_768_467_600

    private struct Row: Hashable {
        let slice: Int64
        let arrival: Int64?
    }

    private func time(_ seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: (Self.start + seconds) * Timestamp.nanosecondsPerSecond)
    }

    /// Events of some seconds in messages of some of them.
    private func count(_ messages: [[Int64]], watermark: Int64? = nil, tellsArrivals: Bool = true) throws -> [Row:
        Int64]
    {
        let plan = try CallsObjective.failures()
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: nil, cursor: .file(name: "f"), sink: MemorySink(),
            watermark: watermark.map(time))
        if tellsArrivals { counter.tellArrivals() }
        var decoder = MessageDecoder(format: .cloudTrail, projections: plan.projections)
        for message in messages {
            let events = message.map { #"{"eventTime":"\#(time($0))","eventName":"A"}"# }
            let bytes = Array(#"{"Records":[\#(events.joined(separator: ","))]}"#.utf8)
            _ = decoder.decode(bytes.span.bytes, to: &counter)
        }
        var rows: [Row: Int64] = [:]
        for delta in counter.takeObjectives().flatMap(\.deltas) {
            let row = Row(
                slice: delta.start.seconds - Self.start, arrival: delta.arrival.map { $0.seconds - Self.start })
            #expect(rows[row] == nil, "one row for each slice and arrival")
            rows[row] = delta.total
        }
        return rows
    }

    @Test func whatComesBehindItsSlicesEndSaysInWhichSliceItCame() throws {
        let rows = try count([[0, 59, 30, 60, 59, 185, 61, 100, 184, 180, 5]])
        #expect(
            rows == [
                Row(slice: 0, arrival: nil): 3, Row(slice: 60, arrival: nil): 1, Row(slice: 0, arrival: 60): 1,
                Row(slice: 180, arrival: nil): 3, Row(slice: 60, arrival: 180): 2, Row(slice: 0, arrival: 180): 1,
            ])
    }

    /// An owner begins with the newest event time that its chain tells.
    @Test func aSuccessorFindsTheSameArrival() throws {
        #expect(try count([[30]], watermark: 100) == [Row(slice: 0, arrival: 60): 1])
        #expect(try count([[30]]) == [Row(slice: 0, arrival: nil): 1])
    }

    @Test func withoutAFormThatTellsArrivalsASliceHasOneRow() throws {
        #expect(
            try count([[0, 200, 10]], tellsArrivals: false) == [
                Row(slice: 0, arrival: nil): 2, Row(slice: 180, arrival: nil): 1,
            ])
    }

    @Test func howEventsLieInMessagesChangesNothing() throws {
        for seed in 1...30 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            var expected: [Row: Int64] = [:]
            var (newest, now) = (Int64.min, Int64(0))
            var messages: [[Int64]] = [[]]
            for _ in 0..<400 {
                now += Int64(random.below(20))
                let second = random.chance(0.3) ? max(0, now - Int64(random.below(500))) : now
                newest = max(newest, second)
                let (slice, arrival) = (second / 60 * 60, newest / 60 * 60)
                expected[Row(slice: slice, arrival: arrival > slice ? arrival : nil), default: 0] += 1
                if random.chance(0.1) { messages.append([]) }
                messages[messages.count - 1].append(second)
            }
            #expect(try count(messages.filter { !$0.isEmpty }) == expected, "seed \(seed)")
        }
    }
}
