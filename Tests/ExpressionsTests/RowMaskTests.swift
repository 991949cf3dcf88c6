import Expressions
import Testing

@Suite struct RowMaskTests {
    @Test func rowsAreCountedUpToAllOfThem() {
        var mask = RowMask()
        #expect(mask.count == 0)
        // All rows in a scattered order: 89 and 256 have no factor in common.
        for number in 0..<RowMask.rowsMax {
            mask.insert(number * 89 % RowMask.rowsMax)
            #expect(mask.count == number + 1)
        }
        for count in 0...RowMask.rowsMax { #expect(RowMask(below: count).count == count) }
    }
}
