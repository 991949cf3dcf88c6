import Statistics
import TelemetryModel
import Testing

@testable import Decoding

@Suite struct SnappyTests {
    func expand(_ block: [UInt8], bytesMax: Int = 1 << 20) -> Result<[UInt8], MetricFault> {
        var output: [UInt8] = []
        let span = unsafe block.span.bytes
        do {
            try SnappyBlock.expand(span, bytesMax: bytesMax, into: &output)
            return .success(output)
        } catch {
            return .failure(error)
        }
    }

    func reason(_ block: [UInt8], bytesMax: Int = 1 << 20) -> RejectionReason? {
        if case .failure(let fault) = expand(block, bytesMax: bytesMax) { fault.reason } else { nil }
    }

    @Test func literalsAndCopiesOfEveryFormExpand() throws {
        #expect(try expand([0]).get() == [])
        #expect(try expand([3, 0x08, 1, 2, 3]).get() == [1, 2, 3])
        // A literal with its length in one byte, and in two.
        #expect(try expand([61, 60 << 2, 60] + [UInt8](repeating: 7, count: 61)).get().count == 61)
        #expect(try expand([61, 61 << 2, 60, 0] + [UInt8](repeating: 7, count: 61)).get().count == 61)
        // "ab", then a copy of 4 from 2 back, in each of the three forms: it overlaps itself.
        for copy in [[0x01, 2], [3 << 2 | 2, 2, 0], [3 << 2 | 3, 2, 0, 0, 0]] as [[UInt8]] {
            #expect(try expand([6, 0x04, 0x61, 0x62] + copy).get() == Array("ababab".utf8))
        }
    }

    @Test func malformedBlocksAreRefused() {
        let cases: [[UInt8]] = [
            [], [0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [3], [3, 0x08, 1, 2], [2, 0x08, 1, 2, 3], [4, 0x08, 1, 2, 3],
            [6, 0x04, 1, 2, 0x01, 3], [6, 0x04, 1, 2, 0x01, 0], [6, 0x04, 1, 2, 0x0E, 2], [5, 0x04, 1, 2, 0x01, 2],
            [9, 63 << 2, 0xFF, 0xFF, 0xFF, 0xFF, 1],
        ]
        for block in cases { #expect(reason(block) == .invalidCompression, "\(block)") }
    }

    @Test func sizeAboveTheLimitIsRefusedBeforeAnythingIsWritten() {
        #expect(reason([0x80, 0x80, 0x80, 0x80, 0x01], bytesMax: 1 << 26) == .tooLarge)
        // Within the limit, but no block of six bytes expands to that.
        #expect(reason([0x80, 0x80, 0x80, 0x08, 0, 1], bytesMax: 1 << 26) == .invalidCompression)
    }

    @Test func randomBlocksNeverTrap() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("snappy seed: \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            var block = (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if !block.isEmpty { block[0] &= 0x7F }
            if case .success(let output) = expand(block, bytesMax: 100) { #expect(output.count <= 100) }
        }
    }
}
