import Statistics
import Testing

@testable import Objectives

/// Sums over a part of a block are those of its slices one by one.
@Suite struct SliceBlockTests {
    @Test(arguments: [10, 250, 70_000, 5_000_000_000, Int64.max / 2]) func sumsOverAPart(countMax: Int64) {
        var random = SeededGenerator(seed: UInt64(countMax))
        for _ in 0..<50 {
            var slices: [SliceCounts] = []
            for _ in 0..<SliceBlock.slots {
                let total = Bool.random(using: &random) ? Int64.random(in: 0...countMax, using: &random) : 0
                // Now and then more is good or bad than there is.
                let good = Int64.random(in: -countMax / 10...countMax, using: &random)
                slices.append(SliceCounts(good: good, total: total, late: 0))
            }
            let block = SliceBlock(
                index: 3, slices: slices, spans: PackedSpans(), unmatched: [], firstReadSlot: nil, method: .occurrences)
            for _ in 0..<50 {
                let bounds = (Int64.random(in: 150...270, using: &random), Int64.random(in: 150...270, using: &random))
                let range = min(bounds.0, bounds.1)..<max(bounds.0, bounds.1)
                let own = range.clamped(to: 180..<240)
                let expected = BudgetingMethod.occurrences.tally(own.map { slices[Int($0) - 180] })
                #expect(block.tally(range, method: .occurrences) == expected)
            }
        }
    }
}
