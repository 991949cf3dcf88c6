import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

@Suite struct SourceNotingTests {
    /// In any order, again and again, before a restart and after it.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func aBlockHasTheSpansOfWhatWasNoted(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var ledger = ObjectiveLedger(terms: terms())
        ledger.apply([SliceDelta(start: at(0), good: 1, total: 1)], stamp: 1)
        var expected: [Int: ClosedRange<Int64>] = [:]
        for step in 0..<200 {
            let file = seed % 2 == 0 ? step / 3 : Int(random.next() % 60)
            let first = Int64(random.next() % 1000)
            let last = first + Int64(random.next() % 50)
            let held = expected[file] ?? first...last
            expected[file] = min(held.lowerBound, first)...max(held.upperBound, last)
            ledger.note(SourceSpan(source: .file(name: name(file)), first: first, last: last), at: at(0))
            if step % 61 == 60 {
                var restored = ObjectiveLedger(terms: terms())
                for record in ledger.records { #expect(restored.adopt(try WindowRecord(json: record.json))) }
                ledger = restored
            }
        }
        let spans = try #require(ledger.records.first?.sources)
        #expect(
            spans.sorted { $0.source < $1.source }
                == expected.map { SourceSpan(source: .file(name: name($0)), first: $1.lowerBound, last: $1.upperBound) }
                .sorted { $0.source < $1.source })
    }

    private func name(_ file: Int) -> String { "logs/\(file).json.gz" }
}
