import Statistics
import Testing

@testable import KafkaClient

struct DeliveryTrackerTests {
    @Test
    func reportsInAnyOrderResolveEveryPrefix() {
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: .min ... .max, using: &random)
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var ledger = DeliveryTracker()
        var open: [UInt64] = []
        var resolved: Set<UInt64> = []
        for _ in 0..<20_000 {
            if open.isEmpty || (Bool.random(using: &generator) && open.count < 3_000) {
                open.append(ledger.begin())
            } else {
                let sequence = open.remove(at: Int.random(in: 0..<open.count, using: &generator))
                let fails = Int.random(in: 0..<50, using: &generator) == 0
                let isNew = ledger.resolve(sequence, fails ? KafkaError(code: .fail, operation: "produce") : nil)
                #expect(isNew)
                resolved.insert(sequence)
            }
            #expect(ledger.resolvedThrough == (open.min() ?? ledger.lastSequence + 1) - 1)
        }
        #expect(ledger.counters.delivered + ledger.counters.failed == resolved.count)
        #expect(ledger.open >= open.count)
    }

    @Test
    func aSecondReportIsNotCountedTwice() {
        var ledger = DeliveryTracker()
        let first = ledger.begin()
        let second = ledger.begin()
        let answers = [second, second, first, first, 99].map { ledger.resolve($0, nil) }
        #expect(answers == [true, false, true, false, false])
        #expect(ledger.counters.delivered == 2)
        #expect(ledger.counters.unexpectedReports == 3)
    }

    @Test
    func failuresAreToldToAllWhoWaitForThemOrForWhatCameAfter() {
        var ledger = DeliveryTracker()
        for _ in 0..<4 { _ = ledger.begin() }
        let error = KafkaError(code: .fail, operation: "produce")
        for sequence in [4, 2, 1, 3] as [UInt64] { ledger.resolve(sequence, sequence == 3 ? nil : error) }
        let taken = [2, 4, 4].map { ledger.failures(through: $0).map(\.sequence) }
        #expect(taken == [[1, 2], [1, 2, 4], [1, 2, 4]])
    }

    @Test func whatItsSenderDealtWithFailsAndIsNotToldToOthers() {
        var ledger = DeliveryTracker()
        let refused = ledger.begin()
        let sent = ledger.begin()
        ledger.withdraw(refused)
        ledger.resolve(sent, nil)
        #expect(ledger.resolvedThrough == sent)
        #expect(ledger.failures(through: sent).isEmpty)
        #expect(ledger.counters.failed == 1)
        #expect(ledger.counters.delivered == 1)
    }
}
