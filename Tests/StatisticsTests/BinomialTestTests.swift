import Testing

@testable import Statistics

@Suite struct BinomialTestTests {
    /// The largest share that is refused, in parts of 10^18, by bisection.
    private func bound(_ bad: Int128, of total: Int128, significance: Double) -> Double {
        let test = BinomialTest(significance: significance)
        let parts: Int128 = 1_000_000_000_000_000_000
        var (below, above) = (Int128(0), parts)
        while above - below > 1 {
            let middle = (below + above) / 2
            if test.isAbove(middle, parts, bad: bad, of: total) { below = middle } else { above = middle }
        }
        return Double(below) / Double(parts)
    }

    /// Clopper and Pearson's lower bounds, by the incomplete beta function in 40 digits (mpmath).
    @Test func boundsAreThoseOfClopperAndPearson() {
        let known: [(bad: Int128, total: Int128, significance: Double, bound: Double)] = [
            (1, 1, 0.05, 0.05), (1, 1, 0.001, 0.001), (1, 3, 0.05, 0.0169524275084415),
            (1, 3, 0.001, 0.000333444506214022), (3, 3, 0.001, 0.1), (10, 100, 0.05, 0.05526323768287002),
            (10, 100, 0.001, 0.03054190528875434), (1, 30, 0.001, 3.334945501401234e-5),
            (5, 60, 0.001, 0.01267108502831149), (50, 1000, 0.05, 0.03916353592558934),
            (50, 1000, 0.001, 0.03124360469812879), (30, 100_000, 0.001, 0.000158702127989906),
            (120, 1_000_000, 0.05, 0.0001025685328712939), (120, 1_000_000, 0.001, 8.897588853354201e-5),
        ]
        for (bad, total, significance, expected) in known {
            let found = bound(bad, of: total, significance: significance)
            #expect(abs(found / expected - 1) < 1e-11, "\(bad) of \(total) at \(significance): \(found)")
        }
    }

    /// Of 10^18 trials, few bad ones are Poisson's: his bounds by the inverse of the incomplete gamma function (scipy).
    @Test func aTrillionMillionTrialsKeepTheirDigits() {
        for (bad, significance, mean) in [
            (3, 0.05, 0.8176914471639534), (120, 0.001, 88.97455272917823), (100_000, 0.001, 99_025.63189050092),
        ] as [(Int128, Double, Double)] {
            let test = BinomialTest(significance: significance)
            let total: Int128 = 1_000_000_000_000_000_000
            let parts = total * 1_000_000
            func isAbove(_ mean: Double) -> Bool {
                test.isAbove(Int128(mean * 1_000_000), parts, bad: bad, of: total)
            }
            #expect(isAbove(mean * (1 - 1e-5)) && !isAbove(mean * (1 + 1e-5)), "\(bad) at \(significance)")
        }
        // Half of them: 3.0902 deviations are 0.1 %.
        let total: Int128 = 1_000_000_000_000_000_000
        for (significance, deviations) in [(0.001, 3.090232306167813), (0.05, 1.6448536269514729)] {
            let test = BinomialTest(significance: significance)
            func isAbove(_ deviations: Double) -> Bool {
                test.isAbove(1, 2, bad: total / 2 + Int128(deviations * 500_000_000), of: total)
            }
            #expect(!isAbove(deviations - 1e-6) && isAbove(deviations + 1e-6))
        }
        // More than doubles or 128 bits of products hold.
        #expect(BinomialTest(significance: 0.001).isAbove(1, .max, bad: .max / 4, of: .max / 2))
        #expect(!BinomialTest(significance: 0.001).isAbove(.max / 3, .max, bad: .max / 8, of: .max / 2))
    }

