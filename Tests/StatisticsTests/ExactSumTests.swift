import Statistics
import Testing

@Suite struct ExactSumTests {
    @Test func sumsOfIntegersAreExactBeyondSixtyFourBits() {
        var sum = ExactSum()
        for _ in 0..<1000 { sum.add(Int64.max) }
        #expect(sum.integerValue == Int128(Int64.max) * 1000)
        for _ in 0..<2000 { sum.add(Int64.min) }
        #expect(sum.integerValue == Int128(Int64.max) * 1000 + Int128(Int64.min) * 2000)
    }

    @Test(arguments: [
        0.1, -0.1, 1, -1, 0.5, 1e-20, -1e-20, 3.141592653589793, 9_007_199_254_740_992, 1e18, -9.2e18, 0x1p-43, 0x1p-96,
        123_456_789.123_456_78,
    ])
    func aSingleDoubleComesBack(value: Double) {
        var sum = ExactSum()
        sum.add(value)
        // Below 2⁻⁴³ only whole units of 2⁻⁹⁶ are kept.
        #expect(abs(sum.doubleValue - value) <= (value.magnitude >= 0x1p-43 ? 0 : 0x1p-97))
        sum.add(-value)
        #expect(sum == ExactSum())
    }

    @Test func aDoubleBelowTheResolutionIsRoundedHalfToEven() {
        for (value, units) in [
            (0x1p-97, 0.0), (0x1.8p-96, 2), (0x1.8p-97, 1), (0x1p-98, 0), (Double.leastNonzeroMagnitude, 0),
            (-0x1.8p-97, -1),
        ] {
            var sum = ExactSum()
            sum.add(value)
            #expect(sum.doubleValue == units * 0x1p-96)
        }
    }

    @Test func whatDoublesLoseIsKept() {
        var sum = ExactSum()
        for value in [1e18, 0.25, -1e18, 0.25] { sum.add(value) }
        #expect(sum.doubleValue == 0.5)
        var integers = ExactSum()
        integers.add(9_007_199_254_740_993 as Int64)
        #expect(integers.doubleValue == 9_007_199_254_740_992)
        integers.add(0.5)
        // The sum is above the middle between two doubles now.
        #expect(integers.doubleValue == 9_007_199_254_740_994)
        #expect(integers.integerValue == nil)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 0x1p63, -0x1p63, 1e300])
    func valuesOutOfRangeOverflowForGood(value: Double) {
        var sum = ExactSum()
        sum.add(5 as Int64)
        sum.add(value)
        #expect(sum.isOverflowed)
        sum.add(1 as Int64)
        sum.add(-1.5)
        #expect(sum.isOverflowed && sum.doubleValue.isNaN && sum.integerValue == nil)
        var other = ExactSum()
        other.merge(sum)
        #expect(other == sum)
    }

    @Test func aSumThatOutgrowsItsWordsOverflowsAndDoesNotWrap() {
        var sum = ExactSum()
        sum.add(0x1p62)
        // Doubling from 2⁶² reaches 2⁹⁵ after 33 steps.
        for step in 0..<33 {
            #expect(!sum.isOverflowed)
            sum.merge(sum)
            if step < 32 { #expect(sum.doubleValue == Double(sign: .plus, exponent: 63 + step, significand: 1)) }
        }
        #expect(sum.isOverflowed)
    }

    @Test(arguments: [1, 2, 3, UInt64.random(in: 0 ... .max)])
    func anyOrderAndAnySplitGiveTheSameBits(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let values = (0..<2000).map { _ in
            Double(
                sign: Bool.random(using: &random) ? .plus : .minus, exponent: Int.random(in: -120...60, using: &random),
                significand: Double.random(in: 1..<2, using: &random))
        }
        func sum(_ values: some Sequence<Double>) -> ExactSum { values.reduce(into: ExactSum()) { $0.add($1) } }
        let whole = sum(values)
        #expect(sum(values.shuffled(using: &random)) == whole)
        var merged = sum(values[1200...])
        merged.merge(sum(values[..<1200]))
        #expect(merged == whole)
        let (low, middle, high) = whole.words
        #expect(ExactSum(words: low, middle, high) == whole)
    }
}
