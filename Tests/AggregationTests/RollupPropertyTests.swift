import Statistics
import Testing

import Aggregation
import TelemetryModel

/// The engine against a dictionary that does the same by the definition.
@Suite struct RollupPropertyTests {
    static let seeds: [UInt64] = [1, 2, 3, 20_261_121, UInt64.random(in: 0 ... .max)]

    static func fixture() throws -> RollupFixture {
        let bytes = RollupFixture.path("bytes")
        return try RollupFixture(
            groupBy: ["interface_id", "action"],
            measures: [
                measure("n", .count), measure("errors", .count, filter: "has(event.srcaddr)"),
                measure("bytes", .sum(bytes)), measure("low", .min(bytes)), measure("high", .max(bytes)),
                measure("ports", .distinct(RollupFixture.path("dstport"), exact: true)),
                measure("sources", .distinct(RollupFixture.path("srcaddr"), exact: false)),
            ], filter: "event.log_status == \"OK\"")
    }

    static func events(_ count: Int, _ random: inout SeededGenerator) -> [SampleEvent] {
        let interfaces: [FieldSample] = (0..<12).map { .text("eni-\($0)") } + [.absent, .null, .text(""), .integer(7)]
        return (0..<count).map { _ in
            let name = interfaces.randomElement(using: &random) ?? .absent
            let actions: [FieldSample] = [.text("ACCEPT"), .arenaText("ACCEPT"), .text("RE,JECT"), .bool(true)]
            let numbers: [FieldSample] = [
                .integer(Int64.random(in: -1000...1_000_000, using: &random)), .absent, .text("12"),
                .double(Double(Int.random(in: -99999...99999, using: &random)) / 1000),
            ]
            let port = Int64.random(in: 0...300, using: &random)
            let ports: [FieldSample] = [.integer(port), .text("\(port)"), .double(Double(port)), .text("p\(port)")]
            let sources: [FieldSample] = [.absent, .text("10.0.0.\(port)")]
            return SampleEvent(
                time: Int64.random(in: -300_000_000_000...600_000_000_000, using: &random),
                fields: [
                    name, actions.randomElement(using: &random) ?? .absent,
                    sources.randomElement(using: &random) ?? .absent, numbers.randomElement(using: &random) ?? .absent,
                    ports.randomElement(using: &random) ?? .absent,
                    Bool.random(using: &random) || Bool.random(using: &random) ? .text("OK") : .text("NODATA"),
                ])
        }
    }

    private struct Expected: Equatable {
        var count = 0
        var withSource = 0
        /// In thousandths, so that every value of the test is a whole number.
        var sum: Int64?
        var low: Int64?
        var high: Int64?
        var ports: Set<String> = []
        var sources: Set<String> = []
    }

    private struct Group: Hashable {
        var window: Int64
        var columns: [String?]
    }

    private static func text(_ field: FieldSample) -> String? {
        switch field {
        case .absent, .null: nil
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .double(let value): value == value.rounded() ? "\(Int64(value))" : "\(value)"
        case .text(let text), .arenaText(let text), .json(let text): text
        }
    }

    @Test(arguments: seeds)
    func everyCellIsWhatADictionaryCounts(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let fixture = try Self.fixture()
        let events = Self.events(4000, &random)
        let engine = fixture.engine(events)

        var expected: [Group: Expected] = [:]
        for event in events where event.fields[5] == .text("OK") {
            let minute: Int64 = 60_000_000_000
            let window = Int64((Double(event.time) / Double(minute)).rounded(.down)) * minute
            var cell = expected[Group(window: window, columns: event.fields[..<2].map(Self.text)), default: Expected()]
            cell.count += 1
            if let source = Self.text(event.fields[2]) {
                cell.withSource += 1
                cell.sources.insert(source)
            }
            var thousandths: Int64?
            if case .integer(let value) = event.fields[3] { thousandths = value * 1000 }
            if case .double(let value) = event.fields[3] { thousandths = Int64((value * 1000).rounded()) }
            if let thousandths {
                cell.sum = (cell.sum ?? 0) + thousandths
                cell.low = min(cell.low ?? thousandths, thousandths)
                cell.high = max(cell.high ?? thousandths, thousandths)
            }
            if let port = Self.text(event.fields[4]) { cell.ports.insert(port) }
            expected[Group(window: window, columns: event.fields[..<2].map(Self.text))] = cell
        }

        var rows = 0
        for start in engine.windowStarts {
            let found = engine.peekWindow(start)
            let window = try #require(found)
            for index in 0..<window.count {
                let row = window[index]
                let cell = try #require(expected[Group(window: start.nanoseconds, columns: row.group)])
                rows += 1
                #expect(row.value(0) == .integer(Int128(cell.count)))
                #expect(row.value(1) == .integer(Int128(cell.withSource)))
                for (measure, wanted) in [(2, cell.sum), (3, cell.low), (4, cell.high)] {
                    let found = row.value(measure).doubleValue
                    // Doubles such as 0.123 are no exact thousandths; the sum of their exact values is this close.
                    #expect(found.map { Int64(($0 * 1000).rounded()) } == wanted)
                }
                #expect(row.value(5) == .integer(Int128(cell.ports.count)))
                #expect(row.value(6) == .integer(Int128(cell.sources.count)))
            }
        }
        #expect(rows == expected.count)
        let counted = engine.counters.events
        #expect(counted == UInt64(events.count { $0.fields[5] == .text("OK") }))
        let (counters, times) = (engine.counters, engine.eventTimes)
        #expect(
            counters.valuesNotNumeric
                == 3 * UInt64(events.count { $0.fields[5] == .text("OK") && $0.fields[3] == .text("12") }))
        #expect(times?.lowerBound.nanoseconds == events.map(\.time).min())
        #expect(times?.upperBound.nanoseconds == events.map(\.time).max())
    }

    @Test(arguments: seeds)
    func anyOrderAndAnySplitGiveTheSameBytes(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let fixture = try Self.fixture()
        let events = Self.events(3000, &random)
        let whole = fixture.csv(fixture.engine(events))
        #expect(whole.utf8.count > 1000)
        let shuffled = fixture.csv(fixture.engine(events.shuffled(using: &random)))
        #expect(shuffled == whole)

        let parts = (0..<3).map { part in events.enumerated().filter { $0.offset % 3 == part }.map(\.element) }
        var changes: [RollupChange] = []
        var counters = RollupCounters()
        for part in [2, 0, 1] {
            var engine = fixture.engine(parts[part])
            changes += engine.takeAll()
            counters.add(engine.counters)
        }
        let joined = try fixture.csv(adding: changes)
        #expect(joined == whole)
        let wanted = fixture.engine(events).counters
        #expect(counters == wanted)
    }
}
