import Text

extension JSONCursor {
    /// A whole number without fraction or exponent that fits the type.
    @inlinable
    public mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type = Value.self
    ) throws(JSONCursorError) -> Value {
        let start = offset
        let (isNegative, magnitude) = try wholeNumber()
        // Both branches are exact: −2¹²⁷ is the least of the widest type.
        let value: Value? =
            if !isNegative {
                Value(exactly: magnitude)
            } else if magnitude <= 1 << 127 {
                Value(exactly: Int128(truncatingIfNeeded: 0 &- magnitude))
            } else {
                nil
            }
        guard let value else { throw JSONCursorError(offset: start, reason: .outOfRange) }
        return value
    }

    /// A number as it is spelled: whole where it has neither fraction nor exponent and fits 64 bits, else as a double.
    public mutating func number() throws(JSONCursorError) -> (whole: Int64?, double: Double) {
        _ = try peek()
        let start = self
        let double = try double()
        if bytes[start.offset..<offset].contains(where: { $0 == 0x2E || $0 | 0x20 == 0x65 }) { return (nil, double) }
        var again = start
        return (try? again.integer(), double)
    }

    /// A finite number, correctly rounded.
    public mutating func double() throws(JSONCursorError) -> Double {
        _ = try peek()
        let start = offset
        let shape = try scanNumber()
        // Up to 2⁵³ and powers of ten up to 10²² are exact, so one multiplication or division rounds once (Clinger,
        // "How to read floating point numbers accurately", 1990).
        if let digits = shape.digits, digits <= 1 << 53, shape.exponent.magnitude <= 22 {
            let magnitude = Double(digits)
            let power = JSONCursor.powersOfTen[Int(shape.exponent.magnitude)]
            let value = shape.exponent < 0 ? magnitude / power : magnitude * power
            return shape.isNegative ? -value : value
        }
        // The text was checked: digits, signs, a point and an exponent.
        guard let value = Double(String(decoding: bytes[start..<offset], as: UTF8.self)), value.isFinite else {
            throw JSONCursorError(offset: start, reason: .outOfRange)
        }
        return value
    }

    /// Appends the elements of an array of whole numbers; a `null` becomes `null`, where one is given, and else is an
    /// error.
    ///
    /// Most numbers in what is published are short counts, so eight bytes at a time are looked at.
    public mutating func integers(into values: inout [Int64], null: Int64? = nil) throws(JSONCursorError) {
        try beginArray()
        var isShort = true
        while try nextElement() {
            // What it takes ends with a comma, so an element is next. It isn't asked again while numbers are long.
            if isShort { offset = unsafe JSONCursor.shortIntegers(bytes.span.bytes, from: offset, into: &values) }
            if let null, try takeNull() {
                values.append(null)
                isShort = true
            } else {
                let value: Int64 = try integer()
                values.append(value)
                isShort = value.magnitude < 10_000_000
            }
        }
    }

    /// Takes an array of up to four whole numbers, and says how many it has; 0, and nothing taken, where the array is
    /// empty, a number is negative or longer than eighteen digits, or anything is spelled with white space.
    ///
    /// For rows of which there are very many; whoever gets 0 reads the array in the general way.
    public mutating func takeShortRow(into row: inout SIMD4<Int64>) -> Int {
        var place = offset
        guard place < bytes.count, bytes[place] == 0x5B else { return 0 }
        for index in 0..<4 {
            place &+= 1
            let start = place
            var value: Int64 = 0
            while place < bytes.count, place &- start < 18, bytes[place] &- 0x30 <= 9 {
                value = value &* 10 &+ Int64(bytes[place] &- 0x30)
                place &+= 1
            }
            guard place > start, place < bytes.count, bytes[start] != 0x30 || place &- start == 1 else { return 0 }
            row[index] = value
            if bytes[place] == 0x5D {
                offset = place &+ 1
                isFirst = false
                return index + 1
            }
            if bytes[place] != 0x2C { return 0 }
        }
        return 0
    }

    /// Takes numbers of one to seven digits that are not negative as long as a comma follows each, and returns the place
    /// after the last of those commas, where an element must follow.
    ///
    /// A word of eight bytes is taken apart without looking at memory again, because what limits the rate is the wait for
    /// one number's end before the next can be loaded.
    private static func shortIntegers(_ text: RawSpan, from start: Int, into values: inout [Int64]) -> Int {
        var place = start
        let room = 512
        // A chunk at a time, as appending numbers one by one would cost more than reading them. The memory is this
        // closure's alone, and what is appended was written before.
        unsafe withUnsafeTemporaryAllocation(of: Int64.self, capacity: room) { chunk in
            while true {
                var count = 0
                let before = place
                // A word ends with four numbers at most.
                while count <= room &- 4, place <= text.byteCount &- 8 {
                    let taken = unsafe shortIntegers(text, in: place, into: chunk, &count)
                    if taken == 0 { break }
                    place &+= taken
                }
                unsafe values.append(contentsOf: UnsafeBufferPointer(rebasing: chunk[..<count]))
                if count <= room &- 4 || place == before { break }
            }
        }
        return place
    }

    /// Takes the numbers that end in the eight bytes at `place`, and says how many bytes they are with their commas.
    @unsafe @inline(__always)
    private static func shortIntegers(
        _ text: RawSpan, in place: Int, into chunk: UnsafeMutableBufferPointer<Int64>, _ count: inout Int
    ) -> Int {
        // Bounds are checked; any eight bytes are an integer.
        let word = unsafe UInt64(littleEndian: text.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
        let digits = DigitWord(word)
        let others = digits.others
        // The high bit of each byte that is no comma. No sum carries into the next byte.
        let high: UInt64 = 0x8080_8080_8080_8080
        let commas = word ^ 0x2C2C_2C2C_2C2C_2C2C
        let notCommas = (((commas & ~high) &+ ~high) | commas) & high
        if others == 0x8000_8000_8000_8000, notCommas == others >> 8 {
            // Four single digits, as counts of what is rare are.
            for number in 0..<4 { unsafe chunk[count &+ number] = Int64(digits.values >> UInt64(number &* 16) & 0xFF) }
            count &+= 4
            return 8
        }
        // Commas below the first byte that is neither a comma nor a digit.
        let strangers = others & notCommas
        var ends = others & ~notCommas & (strangers &- 1) & ~strangers
        var taken: UInt64 = 0
        while ends != 0 {
            let end = UInt64(truncatingIfNeeded: ends.trailingZeroBitCount) &- 7
            let bits = end &- taken
            // No digit, or a zero in front of others: the general way decides. The sign bits say so, as a branch on each
            // number's first digit would be guessed wrong too often.
            let front = digits.values >> taken & 0xFF
            let isOdd = ((front &- 1) & (8 &- bits)) | (bits &- 1)
            if isOdd >> 63 != 0 { break }
            unsafe chunk[count] = Int64(truncatingIfNeeded: digits.value(from: taken, bits: bits))
            count &+= 1
            taken = end &+ 8
            ends &= ends &- 1
        }
        return Int(truncatingIfNeeded: taken >> 3)
    }

    /// What a number's text says, apart from rounding: ±digits · 10^exponent.
    struct NumberShape {
        var isNegative: Bool
        /// `nil` when there are more digits than 64 bits hold.
        var digits: UInt64?
        var exponent: Int
    }

    /// Takes a number, checking its grammar.
    mutating func scanNumber() throws(JSONCursorError) -> NumberShape {
        let isNegative = try minus("a value")
        let start = offset
        var shape = NumberShape(isNegative: isNegative, digits: 0, exponent: 0)
        try digits(into: &shape.digits)
        if bytes[start] == 0x30, offset - start > 1 {
            throw JSONCursorError(offset: start, reason: .invalidNumber)
        }
        if offset < bytes.count, bytes[offset] == 0x2E {
            offset += 1
            let fraction = offset
            try digits(into: &shape.digits)
            shape.exponent = fraction - offset
        }
        if offset < bytes.count, bytes[offset] | 0x20 == 0x65 {
            offset += 1
            let isSmall = offset < bytes.count && bytes[offset] == 0x2D
            if offset < bytes.count, isSmall || bytes[offset] == 0x2B { offset += 1 }
            var power: UInt64? = 0
            try digits(into: &power)
            // Past a million the text decides, and no sum here can overflow: the text is shorter than 2⁶².
            let bounded = Int(min(power ?? .max, 1_000_000))
            shape.exponent += isSmall ? -bounded : bounded
        }
        isFirst = false
        return shape
    }

    /// Takes a whole number.
    @usableFromInline
    mutating func wholeNumber() throws(JSONCursorError) -> (isNegative: Bool, magnitude: UInt128) {
        let isNegative = try minus("a whole number")
        let start = offset
        // Eighteen digits fit without a check.
        var digits: UInt64 = 0
        while offset < bytes.count, offset &- start < 18, bytes[offset] &- 0x30 <= 9 {
            digits = digits &* 10 &+ UInt64(bytes[offset] &- 0x30)
            offset &+= 1
        }
        var short: UInt64? = digits
        if offset == start || offset < bytes.count && bytes[offset] &- 0x30 <= 9 { try self.digits(into: &short) }
        if bytes[start] == 0x30, offset - start > 1 {
            throw JSONCursorError(offset: start, reason: .invalidNumber)
        }
        if offset < bytes.count, bytes[offset] == 0x2E || bytes[offset] | 0x20 == 0x65 {
            throw failure(.expected("a whole number"))
        }
        isFirst = false
        if let short { return (isNegative, UInt128(short)) }
        guard let magnitude = UInt128(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
            throw JSONCursorError(offset: start, reason: .outOfRange)
        }
        return (isNegative, magnitude)
    }

    private mutating func minus(_ expected: String) throws(JSONCursorError) -> Bool {
        let byte = try peek()
        if byte == 0x2D {
            offset += 1
            return true
        }
        guard byte &- 0x30 <= 9 else { throw failure(.expected(expected)) }
        return false
    }

    /// Takes one or more digits behind those that `value` has; it becomes `nil` when it would overflow.
    private mutating func digits(into value: inout UInt64?) throws(JSONCursorError) {
        let start = offset
        while offset < bytes.count {
            let digit = bytes[offset] &- 0x30
            if digit > 9 { break }
            offset += 1
            guard let before = value else { continue }
            let (product, overflow) = before.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            value = overflow || carry ? nil : sum
        }
        if offset == start { throw failure(.invalidNumber) }
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
