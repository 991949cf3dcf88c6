import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

@Suite struct AlertConditionTests {
    /// Target 90 % over ten hours.
    private func ledger(
        _ condition: AlertCondition, method: BudgetingMethod = .occurrences, keep: Int64? = nil
    ) -> ObjectiveLedger {
        ObjectiveLedger(
            terms: terms(window: 10 * hour, method: method, target: Ratio(9, 10)),
            alerts: [
                ObjectiveAlert(
                    name: "own", severity: "warning", condition: condition, keepFiringForNanoseconds: keep)
            ])
    }

    private func changes(_ ledger: inout ObjectiveLedger, through minute: Int64) -> [String] {
        let base = at(0).nanoseconds
        return ledger.evaluate(through: at(minute)).map {
            "\($0.isFiring) \(($0.time.nanoseconds - base) / TestObjectives.minute)"
        }
    }

    private func expect(
        _ expected: [String], of ledger: inout ObjectiveLedger, through minute: Int64,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = changes(&ledger, through: minute)
        #expect(found == expected, sourceLocation: sourceLocation)
    }

    @Test func lessThanAFifthOfTheBudgetIsLeft() throws {
        var ledger = ledger(.budgetLeft(below: Ratio(1, 5)))
        try ledger.fill(0..<600, good: 100, total: 100)
        // 6000 may fail: 4800 have at minute 648, and are a fifth and not less.
        try ledger.fill(600..<649, good: 0, total: 100)
        try ledger.fill(649..<1300, good: 100, total: 100)
        expect(["true 649", "false 1201"], of: &ledger, through: 1300)
    }

    /// With the rest of the window taken as free of failures.
    @Test func aBudgetIsNotGoneAfterTheFirstFailure() throws {
        var ledger = ledger(.budgetLeft(below: Ratio(1, 5)))
        try ledger.fill(0..<47, good: 0, total: 100)
        expect([], of: &ledger, through: 47)
        try ledger.fill(47..<49, good: 0, total: 100)
        expect(["true 49"], of: &ledger, through: 49)
    }

    @Test func aShareOfTheBudgetInATime() throws {
        var ledger = ledger(.budgetDrop(above: Ratio(1, 2), in: hour))
        try ledger.fill(0..<600, good: 100, total: 100)
        // Half of 6000; in an hour and a half it is not in any hour.
        for slice in 600..<690 as Range<Int64> { try ledger.set(SliceCounts(good: 60, total: 100), at: at(slice)) }
        expect([], of: &ledger, through: 690)
        try ledger.fill(690..<720, good: 0, total: 100)
        // 60 min - m of 40, and m of 100: above 3000 from the eleventh on, and by more than chance a little later.
        let found = changes(&ledger, through: 720)
        let opened = try #require(found.first)
        #expect(["true 701", "true 702", "true 703", "true 704"].contains(opened), "\(opened)")
    }

    @Test func timeToExhaustionFallsWithTheRateAndWithWhatIsLeft() throws {
        var ledger = ledger(.timeToExhaustion(below: 2 * hour, over: hour))
        // Half of the budget is spent evenly in the window: at 0.5 the other half lasts for ten hours.
        try ledger.fill(0..<600, good: 95, total: 100)
        expect([], of: &ledger, through: 600)
        // At 5, as long as 0.5 is left, it would be gone in an hour.
        try ledger.fill(600..<660, good: 50, total: 100)
        let found = changes(&ledger, through: 660)
        let opened = try #require(found.first)
        #expect(opened.hasPrefix("true 6"))
        #expect(opened > "true 615" && opened < "true 630", "\(opened)")
    }

    @Test func silenceOpensAtItsMomentAndTheFirstRecordResolves() throws {
        var ledger = ledger(.noData(for: 30 * minute))
        expect([], of: &ledger, through: 0)
        try ledger.fill(0..<10, good: 1, total: 1)
        expect([], of: &ledger, through: 39)
        expect(["true 40"], of: &ledger, through: 40)
        expect([], of: &ledger, through: 500)
        try ledger.fill(500..<501, good: 1, total: 1)
        expect(["false 501"], of: &ledger, through: 501)
        // However few questions are asked: two silences at once.
        try ledger.fill(600..<601, good: 1, total: 1)
        expect(["true 531", "false 601", "true 631"], of: &ledger, through: 700)
    }

    /// It is over when there has been no silence for that long, and another one meanwhile is none of its own.
    @Test func anAlertOfASilenceIsKept() throws {
        var ledger = ledger(.noData(for: 30 * minute), keep: 10 * minute)
        try ledger.fill(0..<10, good: 1, total: 1)
        try ledger.fill(100..<130, good: 1, total: 1)
        expect(["true 40", "false 110"], of: &ledger, through: 130)
        try ledger.fill(200..<205, good: 1, total: 1)
        try ledger.fill(240..<241, good: 1, total: 1)
        try ledger.fill(245..<260, good: 1, total: 1)
        expect(["true 160", "false 250"], of: &ledger, through: 260)
    }

    /// A pause that is no silence yet does not hold what burnt before it.
    @Test func aShortPauseKeepsNoAlertOfAnotherCondition() throws {
        let burning = AlertCondition.burnRate(factor: .one, long: 10 * minute, short: 5 * minute)
        var ledger = ledger(.any([burning, .noData(for: 30 * minute)]), keep: 10 * minute)
        try ledger.fill(0..<60, good: 100, total: 100)
        try ledger.fill(60..<70, good: 0, total: 100)
        try ledger.fill(74..<120, good: 100, total: 100)
        // It burnt until minute 70. At 74, after the pause, nothing says that it still did.
        #expect(changes(&ledger, through: 120).last == "false 80")
    }

    @Test func silenceIsFoundAgainAfterARestart() throws {
        var before = ledger(.noData(for: 30 * minute))
        try before.fill(0..<10, good: 1, total: 1)
        expect([], of: &before, through: 20)
        var after = ledger(.noData(for: 30 * minute))
        for record in before.records { after.restore(record) }
        after.evaluation.evaluatedEnd = before.evaluation.evaluatedEnd
        expect(["true 40"], of: &after, through: 60)
    }

    @Test func allAndAnyAreBooleans() throws {
        let burning = AlertCondition.burnRate(factor: .one, long: 10 * minute, short: minute)
        let spent = AlertCondition.budgetLeft(below: Ratio(1, 2))
        for (condition, expected) in [
            (AlertCondition.all([burning, spent]), ["true 631"]), (.any([burning, spent]), ["true 602"]),
        ] {
            var ledger = ledger(condition)
            try ledger.fill(0..<600, good: 100, total: 100)
            try ledger.fill(600..<640, good: 0, total: 100)
            // One minute is 10 of 100 and not above it; 3000 failures leave a half, and not less.
            expect(expected, of: &ledger, through: 640)
        }
        let findings = try #require(
            {
                var ledger = ledger(.all([burning, spent]))
                try ledger.fill(0..<60, good: 0, total: 100)
                return ledger.evaluate(through: at(60)).first?.findings
            }())
        #expect(findings.count == 2)
    }
}
