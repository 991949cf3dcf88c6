import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

@Suite struct BurnRateEvaluationTests {
    /// Target 90 %, factor 5, 10 min and 2 min: fires above 50 % bad in both.
    private func ledger(floor: Int64 = 0) -> ObjectiveLedger {
        ObjectiveLedger(
            terms: terms(target: Ratio(9, 10)),
            alerts: [alert(Ratio(5, 1), long: 10 * minute, short: 2 * minute, floor: floor)])
    }

    private func fill(_ ledger: inout ObjectiveLedger, _ minutes: Range<Int64>, good: Int64, total: Int64) throws {
        for slice in minutes { try ledger.set(SliceCounts(good: good, total: total), at: at(slice)) }
    }

    @Test func firesOnceBothWindowsBurnAndResolvesWhenTheShortOneStops() throws {
        var ledger = ledger()
        try fill(&ledger, 0..<10, good: 10, total: 10)
        try fill(&ledger, 10..<20, good: 0, total: 10)
        try fill(&ledger, 20..<30, good: 10, total: 10)
        let transitions = ledger.evaluate(through: at(30))
        #expect(transitions.map(\.isFiring) == [true, false])
        // 50 of 100 are bad at minute 15, which is the factor and not above it; 60 of 100 at minute 16.
        #expect(transitions[0].time == at(16))
        #expect(transitions[0].long.text == "6")
        #expect((transitions[0].long.good, transitions[0].long.total) == (40, 100))
        #expect(transitions[0].short.text == "10")
        // At minute 21 half of the short window is bad: at the factor, hence no longer above it.
        #expect(transitions[1].time == at(21))
        #expect(transitions[1].firingSince == at(16))
        #expect(transitions[1].short.text == "5")
    }

    @Test func exactlyAtTheFactorDoesNotFireAndOneRecordMoreDoes() throws {
        for (bad, fires) in [(500_000, false), (500_001, true)] as [(Int64, Bool)] {
            var ledger = ledger()
            try ledger.set(SliceCounts(good: 1_000_000 - bad, total: 1_000_000), at: at(0))
            #expect(!ledger.evaluate(through: at(1)).isEmpty == fires)
        }
    }

    @Test func oneFailureInThreeRequestsPagesNobody() throws {
        let window = 30 * day
        var ledger = ObjectiveLedger(
            terms: terms(target: Ratio(999, 1000)), alerts: BurnRateAlert.defaults(window: window))
        try ledger.set(SliceCounts(good: 2, total: 3), at: at(0))
        #expect(ledger.evaluate(through: at(1)).isEmpty)
        #expect(ledger.burnRate(over: hour, endingAt: at(1)).rate.map { $0 > 300 } == true)
    }

    @Test func trafficAtTheFloorIsEnough() throws {
        for (total, fires) in [(29, false), (30, true)] as [(Int64, Bool)] {
            var ledger = ledger(floor: 30)
            try ledger.set(SliceCounts(good: 0, total: total), at: at(0))
            #expect(!ledger.evaluate(through: at(1)).isEmpty == fires)
        }
    }

    @Test func silenceChangesNothing() throws {
        var ledger = ledger()
        try ledger.set(SliceCounts(good: 0, total: 10), at: at(0))
        #expect(ledger.evaluate(through: at(1)).map(\.isFiring) == [true])
        #expect(ledger.evaluate(through: at(500)).isEmpty)
        #expect(ledger.evaluation.firingSince == [at(1)])
        try ledger.set(SliceCounts(good: 10, total: 10), at: at(600))
        let transitions = ledger.evaluate(through: at(601))
        #expect(transitions.map(\.isFiring) == [false])
        #expect(transitions[0].firingSince == at(1))
    }

    @Test func openSlicesAreNotJudgedAndClosedOnesOnlyOnce() throws {
        var ledger = ledger()
        try ledger.set(SliceCounts(good: 0, total: 10), at: at(0))
        #expect(ledger.evaluate(through: at(1).advanced(by: -1)).isEmpty)
        #expect(ledger.evaluate(through: at(1)).count == 1)
        #expect(ledger.evaluate(through: at(1)).isEmpty)
        #expect(ledger.evaluate(through: at(0)).isEmpty)
        // Restated later: the counts change, what was announced does not.
        try ledger.set(SliceCounts(good: 10, total: 10), at: at(0))
        #expect(ledger.evaluate(through: at(1)).isEmpty)
        #expect(ledger.reportEntry(at: at(1)).good == 10)
    }

    @Test func aRestartGoesOnWhereItWas() throws {
        var before = ledger()
        try fill(&before, 0..<10, good: 0, total: 10)
        #expect(before.evaluate(through: at(10)).count == 1)
        var after = ledger()
        for record in before.records { after.restore(record) }
        after.evaluation.evaluatedEnd = before.evaluation.evaluatedEnd
        let known = [
            after.restoreFiring(alert: "page", since: at(1)), after.restoreFiring(alert: "none", since: at(1)),
        ]
        #expect(known == [true, false])
        #expect(after.evaluation == before.evaluation)
        for ledger in [before, after] {
            var ledger = ledger
            try fill(&ledger, 10..<20, good: 10, total: 10)
            #expect(ledger.evaluate(through: at(20)).map(\.isFiring) == [false])
        }
    }

    @Test func aTargetOfOneFiresAtTheFirstFailure() throws {
        var ledger = ObjectiveLedger(
            terms: terms(target: .one), alerts: [alert(Ratio(72, 5), long: hour, short: 5 * minute)])
        try ledger.set(SliceCounts(good: 1000, total: 1000), at: at(0))
        #expect(ledger.evaluate(through: at(1)).isEmpty)
        try ledger.set(SliceCounts(good: 999, total: 1000), at: at(1))
        #expect(ledger.evaluate(through: at(2)).map(\.isFiring) == [true])
    }

    @Test func timeslicesBurnBySlices() throws {
        let method = BudgetingMethod.timeslices(target: Ratio(9, 10), windowNanoseconds: minute)
        var ledger = ObjectiveLedger(
            terms: terms(method: method, target: Ratio(9, 10)),
            alerts: [alert(Ratio(5, 1), long: 10 * minute, short: 2 * minute)])
        // A slice with 11 % bad is as bad as one with all bad.
        try fill(&ledger, 0..<10, good: 89, total: 100)
        let transitions = ledger.evaluate(through: at(10))
        // Above half of ten slices, of which those before the first are unknown.
        #expect(transitions.map(\.time) == [at(6)])
        #expect(transitions[0].long.text == "6")
        #expect((transitions[0].long.good, transitions[0].long.bad, transitions[0].long.total) == (0, 6, 10))
        #expect(transitions[0].long.traffic == 600)
    }
}
