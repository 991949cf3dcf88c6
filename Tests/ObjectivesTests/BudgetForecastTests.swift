import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

/// What is left of the budget when an alert changes.
@Suite struct BudgetForecastTests {
    private struct Burn {
        var rate: BurnRate
        var forecast: BudgetForecast
        var time: Timestamp
    }

    private func fired(
        target: Ratio = Ratio(9, 10), window: Int64 = 30 * day, goodMinutes: Int64
    ) throws -> Burn {
        var ledger = ObjectiveLedger(
            terms: terms(window: window, target: target),
            alerts: [alert(Ratio(5, 1), long: 10 * minute, short: 2 * minute)])
        for slice in 0..<goodMinutes { try ledger.set(SliceCounts(good: 10, total: 10), at: at(slice)) }
        for slice in goodMinutes..<goodMinutes + 10 { try ledger.set(SliceCounts(good: 0, total: 10), at: at(slice)) }
        let transition = try #require(ledger.evaluate(through: at(goodMinutes + 10)).first)
        guard case .burnRate(_, let long, _, let forecast) = transition.findings.first else {
            throw BurnMissing()
        }
        return Burn(rate: long, forecast: forecast, time: transition.time)
    }

    private struct BurnMissing: Error {}

    @Test func whatIsLeftOfAWholeWindowsBudgetIsGoneInItsPartOfTheWindowDividedByTheBurnRate() throws {
        let burn = try fired(goodMinutes: 1000)
        // Six minutes of ten records: 60 of 10,060 are bad, and a tenth may be. The burn rate over ten minutes is 6. Of the budget of 43,200
        // minutes six tenths of a hundred are spent, times ten.
        #expect(burn.time == at(1006) && burn.rate.text == "6")
        #expect(burn.forecast.left == "0.99861111" && !burn.forecast.isGone)
        let seconds = try #require(burn.forecast.exhaustionNanoseconds) / 1_000_000_000
        #expect(seconds == 431_400)
    }

    @Test func moreMayBeSpentThanThereIs() throws {
        let forecast = try fired(window: 16 * minute, goodMinutes: 10).forecast
        // 60 of 160 are bad, and 16 may be.
        #expect(forecast == BudgetForecast(left: "-2.75", isGone: true, exhaustionNanoseconds: nil))
    }

    @Test func aTargetOfOneHasNothingToSpend() throws {
        let forecast = try fired(target: .one, goodMinutes: 10).forecast
        #expect(forecast == BudgetForecast(left: nil, isGone: true, exhaustionNanoseconds: nil))
    }

    @Test func atOneOrLessTheBudgetLasts() throws {
        var ledger = ObjectiveLedger(terms: terms(window: 2 * minute, target: Ratio(9, 10)), alerts: [])
        try ledger.set(SliceCounts(good: 100, total: 100), at: at(0))
        try ledger.set(SliceCounts(good: 90, total: 100), at: at(1))
        let rate = ledger.burnRate(over: minute, endingAt: at(2))
        #expect(rate.text == "1")
        let forecast = ledger.forecast(endSlice: ledger.grid.end(at: at(2)), at: rate)
        #expect(forecast == BudgetForecast(left: "0.5", isGone: false, exhaustionNanoseconds: nil))
    }
}
