import Text

/// Reads durations as they are written everywhere in Tidewatch: `500ms`, `90s`, `5m`, `1h`, `30d`, `4w`.
enum DurationText {
    enum Fault: Error {
        /// Not a whole number followed by a unit.
        case malformed
        /// Months, quarters and years of OpenSLO, which have no fixed length.
        case calendarUnit
        /// Longer than 64-bit nanoseconds can hold (292 years).
        case tooLong
    }

    static let nanosecondsPerSecond: Int64 = 1_000_000_000
    static let nanosecondsPerMinute: Int64 = 60 * nanosecondsPerSecond

    /// In nanoseconds.
    static func parse(_ text: String) throws(Fault) -> Int64 {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { throw .malformed }
        let unit: Int64
        switch text.utf8.dropFirst(digits.count).map({ Character(Unicode.Scalar($0)) }) {
        case ["m", "s"]: unit = 1_000_000
        case ["s"]: unit = nanosecondsPerSecond
        case ["m"]: unit = nanosecondsPerMinute
        case ["h"]: unit = 60 * nanosecondsPerMinute
        case ["d"]: unit = 24 * 60 * nanosecondsPerMinute
        case ["w"]: unit = 7 * 24 * 60 * nanosecondsPerMinute
        case ["M"], ["Q"], ["Y"]: throw .calendarUnit
        default: throw .malformed
        }
        guard let number = Int64(Substring(digits)) else { throw .tooLong }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { throw .tooLong }
        return product
    }

    /// The shortest of the forms above that is exact; nanoseconds where none is.
    static func format(nanoseconds: Int64) -> String {
        let units: [(Int64, String)] = [
            (24 * 60 * nanosecondsPerMinute, "d"), (60 * nanosecondsPerMinute, "h"), (nanosecondsPerMinute, "m"),
            (nanosecondsPerSecond, "s"), (1_000_000, "ms"),
        ]
        for (unit, suffix) in units where nanoseconds >= unit && nanoseconds % unit == 0 {
            return "\(nanoseconds / unit)\(suffix)"
        }
        return nanoseconds == 0 ? "0s" : "\(nanoseconds)ns"
    }
}
