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
}
