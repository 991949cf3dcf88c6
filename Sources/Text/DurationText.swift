/// Durations as the command line and the settings write them: `30d`, `1h`, `90s`.
public enum DurationText {
    private static let units: [(suffix: String, nanoseconds: Int64)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1000), ("ns", 1),
    ]

    /// A whole number of the largest unit that divides `nanoseconds`.
    public static func text(_ nanoseconds: Int64) -> String {
        let unit = units.first { nanoseconds % $0.nanoseconds == 0 && nanoseconds != 0 } ?? units[3]
        return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
    }

    /// `nil` for what `text` cannot have written, and past 64 bits.
    public static func nanoseconds(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), let unit = units.first(where: { $0.suffix == text.dropFirst(digits.count) })
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
        return overflow ? nil : product
    }
}
