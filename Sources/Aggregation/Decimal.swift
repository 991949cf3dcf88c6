/// Lends the decimal digits of an integer as ASCII.
@inline(__always)
func withDecimal(_ value: Int64, _ body: (UnsafeRawPointer, Int) -> Void) {
    unsafe withUnsafeTemporaryAllocation(byteCount: Decimal.bytesMax, alignment: 8) { buffer in
        guard let base = buffer.baseAddress else { return }
        let count = unsafe Decimal.write(value, to: base)
        unsafe body(UnsafeRawPointer(base), count)
    }
}

/// Numbers as text, written into memory that is given, without allocating.
enum Decimal {
    /// The most that `write` writes: "-9223372036854775808" has 20 bytes, the longest double 24.
    static let bytesMax = 32

    /// Writes an integer and returns how many bytes it took.
    @unsafe
    static func write(_ value: Int64, to target: UnsafeMutableRawPointer) -> Int {
        if value >= 0 { return unsafe write(UInt64(value), to: target) }
        unsafe target.storeBytes(of: 0x2D, as: UInt8.self)
        return unsafe write(value.magnitude, to: target + 1) + 1
    }

    @unsafe
    static func write(_ value: UInt64, to target: UnsafeMutableRawPointer) -> Int {
        let count = digitCount(value)
        unsafe write(value, digits: count, to: target)
        return count
    }

    /// Writes exactly `digits` digits, with leading zeros.
    @unsafe @inline(__always)
    private static func write(_ value: UInt64, digits: Int, to target: UnsafeMutableRawPointer) {
        var rest = value
        var place = digits
        // Two at a time: each division waits for the one before.
        while place > 1 {
            place &-= 2
            let next = rest / 100
            let pair = UInt16(truncatingIfNeeded: rest &- next &* 100)
            let tens = (pair &* 103) >> 10
            let text = (pair &- tens &* 10) << 8 | tens | 0x3030
            unsafe target.storeBytes(of: text.littleEndian, toByteOffset: place, as: UInt16.self)
            rest = next
        }
        while place > 0 {
            place &-= 1
            let next = rest / 10
            unsafe target.storeBytes(
                of: UInt8(truncatingIfNeeded: rest &- next &* 10) &+ 0x30, toByteOffset: place, as: UInt8.self)
            rest = next
        }
    }

    @inline(__always)
    private static func digitCount(_ value: UInt64) -> Int {
        var bound: UInt64 = 10
        var count = 1
        while value >= bound && count < 19 {
            bound &*= 10
            count &+= 1
        }
        return value >= 10_000_000_000_000_000_000 ? 20 : count
    }

    /// Writes the shortest text that reads back as the same double; a whole number below 2⁶³ without a fraction.
    ///
    /// Most measurements have few decimals. If m = x·10⁶ rounds to a whole number below 10¹⁵ and m/10⁶ is x again
    /// (division rounds correctly, so that is what reading the text would give), the digits of m are a text for x, and no
    /// other decimal of up to 15 digits reads as the same double; so it is the shortest. Only the rest takes the
    /// standard library's way, which makes a `String`.
    @unsafe
    static func write(_ value: Double, to target: UnsafeMutableRawPointer) -> Int {
        let magnitude = value.magnitude
        if magnitude < 1e9 {
            let millionths = (magnitude * 1e6).rounded()
            if millionths / 1e6 == magnitude {
                var place = 0
                if value < 0 {
                    unsafe target.storeBytes(of: 0x2D, as: UInt8.self)
                    place = 1
                }
                let units = UInt64(millionths)
                let whole = units / 1_000_000
                var fraction = units - whole * 1_000_000
                place += unsafe write(whole, to: target + place)
                if fraction == 0 { return place }
                var digits = 6
                while fraction % 10 == 0 {
                    fraction /= 10
                    digits -= 1
                }
                unsafe target.storeBytes(of: 0x2E, toByteOffset: place, as: UInt8.self)
                unsafe write(fraction, digits: digits, to: target + place + 1)
                return place + 1 + digits
            }
        } else if magnitude < 0x1p63, magnitude.rounded() == magnitude {
            return unsafe write(Int64(value), to: target)
        }
        var text = value.description
        return text.withUTF8 { bytes in
            unsafe target.copyMemory(
                from: UnsafeRawPointer(bytes.baseAddress ?? UnsafePointer(target.assumingMemoryBound(to: UInt8.self))),
                byteCount: min(bytes.count, bytesMax))
            return min(bytes.count, bytesMax)
        }
    }
}
