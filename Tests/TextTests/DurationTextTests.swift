import Testing
import Text

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("500ms", 500_000_000), ("90s", 90_000_000_000), ("1h", 3_600_000_000_000), ("30d", 2_592_000_000_000_000),
            ("0s", 0), ("7us", 7000), ("3ns", 3), ("-1m", -60_000_000_000), ("7d", 604_800_000_000_000),
        ] as [(String, Int64)])
    func theLargestUnitThatFitsIsWritten(text: String, nanoseconds: Int64) throws {
        #expect(DurationText.text(nanoseconds) == text)
        if nanoseconds >= 0 { #expect(try DurationText.nanoseconds(text) == nanoseconds) }
    }

    @Test func weeksAreRead() throws {
        #expect(try DurationText.nanoseconds("4w") == DurationText.nanoseconds("28d"))
    }

    @Test(arguments: [
        ("", DurationText.Fault.malformed), ("m", .malformed), ("60", .malformed), ("-1m", .malformed),
        ("1 m", .malformed), ("1.5h", .malformed), ("1mm", .malformed), ("٣m", .malformed), ("1M", .calendarUnit),
        ("2Q", .calendarUnit), ("1Y", .calendarUnit), ("9999999999d", .tooLong), ("99999999999999999999s", .tooLong),
    ])
    func whatIsNoDurationIsRefused(text: String, fault: DurationText.Fault) {
        #expect(throws: fault) { try DurationText.nanoseconds(text) }
    }

    @Test func unitsTooFineAreNone() throws {
        #expect(throws: DurationText.Fault.malformed) { try DurationText.nanoseconds("5us", finest: 1_000_000) }
        #expect(try DurationText.nanoseconds("5ms", finest: 1_000_000) == 5_000_000)
    }
}
