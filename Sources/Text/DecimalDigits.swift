extension [UInt8] {
    /// Appends the decimal digits of a number, without making a text of it.
    @inlinable
    public mutating func append(decimal number: Int64) {
        if 0 <= number, number < 10 { return append(0x30 &+ UInt8(truncatingIfNeeded: number)) }
        if number < 0 { append(0x2D) }
        var rest = number.magnitude
        // Room for all digits first, which are then put in from the last one on.
        append(0x30)
        var bound: UInt64 = 10
        while rest >= bound {
            append(0x30)
            // A magnitude has 19 digits at most.
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        var place = count - 1
        while rest > 0 {
            self[place] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            place -= 1
        }
    }
}
