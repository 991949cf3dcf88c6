import Statistics
import TelemetryModel
import Testing

/// Times come from outside, so also from both ends of what can be represented.
@Suite struct TimestampLimitTests {
    @Test(arguments: [
        ("2262-04-11T23:47:16.854775807Z", Int64.max),
        ("2262-04-12T01:47:16.854775807+02:00", Int64.max),
        ("2262-04-11T23:47:16Z", 9_223_372_036_000_000_000),
        ("1677-09-21T00:12:44Z", -9_223_372_036_000_000_000),
    ])
    func theLastTimesAreRead(text: String, nanoseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "2262-04-11T23:47:16.854775808Z", "2262-04-11T23:47:17Z", "2262-04-11T23:47:16.854775807-00:01",
        "1677-09-21T00:12:43.145224191Z", "1677-09-21T00:12:42Z", "0000-01-01T00:00:00Z",
    ])
    func whatLiesBehindThemIsRefused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [4, 5] as [UInt64]) func anyTimeIsReadAsItIsPrinted(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            // Of a whole number of seconds, milliseconds, microseconds and nanoseconds; within the seconds that are whole.
            let unit = random.pick([1_000_000_000, 1_000_000, 1000, 1] as [Int64])
            let any = Int64(bitPattern: random.next())
            let time = Timestamp(nanoseconds: max(-9_223_372_036_000_000_000, any - any % unit))
            #expect(Timestamp(rfc3339: time.description) == time, "\(time)")
            #expect(time.description.utf8.count <= 30)
        }
    }

    @Test func secondsAndMillisecondsThatDoNotFitAreRefused() {
        #expect(Timestamp(seconds: 9_223_372_036)?.seconds == 9_223_372_036)
        #expect(Timestamp(seconds: 9_223_372_037) == nil && Timestamp(seconds: .min) == nil)
        #expect(Timestamp(milliseconds: 9_223_372_036_854)?.nanoseconds == 9_223_372_036_854_000_000)
        #expect(Timestamp(milliseconds: 9_223_372_036_855) == nil && Timestamp(milliseconds: .min) == nil)
        #expect(Timestamp(nanoseconds: -1).seconds == -1 && Timestamp(nanoseconds: 999_999_999).seconds == 0)
        #expect(Timestamp(nanoseconds: .min).seconds == -9_223_372_037)
    }

    @Test(arguments: [(2000, true), (1900, false), (2024, true), (2023, false), (-400, true)])
    func leapYearsAreThoseOfTheCalendar(year: Int, isLeap: Bool) {
        #expect(CivilDate.isLeap(year) == isLeap)
        #expect((CivilDate(year: year, month: 2, day: 29) != nil) == isLeap)
        #expect(CivilDate(year: year, month: 4, day: 31) == nil && CivilDate(year: year, month: 0, day: 1) == nil)
    }
}
