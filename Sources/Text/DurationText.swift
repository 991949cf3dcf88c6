/// Durations as they are written everywhere in Tidewatch: a whole number and one unit, `500ms`, `90s`, `5m`, `1h`, `30d`, `4w`.
public enum DurationText {
    public enum Fault: Error {
        /// Not a whole number followed by a unit.
        case malformed
        /// Months, quarters and years of OpenSLO, which have no fixed length.
        case calendarUnit
        /// Longer than 64-bit nanoseconds can hold (292 years).
        case tooLong
    }

    public static let nanosecondsPerSecond: Int64 = 1_000_000_000
    public static let nanosecondsPerMinute: Int64 = 60 * nanosecondsPerSecond

    private static let units: [(suffix: String, nanoseconds: Int64)] = [
        ("w", 7 * 24 * 60 * nanosecondsPerMinute), ("d", 24 * 60 * nanosecondsPerMinute),
        ("h", 60 * nanosecondsPerMinute), ("m", nanosecondsPerMinute), ("s", nanosecondsPerSecond),
        ("ms", 1_000_000), ("us", 1000), ("ns", 1),
    ]

    /// A whole number of the largest unit up to a day that divides `nanoseconds`.
    public static func text(_ nanoseconds: Int64) -> String {
        let unit =
            nanoseconds == 0
            ? units[4] : units.dropFirst().first { nanoseconds % $0.nanoseconds == 0 } ?? units[units.count - 1]
        return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
    }

    /// In nanoseconds. A unit below `finest` is none: people write no nanoseconds, but `text` does.
    public static func nanoseconds(_ text: String, finest: Int64 = 1) throws(Fault) -> Int64 {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let suffix = String(text.utf8.dropFirst(digits.count))
        guard !digits.isEmpty else { throw .malformed }
        if ["M", "Q", "Y"].contains(suffix) { throw .calendarUnit }
        guard let unit = units.first(where: { $0.suffix == suffix }), unit.nanoseconds >= finest else {
            throw .malformed
        }
        guard let number = Int64(Substring(digits)) else { throw .tooLong }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.nanoseconds)
        guard !overflow else { throw .tooLong }
        return product
    }
}
