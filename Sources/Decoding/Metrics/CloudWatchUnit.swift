import Text

/// CloudWatch's names of units, from the UCUM codes that metric streams write into OpenTelemetry.
///
/// Source: Amazon CloudWatch user guide, "Translations with OpenTelemetry 1.0.0 format"; a unit with a slash is two of them
/// ("By/s" is "Bytes/Second"). The guide spells some prefixes of bits with a capital ("MBit"), so both spellings are known.
enum CloudWatchUnit {
    /// Appends the name of the unit that `code` represents; `false`, with nothing appended, when there is none.
    static func appendName(of code: Range<Int>, in bytes: RawSpan, to text: inout [UInt8]) -> Bool {
        var slash: Int?
        for place in code where bytes.byte(place) == UInt8(ascii: "/") { slash = place }
        guard let name = name(of: code.lowerBound..<(slash ?? code.upperBound), in: bytes) else { return false }
        guard let slash else {
            append(name, to: &text)
            return true
        }
        guard bytes.isEqual((slash + 1)..<code.upperBound, "s") else { return false }
        append(name, to: &text)
        append("/Second", to: &text)
        return true
    }

    private static func name(of code: Range<Int>, in bytes: RawSpan) -> StaticString? {
        for (ucum, name) in names where bytes.isEqual(code, ucum) { return name }
        return nil
    }

    private static func append(_ name: StaticString, to text: inout [UInt8]) {
        for place in 0..<name.utf8CodeUnitCount { text.append(name.byte(place)) }
    }

    private static let names: [(StaticString, StaticString)] = [
        ("{Count}", "Count"), ("1", "None"), ("%", "Percent"),
        ("s", "Seconds"), ("ms", "Milliseconds"), ("us", "Microseconds"),
        ("By", "Bytes"), ("kBy", "Kilobytes"), ("MBy", "Megabytes"), ("GBy", "Gigabytes"), ("TBy", "Terabytes"),
        ("bit", "Bits"), ("kbit", "Kilobits"),
        ("MBit", "Megabits"), ("GBit", "Gigabits"), ("Tbit", "Terabits"),
        ("Mbit", "Megabits"), ("Gbit", "Gigabits"), ("TBit", "Terabits"),
    ]
}
