import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

/// Worked by hand.
@Suite struct ComplianceTests {
    @Test func occurrencesSpendTheirBudgetRecordByRecord() throws {
        // 1000 records, 4 bad, target 99 %: budget 10, 60 % left.
        var ledger = ObjectiveLedger(terms: terms())
        try ledger.set(SliceCounts(good: 598, total: 600), at: at(0))
        try ledger.set(SliceCounts(good: 398, total: 400), at: at(5))
        let entry = ledger.reportEntry(at: at(6))
        #expect(entry.indicator?.decimal(fractionDigitsMax: 12) == "0.996")
        #expect(entry.budget == SLOReport.Budget(total: "10", spent: "4", remainingRatio: "0.6"))
        // Bad at 0.4 % against a budget of 1 %, in every look-back.
        #expect(entry.burnRates.map(\.text) == ["0.4", "0.4", "0.4", "0.4"])
        // Six minutes of thirty days.
        #expect(entry.status == .incomplete)
        #expect(entry.unknownSlices == 43_198)
        // Of two slices that cost two records each, the earlier first.
        #expect(entry.worst.map(\.start) == [at(0), at(5)])
    }

    @Test func exactlyAtTheTargetIsMetAndOneMoreViolates() throws {
        var ledger = ObjectiveLedger(terms: terms(target: Ratio(999, 1000)))
        try ledger.set(SliceCounts(good: 99_900, total: 100_000), at: at(0))
        #expect(ledger.reportEntry(at: at(1)).status == .atRisk)
        #expect(ledger.reportEntry(at: at(1)).budget.remainingRatio == "0")
        try ledger.set(SliceCounts(good: 99_899, total: 100_000), at: at(0))
        #expect(ledger.reportEntry(at: at(1)).status == .violated)
        #expect(ledger.reportEntry(at: at(1)).budget.remainingRatio == "-0.01")
    }

    @Test func aSliceAtItsTargetIsGoodAndAnEmptyOneIsNeither() throws {
        let method = BudgetingMethod.timeslices(target: Ratio(19, 20), windowNanoseconds: 5 * minute)
        var ledger = ObjectiveLedger(terms: terms(window: hour, method: method, target: Ratio(1, 2)))
        try ledger.set(SliceCounts(good: 19, total: 20), at: at(0))
        try ledger.set(SliceCounts(good: 189, total: 200), at: at(5))
        try ledger.set(SliceCounts(good: 1, total: 1), at: at(12))
        let entry = ledger.reportEntry(at: at(60))
        #expect((entry.good, entry.total, entry.bad, entry.unknownSlices) == (2, 12, 1, 9))
        #expect(entry.indicator?.decimal(fractionDigitsMax: 3) == "0.917")
        #expect(entry.budget == SLOReport.Budget(total: "6", spent: "1", remainingRatio: "0.833333333333"))
        // Of the twelve slices since the first, nine are unknown.
        #expect(entry.status == .incomplete)
        #expect(entry.worst == [SLOReport.WorstSlice(start: at(5), good: 189, total: 200)])
    }

    @Test func ratioTimeslicesWeighSlicesAlike() throws {
        let method = BudgetingMethod.ratioTimeslices(windowNanoseconds: minute)
        var ledger = ObjectiveLedger(terms: terms(window: hour, method: method, target: Ratio(3, 4)))
        // 1/2 of a million and 1/1 of one: the mean is 3/4, exactly at the target.
        try ledger.set(SliceCounts(good: 500_000, total: 1_000_000), at: at(0))
        try ledger.set(SliceCounts(good: 1, total: 1), at: at(1))
        let entry = ledger.reportEntry(at: at(60))
        #expect(entry.indicator?.decimal(fractionDigitsMax: 12) == "0.75")
        #expect((entry.good, entry.total, entry.bad) == (500_001, 1_000_001, 500_000))
        #expect(entry.budget == SLOReport.Budget(total: "0.5", spent: "0.5", remainingRatio: "0"))
        #expect(entry.status == .atRisk)
    }

