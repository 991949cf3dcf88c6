import Statistics
import Testing

@testable import Text

@Suite struct DigitWordTests {
    private static func word(_ text: String) -> UInt64 {
        text.utf8.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64($1.offset * 8) }
    }

    @Test func everyLengthIsCountedAndSpelled() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...8, using: &generator)
            let digits = (0..<count).map { _ in "0123456789".randomElement(using: &generator)! }
            let after = (count..<8).map { _ in
                Character(Unicode.Scalar(UInt8.random(in: 0...127, using: &generator)))
            }
            let text = String(digits) + String(after)
            let expected = text.utf8.prefix { (0x30...0x39).contains($0) }.count
            let word = DigitWord(Self.word(text))
            #expect(word.count == expected, "\(text)")
            if expected > 0 {
                #expect(word.value(bits: UInt64(expected * 8)) == UInt64(text.prefix(expected)), "\(text)")
            }
            if expected > 2 {
                let inner = text.dropFirst(1).prefix(expected - 2)
                #expect(word.value(from: 8, bits: UInt64((expected - 2) * 8)) == UInt64(inner), "\(text)")
            }
        }
    }

    @Test func bytesBesideTheDigitsAreNone() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<8 {
                let word = DigitWord(
                    0x3535_3535_3535_3535 & ~(0xFF << UInt64(place * 8)) | UInt64(byte) << UInt64(place * 8))
                #expect(word.count == ((0x30...0x39).contains(byte) ? 8 : place))
            }
        }
    }
}
