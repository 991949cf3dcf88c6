import Accounting
import Statistics
import TelemetryModel
import Testing

@testable import Counting

/// Small messages that are counted together.
@Suite struct MessageRunTests {
    /// Messages of a partition as they come: most are one event, some none or several; times, identities and bytes are of all sorts.
    private static func messages(_ count: Int, _ random: inout SeededGenerator) -> [String] {
        func event() -> String {
            var time = CountedPartition.clock.advanced(by: -Int64(random.below(300)) * Timestamp.nanosecondsPerSecond)
            if random.chance(0.05) { time = time.advanced(by: 86_400 * Timestamp.nanosecondsPerSecond) }
            if random.chance(0.05) { time = time.advanced(by: -86_400 * Timestamp.nanosecondsPerSecond) }
            let name = ["A", "B", #"quo\"ted"#, "CreateUser"][random.below(4)]
            let identity =
                random.chance(0.8) ? #","eventID":"b6a3c1f2-0000-4000-8000-0000000000\#(10 + random.below(40))""# : ""
            let failure = random.chance(0.3) ? #","errorCode":"AccessDenied""# : ""
            return #"{"eventTime":"\#(time)","eventName":"\#(name)"\#(identity)\#(failure)}"#
        }
        return (0..<count).map { _ in
            switch random.below(12) {
            case 0: return ["", "x", "{}", #"{"eventTime":1}"#][random.below(4)]
            case 1: return #"{"Records":[\#((0..<random.below(5)).map { _ in event() }.joined(separator: ","))]}"#
            case 2: return "\(event())\n\(event())\nx\n\(event())"
            case 3 where random.chance(0.2): return (0..<100).map { _ in event() }.joined(separator: "\n")
            default: return event()
            }
        }
    }

    @Test(arguments: 0..<60)
    func theOutcomeIsThatOfOneByOne(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let messages = Self.messages(150, &random)
        // In the second form what arrived later is kept apart.
        let form: RecordForm = seed.isMultiple(of: 2) ? .first : .definitions
        let window = DeliveredEvents(latest: EventIdentityWindow(offsetsMax: 40, identitiesMax: 30))
        let (one, together) = (
            try CountedPartition(identities: window, form: form), try CountedPartition(identities: window, form: form)
        )
        for (offset, message) in messages.enumerated() { one.count(message, at: Int64(offset)) }
        var next = 0
        while next < messages.count {
            let run = Array(messages[next..<min(next + 1 + random.below(MessageRows.messagesMax), messages.count)])
            let isCounted = together.countRun(run, at: Int64(next))
            try #require(isCounted)
            next += run.count
        }
        let (expected, found) = (one.flush(), together.flush())
        #expect(expected.statistics.decodedTotal > 0)
        #expect(found.statistics == expected.statistics)
        #expect(found.range == expected.range && found.progress == expected.progress)
        #expect(found.amounts == expected.amounts)
        #expect(together.sink.audits == one.sink.audits)
        #expect(together.sink.reasons == one.sink.reasons && together.sink.positions == one.sink.positions)
        #expect(together.sink.rests.map(\.position) == one.sink.rests.map(\.position))
    }

    @Test func rowsThatDoNotFitTogetherAreCountedInTurns() throws {
        let filler = String(repeating: "y", count: 10_000)
        let event =
            #"{"eventTime":"\#(CountedPartition.clock)","eventName":"A","requestParameters":{"a":"\#(filler)"}}"#
        let partition = try CountedPartition()
        let isCounted = partition.countRun(Array(repeating: event, count: 40), at: 0)
        #expect(isCounted)
        #expect(partition.flush().statistics.decodedTotal == 40)
    }

    /// What was counted before the boundary is one update, and what comes after it another.
    @Test func aRunGoesOverNoBoundaryAndNothingThatIsReadBack() throws {
        let partition = try CountedPartition(chains: [10, 20])
        #expect(!partition.state.takesRun(15...20, now: .zero))
        #expect(partition.state.takesRun(10...19, now: .zero))
        #expect(!partition.state.takesRun(9...12, now: .zero))
    }

    /// The watch is asked as within one message.
    @Test func aRunThatIsGivenUpLeavesNothing() throws {
        let watch = MessageWatch(interval: .zero)
        watch.look = { false }
        let partition = try CountedPartition(watch: watch)
        let event = #"{"eventTime":"\#(CountedPartition.clock)","eventName":"A"}"#
        let lines = Array(repeating: event, count: 100).joined(separator: "\n")
        var isCounted = true
        var offset: Int64 = 0
        while isCounted, offset < 100_000 {
            isCounted = partition.countRun(Array(repeating: lines, count: 10), at: offset)
            offset += 10
        }
        #expect(!isCounted)
    }
}
