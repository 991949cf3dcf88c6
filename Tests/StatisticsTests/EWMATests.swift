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
            if index >= warmup, variance > 0, isFar { flags.append(index) }
        }
        return flags
    }

    @Test func flagsAreThoseOfTheDefinition() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("EWMA seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        func random() -> Double { generator.unit() }
        var total = 0
        for (alpha, threshold, warmup) in [(0.2, 5.0, 10), (0.5, 1.0, 0), (1.0, 2.0, 3), (0.05, 3.0, 30)] {
            let values = (0..<200).map { _ in random() < 0.05 ? random() * 100 : random() }
            let parameters = try #require(EWMA.Parameters(alpha: alpha, threshold: threshold, warmup: warmup))
            var series = EWMA()
            var flags: [Int] = []
            for (index, value) in values.enumerated() {
                let score = series.score(of: value, parameters)
                let verdict = series.observe(value, parameters)
                let isFlagged = verdict == .above || verdict == .below
                #expect((score >= 0.5) == isFlagged, "score \(score) at \(index), seed \(seed)")
                #expect((0...1).contains(score))
                if isFlagged { flags.append(index) }
            }
            let expected = EWMATests.flags(values, alpha: alpha, threshold: threshold, warmup: warmup)
            #expect(flags == expected, "seed \(seed)")
            total += flags.count
        }
        #expect(total > 0, "some values are far out; seed \(seed)")
    }

    @Test func stateBeginsAtTheFirstValueWithoutVariance() {
        var series = EWMA()
        series.update(7, alpha: 0.2)
        #expect(series.mean == 7)
        #expect(series.variance == 0)
        series.update(12, alpha: 0.2)
        #expect(series.mean == 8)
        #expect(series.variance == 0.8 * (0.2 * 25))
        #expect(series.count == 2)
    }

    @Test func constantSeriesFlagsNothingForWantOfVariance() throws {
        let parameters = try #require(EWMA.Parameters(alpha: 0.2, threshold: 1, warmup: 0))
        var series = EWMA()
        for _ in 0..<20 { #expect(series.observe(3, parameters) != .above) }
        #expect(series.observe(1e9, parameters) == .normal)
        #expect(series.observe(-1e12, parameters) == .below)
    }

    @Test func valueExactlyAtTheThresholdIsNotFlagged() throws {
        // mean 0, variance 1 after 2 and then -2 at α = 1/2: mean 2 → 0, variance (1/2)(1/2·16) = 4.
        let parameters = try #require(EWMA.Parameters(alpha: 0.5, threshold: 3, warmup: 0))
        var series = EWMA()
        series.update(2, alpha: 0.5)
        series.update(-2, alpha: 0.5)
        #expect(series.mean == 0)
        #expect(series.variance == 4)
        #expect(series.verdict(on: 6, parameters) == .normal)
        #expect(series.score(of: 6, parameters) < 0.5)
        #expect(series.verdict(on: 6.0.nextUp, parameters) == .above)
        #expect(series.score(of: 6.0.nextUp, parameters) >= 0.5)
        #expect(series.verdict(on: -6.0.nextUp, parameters) == .below)
    }

    @Test func nonFiniteValuesChangeNothing() throws {
        let parameters = try #require(EWMA.Parameters(alpha: 0.5, threshold: 3, warmup: 0))
        var series = EWMA()
        for value in [1.0, 2, 3] { series.update(value, alpha: 0.5) }
        let before = series
        for value in [Double.nan, .infinity, -.infinity] {
            #expect(series.observe(value, parameters) == .normal)
            #expect(series.score(of: value, parameters) == 0)
        }
        #expect(series == before)
        for value in [1e308, -1e308, 1e308, -1e308] {
            _ = series.observe(value, parameters)
            #expect(series.mean.isFinite)
            #expect(series.variance.isFinite)
            #expect((0...1).contains(series.score(of: -value, parameters)))
        }
    }

    @Test func parametersOutsideTheirRangesAreRefused() {
        #expect(EWMA.Parameters(alpha: 0, threshold: 1, warmup: 0) == nil)
        #expect(EWMA.Parameters(alpha: 1.1, threshold: 1, warmup: 0) == nil)
        #expect(EWMA.Parameters(alpha: .nan, threshold: 1, warmup: 0) == nil)
        #expect(EWMA.Parameters(alpha: 0.5, threshold: 0, warmup: 0) == nil)
        #expect(EWMA.Parameters(alpha: 0.5, threshold: .infinity, warmup: 0) == nil)
        #expect(EWMA.Parameters(alpha: 0.5, threshold: 1, warmup: -1) == nil)
    }
}