    /// Every sample of up to 40 trials, by Pascal's triangle in integers.
    @Test func smallSamplesAreThoseOfCounting() {
        let significances = [0.1, 0.05, 0.01, 0.001, 0.0001]
        let tests = significances.map { BinomialTest(significance: $0) }
        var row: [UInt128] = [1]
        var decisions = [false: 0, true: 0]
        for total in 1...40 {
            row = [1] + zip(row, row.dropFirst()).map { $0 + $1 } + [1]
            for share in [1, 2, 7, 50, 100, 333, 900] as [Int128] {
                let p = Double(share) / 1000
                var tail = 0.0
                for bad in stride(from: total, through: 1, by: -1) {
                    var probability = Double(row[bad])
                    for _ in 0..<bad { probability *= p }
                    for _ in 0..<total - bad { probability *= 1 - p }
                    tail += probability
                    for (significance, test) in zip(significances, tests) where abs(tail / significance - 1) > 1e-9 {
                        // What isn't above in the sample is never above with confidence.
                        let expected = tail < significance && Int128(bad) * 1000 > share * Int128(total)
                        decisions[expected, default: 0] += 1
                        let found = test.isAbove(share, 1000, bad: Int128(bad), of: Int128(total))
                        #expect(found == expected, "\(bad) of \(total), \(share)/1000 at \(significance)")
                    }
                }
            }
        }
        #expect(decisions.values.allSatisfy { $0 > 1000 }, "\(decisions)")
    }

    @Test func nothingCountedSaysNothingAndNoShareIsAboveAll() {
        let test = BinomialTest(significance: 0.001)
        #expect(!test.isAbove(1, 1000, bad: 0, of: 0))
        #expect(!test.isAbove(1, 1000, bad: 0, of: 1_000_000))
        #expect(!test.isAbove(1, 1, bad: 1000, of: 1000))
        #expect(!test.isAbove(3, 2, bad: 1000, of: 1000))
        // Where nothing may fail, one failure is certain.
        #expect(test.isAbove(0, 1, bad: 1, of: 1_000_000))
        #expect(test.isAbove(1, 1_000_000, bad: 2, of: 2))
    }

    /// The sum and the formula agree where one takes over from the other.
    @Test func theFormulaOfLargeCountsEqualsTheSum() {
        for significance in [0.1, 0.01, 0.001, 0.00001] {
            let test = BinomialTest(significance: significance)
            for share in [0.5, 0.01, 0.0001] {
                let total = (2e6 / (share * (1 - share))).rounded()
                let deviation = (total * share * (1 - share)).squareRoot()
                func flips(_ judge: (BinomialTest.Sample) -> Bool) -> Int {
                    var (below, above) = (0, 100_000)
                    while above - below > 1 {
                        let middle = (below + above) / 2
                        let bad = (total * share + Double(middle) * 0.0001 * deviation).rounded()
                        let isAbove = judge(
                            BinomialTest.Sample(
                                bad: bad, total: total, share: share, complement: 1 - share,
                                excess: bad - total * share))
                        if isAbove { above = middle } else { below = middle }
                    }
                    return below
                }
                let (sum, formula) = (flips(test.isAboveBySum), flips(test.isAboveByNormalTail))
                // One bad record more or less is 7 steps.
                #expect(abs(sum - formula) <= 7 && sum > 10_000, "\(significance), \(share): \(sum) and \(formula)")
            }
        }
    }

    @Test func plainMathematicsHasTheLastBits() {
        for value in [1e-300, 3e-7, 0.5, 0.7, 1, 1.4142, 2, 2.718281828459045, 10, 1e18, 1e300] {
            let back = PlainMathematics.exponential(PlainMathematics.logarithm(value))
            #expect(abs(back / value - 1) < 1e-12)
        }
        #expect(PlainMathematics.logarithm(2.718281828459045) == 1)
        #expect(abs(PlainMathematics.logarithm(10) - 2.302585092994046) < 1e-15)
        // ln 16! on both sides of the table's end.
        #expect(abs(PlainMathematics.stirlingError(15) - 0.005554733551962802) < 1e-13)
        #expect(abs(PlainMathematics.stirlingError(16) - 0.005207655919609641) < 1e-15)
        // Q(1)/φ(1).
        #expect(abs(PlainMathematics.millsRatio(1) - 0.6556795424187985) < 1e-12)
    }
}
