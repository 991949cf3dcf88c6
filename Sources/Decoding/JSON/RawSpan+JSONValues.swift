/// Values of JSON tokens whose grammar has been checked.
extension RawSpan {
    /// Calls `body` with each byte of the UTF-8 that a checked string means.
    func forEachUnescaped(_ string: JSONString, _ body: (UInt8) -> Void) {
        var place = string.contents.lowerBound
        while place < string.contents.upperBound {
            let byte = byte(place)
            if byte != 0x5C {
                body(byte)
                place &+= 1
            } else if let escape = try? escape(at: place) {
                UInt8.forEachOfUTF8(escape.scalar, body)
                place = escape.end
            } else {
                // Unreachable for a string that was checked; going on keeps a bug from becoming a hang.
                place &+= 1
            }
        }
    }

    /// The value of a number, exactly.
    func integer<Integer: FixedWidthInteger>(in range: Range<Int>, isInteger: Bool) throws(JSONError) -> Integer {
        guard isInteger else { throw JSONError(.notAnInteger, at: range.lowerBound) }
        let isNegative = byte(range.lowerBound) == 0x2D
        var value: Integer = 0
        for place in range.dropFirst(isNegative ? 1 : 0) {
            let digit = Integer(byte(place) &- 0x30)
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            if overflow || carry { throw JSONError(.outOfRange, at: range.lowerBound) }
            value = sum
        }
        return value
    }

    /// The double nearest to a number.
    ///
    /// A mantissa below 2⁵³ and a power of ten up to 10²² are both exact as doubles, so that one multiplication or division
    /// rounds once and correctly (W. D. Clinger, "How to Read Floating Point Numbers Accurately", 1990). The rest goes
    /// to the standard library, which rounds correctly in every locale, and allocates for long numbers.
    func double(in range: Range<Int>) throws(JSONError) -> Double {
        var place = range.lowerBound
        let isNegative = byte(place) == 0x2D
        if isNegative { place &+= 1 }
        var mantissa: UInt64 = 0
        var exponent = 0
        var digitCount = 0
        var sawPoint = false
        while place < range.upperBound {
            let byte = byte(place)
            let digit = byte &- 0x30
            if digit < 10 {
                // Nineteen digits cannot overflow 64 bits; more are left to the fallback.
                digitCount &+= mantissa == 0 && digit == 0 ? 0 : 1
                if digitCount > 19 { return try doubleByStandardLibrary(in: range) }
                mantissa = mantissa &* 10 &+ UInt64(digit)
                if sawPoint { exponent &-= 1 }
            } else if byte == 0x2E {
                sawPoint = true
            } else {
                break
            }
            place &+= 1
        }
        if place < range.upperBound {
            place &+= 1
            let isExponentNegative = byte(place) == 0x2D
            if isExponentNegative || byte(place) == 0x2B { place &+= 1 }
            var written = 0
            while place < range.upperBound {
                if written > 9999 { return try doubleByStandardLibrary(in: range) }
                written = written &* 10 &+ Int(byte(place) &- 0x30)
                place &+= 1
            }
            exponent &+= isExponentNegative ? -written : written
        }
        guard mantissa < 1 << 53, exponent >= -22, exponent <= 22 else {
            return try doubleByStandardLibrary(in: range)
        }
        let exact = Double(mantissa)
        let power = RawSpan.powerOfTen(exponent.magnitude)
        let value = exponent < 0 ? exact / power : exact * power
        return isNegative ? -value : value
    }

    private func doubleByStandardLibrary(in range: Range<Int>) throws(JSONError) -> Double {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        for place in range { text.append(byte(place)) }
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
            throw JSONError(.outOfRange, at: range.lowerBound)
        }
        return value
    }

    /// 10⁰ to 10²²: each is exact, and so is each product on the way, as 5²² is below 2⁵³.
    private static let powersOfTen: InlineArray<23, Double> = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    @inline(__always)
    static func powerOfTen(_ exponent: UInt) -> Double {
        powersOfTen[Int(exponent)]
    }
}
