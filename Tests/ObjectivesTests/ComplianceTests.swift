import TelemetryModel
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
        #expect(entry.status == .met)
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
        #expect((entry.good, entry.total, entry.bad, entry.unknownSlices) == (2, 3, 1, 9))
        #expect(entry.indicator?.decimal(fractionDigitsMax: 3) == "0.667")
        #expect(entry.budget == SLOReport.Budget(total: "1.5", spent: "1", remainingRatio: "0.333333333333"))
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

    @Test func goodThatRunsAheadOfTotalPaysForNoOtherSlice() throws {
        let method = BudgetingMethod.ratioTimeslices(windowNanoseconds: minute)
        var ledger = ObjectiveLedger(terms: terms(method: method))
        try ledger.set(SliceCounts(good: .max, total: 1), at: at(0))
        try ledger.set(SliceCounts(good: 0, total: 1), at: at(1))
        #expect(ledger.reportEntry(at: at(2)).indicator?.decimal(fractionDigitsMax: 3) == "0.5")
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
        #expect(ledger.reportEntry(at: at(6000)).status == .met)
        // 1 h at 20 % bad is a burn rate of 20, and a fifth of all there is of the budget.
        for slice in 5940..<6000 { try ledger.set(SliceCounts(good: 80, total: 100), at: at(Int64(slice))) }
        let entry = ledger.reportEntry(at: at(6000))
        #expect(entry.burnRates[0].text == "20")
        #expect(entry.budget.remainingRatio == "0.8")
        #expect(entry.status == .atRisk)
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
