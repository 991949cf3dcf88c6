import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

/// What is judged at the end of a slice is the same whether it is judged then, by a consumer whose old slices are downsampled, or when all has been
/// read, as in a replay.
struct JudgedLaterTests {
    private let days: Int64 = 9

    @Test(arguments: [BudgetingMethod.occurrences, .timeslices(target: Ratio(1, 2), windowNanoseconds: minute)])
    func whatIsReadAheadChangesNoJudgement(method: BudgetingMethod) throws {
        func alert(_ name: String, _ condition: AlertCondition) -> ObjectiveAlert {
            ObjectiveAlert(name: name, severity: "warning", condition: condition)
        }
        let alerts =
            ObjectiveAlert.defaults(window: 3 * day, target: Ratio(999, 1000)) + [
                alert("week", .burnRate(factor: Ratio(2, 1), long: 7 * day, short: hour)),
                alert("left", .budgetLeft(below: Ratio(1, 2))),
                alert("drop", .budgetDrop(above: Ratio(1, 10), in: 6 * hour)),
                alert("exhaustion", .timeToExhaustion(below: day, over: 3 * hour)),
                alert("silence", .noData(for: 2 * hour)),
            ]
        let terms = terms(window: 3 * day, method: method, target: Ratio(99, 100))
        var (live, replay) = (
            ObjectiveLedger(terms: terms, alerts: alerts), ObjectiveLedger(terms: terms, alerts: alerts)
        )
        var random = SeededGenerator(seed: 7)
        var expected: [ObjectiveAlertTransition] = []
        var isOut = true
        // The first record comes 14 minutes after a quarter of an hour began, in an outage.
        for step in 14..<days * 1440 {
            if random.below(isOut ? 40 : 700) == 0 { isOut.toggle() }
            if random.below(4) == 0 || (step / 1440 == 4 && step % 1440 < 300) { continue }
            let total = Int64(1 + random.below(20))
            let good = isOut ? Int64(random.below(Int(total))) : total
            let counts = SliceCounts(good: good, total: total)
            try live.set(counts, at: at(step))
            try replay.set(counts, at: at(step))
            expected += live.evaluate(through: at(step + 1))
            live.advance(to: at(step + 1))
        }
        let found = replay.evaluate(through: at(days * 1440))
        expected += live.evaluate(through: at(days * 1440))
        #expect(found == expected)
        for alert in alerts { #expect(expected.contains { $0.alert.name == alert.name }, "\(alert.name)") }
    }
}
