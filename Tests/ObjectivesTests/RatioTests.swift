import Statistics
import Testing

@testable import Objectives

@Suite struct RatioTests {
    @Test(
        arguments: [
            ("0.999", 999, 1000), ("1", 1, 1), ("14.4", 72, 5), (".5", 1, 2), ("5.", 5, 1), ("1e-3", 1, 1000),
            ("2.5E2", 250, 1), ("-0.25", -1, 4), ("+7", 7, 1), ("0", 0, 1), ("0.000", 0, 1), ("0e99", 0, 1),
            ("0.50000000000000000000000", 1, 2), ("1200000000000000000e1", nil, 1),
            ("1000000000000000000", 1_000_000_000_000_000_000, 1),
            ("0.999999999999999999", 999_999_999_999_999_999, 1_000_000_000_000_000_000),
        ] as [(String, Int64?, Int64)])
    func readsDecimalTextExactly(text: String, numerator: Int64?, denominator: Int64) {
        #expect(Ratio(decimal: text) == numerator.map { Ratio($0, denominator) })
    }

    @Test(arguments: [
        "", ".", "-", "1.2.3", "1e", "e5", "1e1000", "1e-19", "0x10", " 1", "1 ", "½", "9999999999999999999", "--1",
        "1e5.0", "nan", "٣",
    ])
    func refusesWhatIsNoDecimalOrDoesNotFit(text: String) {
        #expect(Ratio(decimal: text) == nil)
    }

    @Test func percentIsAHundredthOfItsDecimal() {
        #expect(Ratio(percent: "99.95") == Ratio(decimal: "0.9995"))
    }

    @Test func neighboursOfEighteenDigitsAreTold() throws {
        let low = try #require(Ratio(decimal: "0.999999999999999998"))
        let high = try #require(Ratio(decimal: "0.999999999999999999"))
        #expect(low < high)
        #expect(!(high < low))
        #expect(low != high)
    }

    @Test func productsThatDoNotFitAreNil() {
        #expect(Ratio(.max, 1).multiplied(by: 2) == nil)
        #expect(Ratio(.max, 1).multiplied(by: Ratio(1, .max)) == .one)
        #expect(Ratio(3, 4).multiplied(by: 8) == Ratio(6, 1))
    }

    @Test(
        arguments: [
            (1, 3, 6, "0.333333"), (2, 3, 6, "0.666667"), (999_999_999, 1_000_000_000, 3, "1"), (1, 8, 3, "0.125"),
            (-1, 2, 0, "-1"), (1, 2, 0, "1"), (-1, 1000, 2, "0"), (7, 1, 4, "7"), (-5, 4, 1, "-1.3"), (1, 1000, 2, "0"),
        ] as [(Int128, Int128, Int, String)])
    func fractionsPrintRounded(numerator: Int128, denominator: Int128, digits: Int, text: String) {
        #expect(ExactFraction(numerator, denominator).decimal(fractionDigitsMax: digits) == text)
    }

    @Test(arguments: [1, 2] as [UInt64]) func fractionsOf64And128BitsPrintAlike(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let wide: Int128 = 1 << 64
        for _ in 0..<1000 {
            let denominator = Int128(Int64.random(in: 1...Int64.max >> 1, using: &random))
            let numerator = Int128(Int64.random(in: -1 << 40...1 << 40, using: &random))
            let short = ExactFraction(numerator * 1_000_003, denominator / 1_000_003 + 1)
            let long = ExactFraction(short.numerator * wide, short.denominator * wide)
            for rounding in [ExactFraction.Rounding.halfAwayFromZero, .down] {
                let text = short.decimal(fractionDigitsMax: 12, rounding: rounding)
                #expect(long.decimal(fractionDigitsMax: 12, rounding: rounding) == text)
            }
            // At the border of what is divided in 64 bits.
            let border = Int128(UInt64.max / 10)
            for denominator in [border, border + 1] {
                let text = ExactFraction(numerator, denominator).decimal(fractionDigitsMax: 18)
                let doubled = ExactFraction(numerator * wide, denominator * wide)
                #expect(doubled.decimal(fractionDigitsMax: 18) == text)
            }
        }
    }

    @Test func roundingDownNeverReachesTheNextStep() {
        #expect(ExactFraction(99_9999, 1_000_000).decimal(fractionDigitsMax: 2, rounding: .down) == "0.99")
        #expect(ExactFraction(-1, 1000).decimal(fractionDigitsMax: 2, rounding: .down) == "-0.01")
    }

    @Test func fractionsCompareBeyond128Bits() {
        let huge = Int128.max
        #expect(ExactFraction(huge, huge - 1) > ExactFraction(huge - 1, huge - 1))
        #expect(!(ExactFraction(huge - 1, huge) > ExactFraction(huge - 1, huge)))
        #expect(ExactFraction(-1, huge) > ExactFraction(-1, 1))
        #expect(ExactFraction(huge - 2, huge - 1) >= ExactFraction(huge - 2, huge - 1))
        #expect(!(ExactFraction(huge - 3, huge - 2) > ExactFraction(huge - 2, huge - 1)))
    }

    @Test func printingAProductBeyond128BitsKeepsItsLeadingDigits() throws {
        let target = try #require(Ratio(decimal: "0.999999999999999999"))
        let fraction = ExactFraction(Int128.max / 3, Int128.max).divided(by: target)
        #expect(fraction?.decimal(fractionDigitsMax: 9) == "0.333333333")
    }
}
