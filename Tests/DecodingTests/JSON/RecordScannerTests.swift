import Foundation
import Statistics
import Testing

@testable import Decoding

@Suite struct RecordScannerTests {
    static let levels = Array(0...RecordScanner.levelMax)

    static func end(_ bytes: [UInt8], from start: Int = 0, level: Int32) -> Int? {
        var scanner = RecordScanner(outlineDepth: 2, nestingMax: 60, level: level)
        let span = unsafe bytes.span.bytes
        return scanner.scan(span, from: start)?.end
    }

    /// Both directions: what the scanner proves is valid, and every valid object is proven.
    @Test(arguments: levels) func provesExactlyWhatTheReaderFindsValid(level: Int32) {
        let seed: UInt64 = 7 + UInt64(level)
        print("provesExactlyWhatTheReaderFindsValid: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var valid = 0
        for _ in 0..<40_000 {
            // A lead-in puts the object at every place within a block; the tail stands for the next record.
            let lead = Int.random(in: 0..<70, using: &generator)
            let object = JSONFuzz.mutated(&generator)
            guard object.first == 0x7B else { continue }
            let bytes =
                [UInt8](repeating: 0x20, count: lead) + object
                + Array(["", "\n", "\n{\"z\":1}", "}"].randomElement(using: &generator)!.utf8)
            let proven = Self.end(bytes, from: lead, level: level)
            let span = unsafe bytes.span.bytes
            var reader = JSONReader(span, at: lead)
            let read = try? reader.skipValue().upperBound
            valid += read == nil ? 0 : 1
            #expect(proven == read, "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(valid > 4000)
    }

    @Test(arguments: levels) func noPrefixOfAnObjectIsProven(level: Int32) {
        for text in JSONFuzz.seeds {
            let bytes = Array(text.utf8)
            #expect(Self.end(bytes, level: level) == bytes.count)
            for count in 1..<bytes.count { #expect(Self.end(Array(bytes.prefix(count)), level: level) == nil) }
        }
    }

    @Test(arguments: levels) func outlinesGrowToTheRecord(level: Int32) {
        let object = "{" + (0..<20_000).map { "\"k\($0)\":{}" }.joined(separator: ",") + "}"
        #expect(Self.end(Array(object.utf8), level: level) == object.utf8.count)
    }

    @Test(arguments: levels) func nestingBeyondTheCeilingIsLeftToTheReader(level: Int32) {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)).utf8)
        }
        #expect(Self.end(nested(60), level: level) != nil)
        for depth in [61, 62, 63, 64, 65, 127, 200] { #expect(Self.end(nested(depth), level: level) == nil) }
        let brackets = [UInt8](repeating: 0x5B, count: 500)
        #expect(Self.end(Array("{\"a\":".utf8) + brackets, level: level) == nil)
    }

    /// What a scanner says of one object: its end, what is noted of it, and white space between tokens.
    struct Finding: Equatable {
        var end: Int
        var keys: [Int]
        var brackets: [Int]
        var hasSpaces: Bool

        init?(_ scanner: inout RecordScanner, _ span: RawSpan, from start: Int) {
            guard let verdict = scanner.scan(span, from: start) else { return nil }
            end = verdict.end
            keys = (0..<scanner.outline.keyCount).map { scanner.outline.key($0) }
            brackets = (0..<scanner.outline.bracketCount).map { index in
                let bracket = scanner.outline.bracket(index)
                return bracket.isClose ? -bracket.offset : bracket.offset
            }
            hasSpaces = verdict.hasSpaces
        }
    }

    /// A scanner reads ahead of the record that it proves. Whatever comes between, and whatever is not valid on the way, each record is
    /// found as by a scanner that has seen nothing else.
    @Test(arguments: levels) func recordsInARowAreFoundAsEachAlone(level: Int32) {
        let seed: UInt64 = 11 + UInt64(level)
        print("recordsInARowAreFoundAsEachAlone: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let long = [
            String(repeating: "x", count: 5_000), String(repeating: "\\n", count: 4_000), "ä\\u00e4\\\\",
            String(repeating: "y", count: 63) + "\\\"", String(repeating: "\\\\", count: 97),
        ]
        var (proven, refused) = (0, 0)
        for _ in 0..<400 {
            var bytes: [UInt8] = []
            var starts: [Int] = []
            for _ in 0..<Int.random(in: 1...40, using: &generator) {
                var object = JSONFuzz.mutated(&generator)
                switch Int.random(in: 0..<8, using: &generator) {
                case 0: object = Array("{\"a\":\"\(long.randomElement(using: &generator)!)\", \"b\":[1,{}]}".utf8)
                case 1: object = Array("{}".utf8)
                case 2: object = Array("{\"k\":\(String(repeating: " ", count: 3_000))0}".utf8)
                default: break
                }
                starts.append(bytes.count)
                bytes += object
                bytes += Array(
                    ["", "\n", ",", "  ", "\t\r\n", String(repeating: " ", count: 2_500)]
                        .randomElement(using: &generator)!.utf8)
            }
            let span = unsafe bytes.span.bytes
            var scanner = RecordScanner(outlineDepth: 2, nestingMax: 60, level: level)
            scanner.begin()
            for start in starts where bytes[start] == 0x7B {
                var alone = RecordScanner(outlineDepth: 2, nestingMax: 60, level: 0)
                let expected = Finding(&alone, span, from: start)
                #expect(Finding(&scanner, span, from: start) == expected)
                if expected == nil { refused += 1 } else { proven += 1 }
            }
        }
        #expect(proven > 1000 && refused > 1000)
    }

    /// Another text at the same place of memory, after `begin`.
    @Test(arguments: levels) func whatWasReadAheadIsForgotten(level: Int32) {
        let texts = ["{\"a\":1}\n{\"b\":[2]}", "{\"a\":1}\n{\"b\":[2}}"].map { Array($0.utf8) }
        var bytes = texts[0]
        var scanner = RecordScanner(outlineDepth: 2, nestingMax: 60, level: level)
        for round in 0..<4 {
            bytes.replaceSubrange(0..<bytes.count, with: texts[round % 2])
            let span = unsafe bytes.span.bytes
            scanner.begin()
            #expect(scanner.scan(span, from: 0)?.end == 7)
            #expect((scanner.scan(span, from: 8) == nil) == (round % 2 == 1))
        }
    }
}