    /// By OpenSLO's definition: one day old, 30 bad minutes of 1,440, 99.9 % over 30 days.
    @Test func timeslicesSpendOfTheWholeWindowsBudget() throws {
        let method = BudgetingMethod.timeslices(target: Ratio(9, 10), windowNanoseconds: minute)
        var ledger = ObjectiveLedger(terms: terms(method: method, target: Ratio(999, 1000)))
        for slice in 0..<1440 as Range<Int64> {
            try ledger.set(SliceCounts(good: (600..<630).contains(slice) ? 0 : 10, total: 10), at: at(slice))
        }
        let entry = ledger.reportEntry(at: at(1440))
        #expect((entry.good, entry.total, entry.bad, entry.unknownSlices) == (1410, 43_200, 30, 41_760))
        #expect(entry.budget.total == "43.2" && entry.budget.spent == "30")
        #expect(entry.budget.remainingRatio == "0.305555555556")
        #expect(entry.indicator?.decimal(fractionDigitsMax: 12) == "0.999305555556")
        // 30 of a day's 1,440 slices, against a thousandth; none of the last hour's.
        #expect(entry.burnRates.map(\.text) == ["0", "0", "20.833333", "6.944444"])
        // It burned faster than the tickets allow: 3 over a day, but not within the last two hours.
        #expect(entry.status == .incomplete)
    }

    @Test(arguments: [
        BudgetingMethod.occurrences, .timeslices(target: Ratio(1, 2), windowNanoseconds: minute),
        .ratioTimeslices(windowNanoseconds: minute),
    ])
    func aSliceThatContradictsItselfIsShownAndInNoSum(method: BudgetingMethod) throws {
        var ledger = ObjectiveLedger(terms: terms(window: hour, method: method, target: Ratio(1, 2)))
        for slice in 0..<60 as Range<Int64> { try ledger.set(SliceCounts(good: 3, total: 4), at: at(slice)) }
        let sound = ledger.reportEntry(at: at(60))
        #expect(sound.status == .met)
        // Good above total, with total and without; bad above total.
        ledger.apply([SliceDelta(start: at(3), good: 9)], stamp: nil)
        ledger.apply([SliceDelta(start: at(4), good: 1, total: -4)], stamp: nil)
        ledger.apply([SliceDelta(start: at(5), good: -4)], stamp: nil)
        let entry = ledger.reportEntry(at: at(60))
        #expect(entry.status == .invalid)
        #expect(entry.inconsistentSlices == 3)
        let isSlices = method.name == "Timeslices"
        #expect(entry.good == (isSlices ? 57 : 171) && entry.bad == (isSlices ? 0 : 57))
        #expect(entry.total == (isSlices ? 60 : 228) && entry.unknownSlices == 0)
        #expect(entry.indicator?.decimal(fractionDigitsMax: 3) == (isSlices ? "1" : "0.75"))
        // Slices that are still open may be completed by another source.
        _ = ledger.evaluate(through: at(4))
        #expect(ledger.reportEntry(at: at(60)).inconsistentSlices == 1)
        _ = ledger.evaluate(through: at(60))
        // And so it is when read back, and once it was downsampled.
        var history = WindowHistory()
        for record in ledger.records { history.add(try WindowRecord(json: record.json)) }
        #expect(history.ledgers[0].reportEntry(at: at(60)).inconsistentSlices == 3)
        ledger.advance(to: at(5 * 1440))
        try #require(ledger.downsampled.count == 1)
        #expect(try WindowRecord(json: ledger.records[0].json) == ledger.records[0])
        var downsampled = ledger.reportEntry(at: at(60))
        downsampled.worst = entry.worst
        downsampled.sources = entry.sources
        #expect(downsampled == entry)
    }

    @Test func metNeedsHalfOfTheWindow() throws {
        for (first, status) in [(30, SLOReport.Status.met), (31, .incomplete)] as [(Int64, SLOReport.Status)] {
            var ledger = ObjectiveLedger(terms: terms(window: hour))
            try ledger.set(SliceCounts(good: 5, total: 5), at: at(first))
            #expect(ledger.reportEntry(at: at(60)).status == status)
        }
        // Other records of the same input came from the start: nothing matched, which says nothing against it.
        var quiet = ObjectiveLedger(terms: terms(window: hour))
        quiet.note(SourceSpan(source: .file(name: "f"), first: 0, last: 9), at: at(0))
        try quiet.set(SliceCounts(good: 5, total: 5), at: at(59))
        #expect(quiet.reportEntry(at: at(60)).status == .met)
        #expect(quiet.reportEntry(at: at(60)).countedSince == at(0))
        // Within one block of slices too, and when read back.
        var later = ObjectiveLedger(terms: terms(window: 40 * minute))
        later.note(SourceSpan(source: .file(name: "f"), first: 0, last: 9), at: at(15))
        try later.set(SliceCounts(good: 5, total: 5), at: at(49))
        var history = WindowHistory()
        for record in later.records { history.add(try WindowRecord(json: record.json)) }
        for ledger in [later, history.ledgers[0]] {
            #expect(ledger.countingBegan == at(15))
            #expect(ledger.reportEntry(at: at(50)).status == .met)
        }
    }

