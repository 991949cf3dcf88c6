import TestObjectives
import Testing

@testable import Objectives

@Suite struct BurnRateDefaultsTests {
    static let minute: Int64 = 60_000_000_000
    static let day: Int64 = 1440 * minute

    /// Budget share in percent, long and short look-back in minutes: the table that Sloth ships for 28 and 30 days, from
    /// the SRE workbook.
    static let table: [(share: Int64, long: Int64, short: Int64)] = [
        (2, 60, 5), (5, 360, 30), (10, 1440, 120), (10, 4320, 360),
    ]

    @Test(arguments: [28, 30, 90, 365] as [Int64])
    func longWindowsSpendTheSharesOfTheWorkbook(days: Int64) {
        let alerts = BurnRateAlert.defaults(window: days * Self.day)
        #expect(alerts.map(\.severity) == ["critical", "critical", "warning", "warning"])
        for (alert, row) in zip(alerts, Self.table) {
            #expect(alert.longNanoseconds == row.long * Self.minute)
            #expect(alert.shortNanoseconds == row.short * Self.minute)
            #expect(alert.factor == Ratio(row.share * days * 1440, 100 * row.long))
            #expect(alert.trafficFloor > 3)
        }
    }

    @Test func thirtyDaysHaveTheWellKnownFactors() {
        #expect(BurnRateAlert.defaults(window: 30 * Self.day).map(\.factor.description) == ["14.4", "6", "3", "1"])
        #expect(
            BurnRateAlert.defaults(window: 28 * Self.day).map(\.factor.description)
                == ["13.44", "5.6", "2.8", "0.933333333333"])
    }

    @Test func shortWindowsShrinkTheLookBacksAndKeepTheFactors() {
        let alerts = BurnRateAlert.defaults(window: 7 * Self.day)
        #expect(alerts.map(\.factor.description) == ["14.4", "6", "3", "1"])
        #expect(alerts.map { $0.longNanoseconds / Self.minute } == [14, 84, 336, 1008])
        #expect(alerts.map { $0.shortNanoseconds / Self.minute } == [2, 7, 28, 84])
    }

    @Test(arguments: [1, 59, 60_000_000_000, 3_600_000_000_000, 86_399_999_999_999, .max] as [Int64])
    func everyWindowHasAlertsOfAMinuteOrMore(window: Int64) {
        for alert in BurnRateAlert.defaults(window: window) {
            #expect(alert.shortNanoseconds >= Self.minute)
            #expect(alert.longNanoseconds >= alert.shortNanoseconds)
            #expect(alert.factor > .zero)
        }
    }
}
