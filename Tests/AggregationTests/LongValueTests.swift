import Statistics
import TelemetryModel
import Testing

@testable import Aggregation

@Suite struct LongValueTests {
    private static func event(_ interface: String, source: String = "10.0.0.1") -> SampleEvent {
        SampleEvent(
            time: 60_000_000_000,
            fields: [.text(interface), .text("ACCEPT"), .text(source), .integer(1), .integer(1), .text("OK")])
    }

    @Test func longGroupsAreKeptAsTheirBeginningAndStayDifferent() throws {
        let fixture = try RollupFixture(
            groupBy: ["interface_id"], measures: [MeasureDefinition(name: "n", kind: .count)])
        let long = String(repeating: "é", count: 600_000)
        let atTheLimit = String(repeating: "a", count: 1024)
        var engine = fixture.engine([
            Self.event(long + "1"), Self.event(long + "2"), Self.event(long + "1"), Self.event(atTheLimit),
        ])
        let cells = engine.takeAll()
        #expect(
            cells.map(\.measures) == [[.count(1)], [.count(2)], [.count(1)]]
                || cells.map(\.measures) == [[.count(1)], [.count(1)], [.count(2)]])
        let groups = cells.compactMap { $0.group[0] }
        #expect(groups.contains(atTheLimit))
        let cut = groups.filter { $0.hasPrefix("é") }
        #expect(cut.count == 2)
        #expect(Set(cut).count == 2)
        for group in cut {
            #expect(group.utf8.count <= 1024)
            #expect(group.hasPrefix(String(repeating: "é", count: 464) + "…(1200001 bytes, sha256 "))
        }
        #expect(engine.counters.shortenedValues == 3)
        // What was published comes back as the same groups.
        var second = fixture.engine([Self.event(long + "1")])
        for cell in cells {
            let isTaken = second.restore(cell)
            #expect(isTaken)
        }
        let taken = second.takeAll()
        #expect(taken.count == 3)
    }

    @Test func longValuesOfASetAreDistinct() throws {
        let fixture = try RollupFixture(
            groupBy: [],
            measures: [
                MeasureDefinition(name: "d", kind: .distinct(RollupFixture.path("srcaddr"), exact: true))
            ])
        let long = String(repeating: "x", count: 100_000)
        var engine = fixture.engine(
            ["1", "2", "1"].map { Self.event("eni", source: long + $0) })
        let cells = engine.takeAll()
        guard case .distinct(.exact(let values)) = cells[0].measures[0] else { return #expect(Bool(false)) }
        #expect(values.count == 2)
        #expect(values.allSatisfy { $0.count <= 1024 })
    }

    @Test func piecesOfACellAddUpToIt() throws {
        let fixture = try RollupFixture(
            groupBy: ["action"],
            measures: [
                MeasureDefinition(name: "n", kind: .count),
                MeasureDefinition(name: "d", kind: .distinct(RollupFixture.path("srcaddr"), exact: true)),
                MeasureDefinition(name: "e", kind: .distinct(RollupFixture.path("interface_id"), exact: false)),
                MeasureDefinition(name: "s", kind: .sum(RollupFixture.path("bytes"))),
            ])
        let events = (0..<3_000).map { Self.event("eni-\($0)", source: "host-\($0 % 1_000)") }
        var engine = fixture.engine(events)
        let cells = engine.takeAll()
        #expect(cells.count == 1)
        let pieces = cells[0].pieces(bytesMax: 4_000)
        #expect(pieces.count > 10)
        #expect(pieces.allSatisfy { $0.jsonByteCount < 5_000 })
        var joined = fixture.engine([])
        for piece in pieces {
            let isTaken = joined.restore(piece)
            #expect(isTaken)
        }
        let taken = joined.takeAll()
        #expect(taken == cells)
        #expect(cells[0].pieces(bytesMax: 1_000_000) == cells)
    }
}