    @Test func aTimeslicesObjectiveIsIncompleteAboveHalfUnknown() throws {
        let method = BudgetingMethod.timeslices(target: Ratio(1, 2), windowNanoseconds: minute)
        var ledger = ObjectiveLedger(terms: terms(window: hour, method: method, target: Ratio(1, 2)))
        for slice in 0..<30 as Range<Int64> { try ledger.set(SliceCounts(good: 1, total: 1), at: at(2 * slice)) }
        #expect(ledger.reportEntry(at: at(60)).status == .met)
        try ledger.set(SliceCounts(), at: at(58))
        #expect(ledger.reportEntry(at: at(60)).status == .incomplete)
    }

    @Test func aTargetOfOneHasNoBudgetAndNoRateOnceSomethingFails() throws {
        var ledger = ObjectiveLedger(terms: terms(target: .one))
        try ledger.set(SliceCounts(good: 10, total: 10), at: at(0))
        #expect(ledger.reportEntry(at: at(1)).status != .violated)
        #expect(ledger.reportEntry(at: at(1)).burnRates[0].text == "0")
        try ledger.set(SliceCounts(good: 9, total: 10), at: at(0))
        let entry = ledger.reportEntry(at: at(1))
        #expect(entry.status == .violated)
        #expect(entry.burnRates[0].text == nil)
        #expect(entry.budget == SLOReport.Budget(total: "0", spent: "1", remainingRatio: nil))
    }

    @Test func withoutDataNothingIsClaimed() {
        let entry = ObjectiveLedger(terms: terms()).reportEntry(at: at(0))
        #expect(entry.status == .noData)
        #expect(entry.indicator == nil)
        #expect(entry.burnRates.allSatisfy { $0.text == nil })
        #expect(entry.budget == SLOReport.Budget(total: "0", spent: "0", remainingRatio: nil))
    }

    @Test func aFastBurnWithinTheBudgetIsAtRisk() throws {
        var ledger = ObjectiveLedger(terms: terms())
        for slice in 0..<6000 { try ledger.set(SliceCounts(good: 100, total: 100), at: at(Int64(slice))) }
        // Four days of thirty.
        #expect(ledger.reportEntry(at: at(6000)).status == .incomplete)
        // 1 h at 20 % bad is a burn rate of 20, and a fifth of all there is of the budget.
        for slice in 5940..<6000 { try ledger.set(SliceCounts(good: 80, total: 100), at: at(Int64(slice))) }
        let entry = ledger.reportEntry(at: at(6000))
        #expect(entry.burnRates[0].text == "20")
        #expect(entry.budget.remainingRatio == "0.8")
        #expect(entry.status == .atRisk)
    }

    /// Nobody is paged for three days of which an hour was counted, and a report says what it knows.
    @Test func aFastBurnIsAtRiskHoweverLittleWasCounted() throws {
        func status(bad: Range<Int64>, of minutes: Int64) throws -> SLOReport.Status {
            let method = BudgetingMethod.timeslices(target: Ratio(9, 10), windowNanoseconds: minute)
            var ledger = ObjectiveLedger(terms: terms(method: method, target: Ratio(999, 1000)))
            try ledger.fill(0..<minutes, good: 10, total: 10)
            try ledger.fill(bad, good: 0, total: 10)
            return ledger.reportEntry(at: at(minutes)).status
        }
        // Of 43 minutes that may be bad 30 were, in the first hour.
        #expect(try status(bad: 0..<30, of: 60) == .atRisk)
        #expect(try status(bad: 0..<1, of: 60) == .incomplete)
    }

    @Test func theWorstSlicesAreFiveAndTheCostliestFirst() throws {
        var ledger = ObjectiveLedger(terms: terms())
        for (slice, bad) in [3, 9, 0, 9, 1, 7, 4, 8].enumerated() {
            try ledger.set(SliceCounts(good: Int64(10 - bad), total: 10), at: at(Int64(slice) * 100))
        }
        #expect(ledger.reportEntry(at: at(1000)).worst.map { $0.total - $0.good } == [9, 9, 8, 7, 4])
        #expect(ledger.reportEntry(at: at(1000)).worst[0].start == at(100))
    }
}
