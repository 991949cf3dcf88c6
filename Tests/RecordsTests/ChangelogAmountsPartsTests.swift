import Accounting
import Aggregation
import Objectives
import TelemetryModel
import Testing

@testable import Records

/// An update too large for one record comes in several, and adds up to itself.
@Suite struct ChangelogAmountsPartsTests {
    @Test(arguments: [41, 42, 43] as [UInt64]) func whatIsSplitIsJoined(seed: UInt64) {
        var values = RandomRecords(seed: seed)
        for _ in 0..<100 {
            let amounts = values.amounts()
            let itemsMax = 1 + values.random.below(8)
            let pieces = amounts.split(itemsMax: itemsMax)
            #expect(pieces.dropLast().allSatisfy { $0.itemCount == itemsMax }, "all but the last are full")
            #expect(pieces.last.map { (1...itemsMax).contains($0.itemCount) } ?? (amounts.itemCount == 0))
            #expect(pieces.reduce(0) { $0 + $1.itemCount } == amounts.itemCount)
            #expect(ChangelogAmounts(joining: pieces) == amounts)
        }
    }

    @Test func nothingIsNoPiece() {
        #expect(ChangelogAmounts().itemCount == 0 && ChangelogAmounts().split(itemsMax: 1).isEmpty)
        #expect(ChangelogAmounts(joining: []) == ChangelogAmounts())
    }

    /// Two definitions of one name are two histories, also where they meet at a cut.
    @Test func twoDefinitionsOfAnObjectiveStayApart() {
        var values = RandomRecords(seed: 44)
        let amounts = ChangelogAmounts(
            objectives: [1, 2].map { definition in
                .init(
                    objective: "api", definition: DefinitionFingerprint(rawValue: definition),
                    slices: (0..<5).map { _ in values.slice() })
            })
        for itemsMax in 1...11 {
            #expect(ChangelogAmounts(joining: amounts.split(itemsMax: itemsMax)) == amounts)
        }
    }

    /// Through the log, as an owner writes it and a reader takes it.
    @Test(arguments: [RecordForm.first, .definitions]) func partsAreWholeAgainBehindTheirJSON(_ form: RecordForm) throws
    {
        var values = RandomRecords(seed: 45)
        for _ in 0..<40 {
            var whole = values.update()
            while whole.amounts.itemCount == 0 { whole = values.update() }
            let pieces = whole.amounts.split(itemsMax: 3)
            var reader = ShardReader<ChangelogAmounts>()
            _ = reader.read(.claim(Claim(source: whole.source, epoch: whole.epoch)))
            var added: [ChangelogAmounts] = []
            for (place, piece) in pieces.enumerated() {
                #expect(added.isEmpty, "nothing counts before the last part")
                let part = ChangelogUpdate(
                    source: whole.source, epoch: whole.epoch, from: nil, to: whole.to, progress: whole.progress,
                    amounts: piece
                ).asPart(place, of: pieces.count)
                let json = ShardEntry<ChangelogAmounts>.update(part).json(in: form)
                let outcome = reader.read(try ShardEntry<ChangelogAmounts>(json: json))
                if case .added(let parts, _)? = outcome { added += parts }
            }
            #expect(ChangelogAmounts(joining: added) == whole.amounts)
            #expect(!reader.isInsideUpdate && reader.state(of: whole.source).through == whole.to)
        }
    }

    /// A cell whose sets are larger than a record is several, which add up to it.
    @Test func largeCellsAreCutIntoSome() throws {
        var values = RandomRecords(seed: 46)
        let small = values.cell(distinct: 2)
        let large = values.cell(distinct: 5000)
        let amounts = ChangelogAmounts(rollups: [.init(rollup: "r", cells: [small, large])])
        #expect(amounts.withCells(bytesMax: 1_000_000) == amounts)
        let bytesMax = 2000
        let cells = try #require(amounts.withCells(bytesMax: bytesMax).rollups.first).cells
        #expect(cells.first == small && cells.count > 5)
        let pieces = cells.dropFirst()
        #expect(pieces.allSatisfy { $0.windowStart == large.windowStart && $0.group == large.group })
        // The frame is beside the measures.
        #expect(pieces.allSatisfy { $0.jsonByteCount < bytesMax + 500 })
        func sets(_ cells: some Sequence<RollupChange>) -> [[UInt8]] {
            cells.flatMap(\.measures).flatMap { measure -> [[UInt8]] in
                if case .distinct(.exact(let values)) = measure { values } else { [] }
            }
        }
        #expect(sets(pieces) == sets([large]))
        func counts(_ cells: some Sequence<RollupChange>) -> UInt64 {
            cells.flatMap(\.measures).reduce(0) { sum, measure in
                if case .count(let count) = measure { sum + count } else { sum }
            }
        }
        #expect(counts(pieces) == counts([large]))
    }
}
