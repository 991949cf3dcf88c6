import TestObjectives
import Testing

@testable import Objectives

@Suite struct AlertDefaultsTests {
    static let minute: Int64 = 60_000_000_000
    static let day: Int64 = 1440 * minute

    /// Budget share in percent, long and short look-back in minutes: the table that Sloth ships for 28 and 30 days, from
    /// the SRE workbook.
    static let table: [(share: Int64, long: Int64, short: Int64)] = [
        (2, 60, 5), (5, 360, 30), (10, 1440, 120), (10, 4320, 360),
    ]

    /// Of all burn rates in their order.
    private func rates(_ window: Int64) -> [(factor: Ratio, long: Int64, short: Int64)] {
        ObjectiveAlert.defaults(window: window, target: Ratio(999, 1000)).flatMap(\.condition.leaves).compactMap {
            leaf in
            if case .burnRate(let factor, let long, let short) = leaf { (factor, long, short) } else { nil }
        }
    }

    @Test(arguments: [28, 30, 90, 365] as [Int64])
    func longWindowsSpendTheSharesOfTheWorkbook(days: Int64) {
        let found = rates(days * Self.day)
        #expect(found.count == 4)
        for (rate, row) in zip(found, Self.table) {
            #expect(rate.long == row.long * Self.minute)
            #expect(rate.short == row.short * Self.minute)
            #expect(rate.factor == Ratio(row.share * days * 1440, 100 * row.long))
        }
    }

    @Test func aPageAndATicketThatWaitsForIt() {
        let alerts = ObjectiveAlert.defaults(window: 30 * Self.day, target: Ratio(999, 1000))
        #expect(alerts.map(\.name) == ["page", "ticket"])
        #expect(alerts.map(\.severity) == ["critical", "warning"])
        #expect(alerts.map(\.heldBackBy) == [nil, "page"])
        #expect(alerts.map(\.keepFiringForNanoseconds) == [5 * Self.minute, 120 * Self.minute])
    }

    @Test func thirtyDaysHaveTheWellKnownFactors() {
        #expect(rates(30 * Self.day).map(\.factor.description) == ["14.4", "6", "3", "1"])
        #expect(rates(28 * Self.day).map(\.factor.description) == ["13.44", "5.6", "2.8", "0.933333333333"])
    }

    @Test func shortWindowsShrinkTheLookBacksAndKeepTheFactors() {
        let rates = rates(7 * Self.day)
        #expect(rates.map(\.factor.description) == ["14.4", "6", "3", "1"])
        #expect(rates.map { $0.long / Self.minute } == [14, 84, 336, 1008])
        #expect(rates.map { $0.short / Self.minute } == [2, 7, 28, 84])
    }

    @Test(arguments: [1, 59, 60_000_000_000, 3_600_000_000_000, 86_399_999_999_999, .max] as [Int64])
    func everyWindowHasAlertsOfAMinuteOrMore(window: Int64) {
        for rate in rates(window) {
            #expect(rate.short >= Self.minute)
            #expect(rate.long >= rate.short)
            #expect(rate.factor > .zero)
        }
    }
}
