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

    /// An alert has the sources of the hours that its look-backs touch, whether it opens or ends, and of none before and behind them.
    @Test func anAlertHasTheSourcesOfItsHours() throws {
        var ledger = ObjectiveLedger(
            terms: terms(target: Ratio(9, 10)),
            alerts: [alert(Ratio(5, 1), long: 70 * minute, short: 2 * minute, confidence: Ratio(9, 10), keep: 0)])
        try ledger.fill(0..<290, good: 10, total: 10)
        try ledger.fill(290..<340, good: 0, total: 10)
        try ledger.fill(340..<420, good: 10, total: 10)
        for hour in 0..<7 as Range<Int64> {
            let span = SourceSpan(
                source: .kafka(topic: "t", partition: Int32(hour % 2)), first: 100 * hour, last: 100 * hour + 150)
            ledger.note(span, at: at(60 * hour))
        }
        let transitions = ledger.evaluate(through: at(420))
        try #require(transitions.map(\.isFiring) == [true, false])
        for transition in transitions {
            let end = (transition.sliceEnd.nanoseconds - at(0).nanoseconds) / minute
            let hours = (end - 70) / 60...(end - 1) / 60
            let expected = (0..<2 as Range<Int64>).compactMap { partition -> SourceSpan? in
                let own = hours.filter { $0 % 2 == partition }
                guard let first = own.first, let last = own.last else { return nil }
                return SourceSpan(
                    source: .kafka(topic: "t", partition: Int32(partition)), first: 100 * first, last: 100 * last + 150)
            }
            #expect(transition.sources == expected, "\(end): \(transition.sources)")
        }
    }

    private func name(_ file: Int) -> String { "logs/\(file).json.gz" }
}
