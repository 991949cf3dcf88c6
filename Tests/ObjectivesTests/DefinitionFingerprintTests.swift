import Objectives
import Testing

@Suite struct DefinitionFingerprintTextTests {
    @Test func aFingerprintIsReadBackFromItsSixteenDigits() {
        for value in [0, 1, 0xA5, UInt64.max] {
            let fingerprint = DefinitionFingerprint(rawValue: value)
            #expect(fingerprint.description.count == 16)
            #expect(DefinitionFingerprint(fingerprint.description) == fingerprint)
        }
        for text in ["", "1", "00000000000000A5", "+00000000000000a", "00000000000000a50", "0000000000000 a5"] {
            #expect(DefinitionFingerprint(text) == nil)
        }
    }
}
