import Statistics
import Testing

@Suite struct EWMATests {
    /// The definition, written out over the whole series.
    private static func flags(_ values: [Double], alpha: Double, threshold: Double, warmup: Int) -> [Int] {
        var flags: [Int] = []
        for index in values.indices.dropFirst() {
            var mean = values[0]
            var variance = 0.0
            for value in values[1..<index] {
                let d = value - mean
                mean += alpha * d
                variance = (1 - alpha) * (variance + alpha * d * d)
            }
            let isFar = abs(values[index] - mean) > threshold * variance.squareRoot()
            if index >= warmup, isFar { flags.append(index) }
        }
        return flags
    }

    /// Without a floor, where none is named.
    private static func parameters(
        _ alpha: Double, _ threshold: Double, _ warmup: Int, _ floor: EWMA.Floor = .init(absolute: 0, relative: 0)
    ) throws -> EWMA.Parameters {
        try #require(EWMA.Parameters(alpha: alpha, threshold: threshold, warmup: warmup, floor: floor))
    }

    @Test func flagsAreThoseOfTheDefinition() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("EWMA seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        func random() -> Double { generator.unit() }
        var total = 0
        for (alpha, threshold, warmup) in [(0.2, 5.0, 10), (0.5, 1.0, 0), (1.0, 2.0, 3), (0.05, 3.0, 30)] {
            let values = (0..<200).map { _ in random() < 0.05 ? random() * 100 : random() }
            let parameters = try EWMATests.parameters(alpha, threshold, warmup)
            var series = EWMA()
            var flags: [Int] = []
            for (index, value) in values.enumerated() {
                let judgement = series.judge(value, parameters)
                series.learn(value, parameters)
                #expect((0...1).contains(judgement.score), "score \(judgement.score) at \(index), seed \(seed)")
                #expect(judgement.isWarm == (index >= max(1, warmup)))
                if judgement.isFlagged { flags.append(index) }
            }
            let expected = EWMATests.flags(values, alpha: alpha, threshold: threshold, warmup: warmup)
            #expect(flags == expected, "seed \(seed)")
            total += flags.count
        }
        #expect(total > 0, "some values are far out; seed \(seed)")
    }

    @Test func stateBeginsAtTheFirstValueWithoutVariance() throws {
        let parameters = try EWMATests.parameters(0.2, 5, 0)
        var series = EWMA()
        #expect(!series.judge(7, parameters).isWarm)
        series.learn(7, parameters)
        #expect(series.mean == 7)
        #expect(series.variance == 0)
        series.learn(12, parameters)
        #expect(series.mean == 8)
        #expect(series.variance == 0.8 * (0.2 * 25))
        #expect(series.count == 2)
    }

    /// After a series that never moved its floor says what is a deviation.
    @Test(arguments: [
        (0.0, 0.0, 0.0, 60.0, true), (0, 0, 0, 0, false), (0, 1, 0, 5, false), (0, 1, 0, 5.5, true),
        (100, 0, 0.01, 100.5, false), (100, 0, 0.01, 94, true), (-100, 0, 0.01, -105.5, true),
        (100, 2, 0.01, 109, false), (100, 2, 0.01, 111, true), (100, 0, 0, 100.5, true),
    ])
    func theFloorDecidesAfterAConstant(
        constant: Double, absolute: Double, relative: Double, value: Double, isFlagged: Bool
    ) throws {
        let parameters = try EWMATests.parameters(0.2, 5, 10, EWMA.Floor(absolute: absolute, relative: relative))
        var series = EWMA()
        for _ in 0..<200 { series.learn(constant, parameters) }
        #expect(series.judge(value, parameters).isFlagged == isFlagged)
        #expect(series.judge(constant, parameters).score == 0)
    }

    @Test func valueExactlyAtTheThresholdIsNotFlagged() throws {
        // mean 0, variance 4 after 2 and then -2 at α = 1/2: mean 2 → 0, variance (1/2)(1/2·16) = 4.
        let parameters = try EWMATests.parameters(0.5, 3, 0)
        var series = EWMA()
        series.learn(2, parameters)
        series.learn(-2, parameters)
        #expect(series.mean == 0)
        #expect(series.variance == 4)
        let judgement = series.judge(6, parameters)
        #expect((judgement.expected, judgement.low, judgement.high) == (0, -6, 6))
        #expect(judgement.score < 0.5)
        #expect(series.judge(6.0.nextUp, parameters).score >= 0.5)
        #expect(series.judge(-6.0.nextUp, parameters).isFlagged)
    }

    @Test func nonFiniteValuesChangeNothing() throws {
        let parameters = try EWMATests.parameters(0.5, 3, 0)
        var series = EWMA()
        for value in [1.0, 2, 3] { series.learn(value, parameters) }
        let before = series
        for value in [Double.nan, .infinity, -.infinity] { series.learn(value, parameters) }
        #expect(series == before)
        #expect(series.judge(.nan, parameters).score == 0)
        for value in [1e308, -1e308, 1e308, -1e308] {
            series.learn(value, parameters)
            #expect(series.mean.isFinite)
            #expect(series.variance.isFinite)
            #expect((0...1).contains(series.judge(-value, parameters).score))
        }
    }

    @Test func parametersOutsideTheirRangesAreRefused() {
        #expect(EWMA.Parameters(alpha: 0, threshold: 1, warmup: 0) == nil)
        #expect(EWMA.Parameters(alpha: 1.1, threshold: 1, warmup: 0) == nil)
        #expect(EWMA.Parameters(alpha: .nan, threshold: 1, warmup: 0) == nil)
        #expect(EWMA.Parameters(alpha: 0.5, threshold: 0, warmup: 0) == nil)
        #expect(EWMA.Parameters(alpha: 0.5, threshold: .infinity, warmup: 0) == nil)
        #expect(EWMA.Parameters(alpha: 0.5, threshold: 1, warmup: -1) == nil)
        for floor in [EWMA.Floor(absolute: -1), EWMA.Floor(relative: -1), EWMA.Floor(absolute: .infinity)] {
            #expect(EWMA.Parameters(alpha: 0.5, threshold: 1, warmup: 0, floor: floor) == nil)
        }
    }
}
