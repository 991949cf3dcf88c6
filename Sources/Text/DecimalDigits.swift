extension [UInt8] {
    /// Appends the decimal digits of a number, without making a text of it.
    @inlinable
    public mutating func append(decimal number: Int64) {
        append(addingCapacity: Int64.decimalBytesMax) { $0.append(decimal: number) }
    }
}

extension Int64 {
    /// The bytes of the longest of all: a sign and 19 digits.
    @inlinable public static var decimalBytesMax: Int { 20 }
}

extension OutputSpan where Element == UInt8 {
    /// The same where room was asked for once for several numbers: `Int64.decimalBytesMax` for each.
    @inlinable
    public mutating func append(decimal number: Int64) {
        if number < 0 { append(0x2D) }
        // Most numbers have one or two digits, which need no loop.
        let magnitude = number.magnitude
        if magnitude >= 100 { return append(digitsOf: magnitude) }
        let short = UInt32(truncatingIfNeeded: magnitude)
        if short >= 10 { append(0x30 &+ UInt8(truncatingIfNeeded: short / 10)) }
        append(0x30 &+ UInt8(truncatingIfNeeded: short % 10))
    }

    /// The last digit comes last.
    @inlinable
    mutating func append(digitsOf number: UInt64) {
        if number >= 10 { append(digitsOf: number / 10) }
        append(0x30 &+ UInt8(truncatingIfNeeded: number % 10))
    }
}
