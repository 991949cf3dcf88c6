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
}
