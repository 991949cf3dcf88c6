import Testing

import TelemetryModel

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2026-11-20T10:00:00Z", 1_795_168_800_000_000_000 as Int64, "2026-11-20T10:00:00Z"),
        ("1970-01-01T00:00:00.5Z", 500_000_000, "1970-01-01T00:00:00.500Z"),
        ("1969-12-31T23:59:59.999999999Z", -1, "1969-12-31T23:59:59.999999999Z"),
        ("2024-02-29T23:30:00+01:30", 1_709_244_000_000_000_000, "2024-02-29T22:00:00Z"),
        ("2026-11-20T10:00:00.123456Z", 1_795_168_800_123_456_000, "2026-11-20T10:00:00.123456Z"),
        ("1677-09-21T00:12:44Z", -9_223_372_036_000_000_000, "1677-09-21T00:12:44Z"),
        ("2262-04-11T23:47:16.854775807Z", .max, "2262-04-11T23:47:16.854775807Z"),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000, "2017-01-01T00:00:00Z"),
    ])
    func parsesAndPrints(text: String, nanoseconds: Int64, printed: String) {
        #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
        #expect(Timestamp(nanoseconds: nanoseconds).description == printed)
    }

    @Test(arguments: [
        "", "2026-11-20", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-20T24:00:00Z",
        "2026-11-20T10:00:00", "2026-11-20T10:00:00.Z", "9999-01-01T00:00:00Z", "2026-11-20T10:00:00Zx",
        "2026-11-20T10:00:00+1:00",
    ])
    func refusesWhatIsMalformedOrOutOfRange(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func windowsBeforeTheEpochStartEarlierToo() {
        #expect(Timestamp(nanoseconds: -1).windowStart(length: 60).nanoseconds == -60)
        #expect(Timestamp(nanoseconds: -60).windowStart(length: 60).nanoseconds == -60)
        #expect(Timestamp(nanoseconds: 59).windowStart(length: 60).nanoseconds == 0)
    }

    @Test func movingPastTheRangeIsHeldAtItsLimit() {
        #expect(Timestamp(nanoseconds: .max - 1).advanced(by: 2).nanoseconds == .max)
        #expect(Timestamp(nanoseconds: .min + 1).advanced(by: -2).nanoseconds == .min)
        #expect(Timestamp(nanoseconds: 5).advanced(by: -7).nanoseconds == -2)
    }

    @Test func civilDatesRoundTripOverEightCenturies() {
        for day in stride(from: -146_097, through: 146_097, by: 1) {
            #expect(CivilDate(daysSinceEpoch: day).daysSinceEpoch == day)
        }
    }
}
