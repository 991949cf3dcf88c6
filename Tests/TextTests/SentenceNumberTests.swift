import Testing
import Text

/// Numbers in sentences.
@Suite struct SentenceNumberTests {
    @Test(arguments: [
        ("28.8125", "28.8"), ("28", "28"), ("14.4", "14.4"), ("0.933333", "0.933"), ("99.96", "100"),
        ("999.5", "1,000"),
        ("0.0999999", "0.1"), ("12345", "12,300"), ("1000000", "1,000,000"), ("-1.235", "-1.24"), ("0", "0"),
        ("-0.0", "0"), ("0.00001234", "0.0000123"), ("0.0000001234", "1.23e-7"), ("1e+20", "1e20"),
        ("2.5e-1", "0.25"), ("007.10", "7.1"), ("past all numbers", "past all numbers"), ("", ""), ("1.5x", "1.5x"),
        ("nan", "nan"), ("inf", "inf"),
    ])
    func decimalsHaveThreeSignificantDigits(text: String, expected: String) {
        #expect(SentenceNumber.rounded(text) == expected)
    }

    @Test func doublesAreRoundedByTheirShortestDecimal() {
        #expect(SentenceNumber.rounded(100.0) == "100")
        #expect(SentenceNumber.rounded(1.0 / 3) == "0.333")
        #expect(SentenceNumber.rounded(5e300) == "5e300")
        #expect(SentenceNumber.rounded(.infinity) == "inf")
    }

    @Test(arguments: [
        ("14.41", "14.4", "14.41"), ("14.4", "14.4", "14.4"), ("14.40", "14.4", "14.4"), ("14.5", "14.4", "14.5"),
        ("99.96", "100", "99.96"), ("99.9999", "99.9998", "99.9999"), ("1234567", "1234568", "1,234,567"),
        ("0.00012", "0.00012001", "0.00012"), ("x", "14.4", "x"), ("14.41", "x", "14.4"), ("1e300", "1e299", "1e300"),
    ])
    func aNumberHasTheDigitsThatTellItFromAnother(text: String, other: String, expected: String) {
        #expect(SentenceNumber.rounded(text, apartFrom: other) == expected)
    }

    @Test(arguments: [
        ("0.975", "97.5 %"), ("0", "0 %"), ("1", "100 %"), ("-0.4021", "-40.2 %"), ("12.3456", "1,230 %"),
        ("0.00000001", "0.000001 %"), ("x", "x"),
    ])
    func sharesArePercentages(share: String, expected: String) { #expect(SentenceNumber.percent(share) == expected) }

    @Test func countsAreExactAndTheirNounsAgree() {
        #expect(SentenceNumber.counted(0, "record") == "0 records")
        #expect(SentenceNumber.counted(1, "record") == "1 record")
        #expect(SentenceNumber.counted(2, "record") == "2 records")
        #expect(SentenceNumber.counted(-1234, "record") == "-1,234 records")
        #expect(SentenceNumber.counted(UInt64.max, "slice") == "18,446,744,073,709,551,615 slices")
        #expect(SentenceNumber.whole(.min) == "-170,141,183,460,469,231,731,687,303,715,884,105,728")
    }
}
