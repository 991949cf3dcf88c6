import Reporting
import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

/// Records come from a topic that others can write to: whatever stands in them is refused or reported, and never traps.
@Suite struct WindowRecordFuzzTests {
    @Test(arguments: [11, 12] as [UInt64])
    func changedBytesAreRefusedOrReported(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let methods: [BudgetingMethod] = [
            .occurrences, .timeslices(target: Ratio(9, 10), windowNanoseconds: minute),
            .ratioTimeslices(windowNanoseconds: minute),
        ]
        let extremes = ["0", "-1", "1e400", "9223372036854775807", "0.000000000000000001", "null", "[]", "\"\"", "1d"]
        var accepted = 0
        for step in 0..<2000 {
            let record = WindowRecord(
                terms: terms(method: methods[step % 3]), start: at(0),
                slices: [SliceCounts(good: 1, total: 2), SliceCounts(), SliceCounts(good: 3, total: 4, late: 1)],
                sources: [SourceSpan(source: .kafka(topic: "t", partition: 0), first: 1, last: 2)])
            var bytes = record.json
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[place] = UInt8(ascii: "9")
                default:
                    // A whole number or word is replaced, so that extremes get past the grammar.
                    guard let start = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) }) else {
                        continue
                    }
                    let end = bytes[start...].firstIndex { !(0x30...0x39).contains($0) } ?? bytes.endIndex
                    bytes.replaceSubrange(start..<end, with: extremes.randomElement(using: &random)!.utf8)
                }
            }
            guard let changed = try? WindowRecord(json: bytes) else { continue }
            accepted += 1
            var history = WindowHistory()
            history.add(record)
            history.add(changed)
            for time in [changed.start, at(100), Timestamp(nanoseconds: .max)] {
                let report = SLOReport(at: time, ledgers: history.ledgers)
                #expect(!report.json.isEmpty)
                #expect(!report.table().isEmpty)
            }
            for record in history.ledgers.flatMap(\.records) {
                #expect(try WindowRecord(json: record.json) == record)
            }
        }
        // Refusing everything would prove nothing about what follows.
        #expect(accepted > 100)
    }
}
