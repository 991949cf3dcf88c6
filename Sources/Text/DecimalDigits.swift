extension [UInt8] {
    /// Appends the decimal digits of a number, without making a text of it.
    @inlinable
    public mutating func append(decimal number: Int64) {
        if number < 0 { append(0x2D) }
        let first = count
        var rest = number.magnitude
        repeat {
            append(0x30 &+ UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        self[first...].reverse()
    }
}
