import Statistics
import Testing

@testable import Expressions

extension [UInt8] {
    fileprivate func finds(_ needle: [UInt8]) -> Bool { span.bytes.contains(needle.span.bytes) }
    fileprivate func begins(with part: [UInt8]) -> Bool { span.bytes.hasPrefix(part.span.bytes) }
    fileprivate func ends(with part: [UInt8]) -> Bool { span.bytes.hasSuffix(part.span.bytes) }
    fileprivate func equals(_ other: [UInt8]) -> Bool { span.bytes.isEqual(to: other.span.bytes) }
    fileprivate func precedes(_ other: [UInt8]) -> Bool { span.bytes.isBefore(other.span.bytes) }
}

@Suite struct TextSearchTests {
    @Test func substringsAreFoundAsByTrialOfEachPlace() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("text search seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0x61...0x62, using: &generator)
            }
            let needle = (0..<Int.random(in: 0...9, using: &generator)).map { _ in
                UInt8.random(in: 0x61...0x62, using: &generator)
            }
            let expected = needle.isEmpty || text.indices.contains { text[$0...].starts(with: needle) }
            #expect(text.finds(needle) == expected, "\(needle) in \(text), seed \(seed)")
            let (isPrefix, isSuffix) = (text.starts(with: needle), text.reversed().starts(with: needle.reversed()))
            #expect(text.begins(with: needle) == isPrefix)
            #expect(text.ends(with: needle) == isSuffix)
            #expect(text.equals(needle) == (text == needle))
            #expect(text.precedes(needle) == text.lexicographicallyPrecedes(needle))
        }
    }

    @Test func searchIsLinearForPeriodicText() {
        let text = [UInt8](repeating: 0x61, count: 1_000_000)
        let needle = [UInt8](repeating: 0x61, count: 20_000) + [0x62]
        #expect(!text.finds(needle))
        #expect(!text.finds([0x62] + needle.dropLast()))
    }
}
