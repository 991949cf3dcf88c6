import TelemetryModel
import Text

/// Reading JSON text that is known to be valid: without a second look at its grammar, and still within the span.
extension RawSpan {
    /// The first eight bytes of the key at `offset`, zero from its closing quote on.
    @inline(__always)
    func keyHead(at offset: Int) -> UInt64 {
        let head = eightBytes(offset)
        // The lowest zero byte of `quotes` is the closing quote: what is at and after it is not the key's.
        let quotes = head ^ 0x2222_2222_2222_2222
        let found = (quotes &- 0x0101_0101_0101_0101) & ~quotes & 0x8080_8080_8080_8080
        return head & (((found & (0 &- found)) &>> 7) &- 1)
    }

    /// The closing quote of a string that is known to be valid, from its first byte, and whether it holds a backslash.
    @inline(__always)
    func validStringEnd(from start: Int) -> (end: Int, hasEscapes: Bool) {
        var place = start
        var hasEscapes = false
        while place &+ 16 <= byteCount {
            let stops = stringStops(place) & 0xFFFF
            if stops == 0 {
                place &+= 16
                continue
            }
            place &+= stops.trailingZeroBitCount
            if byte(place) == 0x22 { return (place, hasEscapes) }
            hasEscapes = true
            place &+= 2
        }
        while byte(place) != 0x22 {
            let isEscape = byte(place) == 0x5C
            hasEscapes = hasEscapes || isEscape
            place &+= isEscape ? 2 : 1
        }
        return (place, hasEscapes)
    }

    /// Whether the valid string whose contents begin at `offset` has a backslash in it.
    func hasEscapes(inStringAt offset: Int) -> Bool {
        var place = offset
        while byte(place) != 0x22 {
            if byte(place) == 0x5C { return true }
            place &+= 1
        }
        return false
    }

    /// Where the value starts whose key's closing quote is at `keyEnd`, in a valid object.
    @inline(__always)
    func valueStart(afterKeyEndingAt keyEnd: Int) -> Int {
        var place = keyEnd &+ 1
        while JSONByte.isWhiteSpace(byte(place)) { place &+= 1 }
        place &+= 1
        while JSONByte.isWhiteSpace(byte(place)) { place &+= 1 }
        return place
    }

    /// Whether the bytes at `offset` are a key and its closing quote.
    @inline(never)
    func hasKey(_ key: [UInt8], at offset: Int) -> Bool {
        guard key.count < byteCount - offset else { return false }
        for place in key.indices where byte(offset &+ place) != key[place] { return false }
        return byte(offset &+ key.count) == 0x22
    }

    /// The value of a valid number: an integer where its spelling and size allow it and no double is asked for; otherwise a
    /// double.
    ///
    /// One pass for what nearly all numbers are: up to 18 digits and no exponent. The rest takes the general way.
    @inline(__always)
    func number(at offset: Int, isDouble: Bool) throws(JSONError) -> FieldValue {
        let isNegative = byte(offset) == 0x2D
        let first = isNegative ? offset &+ 1 : offset
        var mantissa: UInt64 = 0
        var place = digits(from: first, into: &mantissa)
        var last = place < byteCount ? byte(place) : 0
        if last != 0x2E, last | 0x20 != 0x65, !isDouble, place &- first <= 18 {
            return .integer(isNegative ? -Int64(mantissa) : Int64(mantissa))
        }
        var fractionCount = 0
        if last == 0x2E {
            let fraction = place &+ 1
            place = digits(from: fraction, into: &mantissa)
            last = place < byteCount ? byte(place) : 0
            fractionCount = place &- fraction
        }
        // One digit place may be the point. Both operands are exact, so that the division rounds once and correctly.
        guard place &- first <= 18, last | 0x20 != 0x65, mantissa < 1 << 53, fractionCount <= 22 else {
            return try uncommonNumber(at: offset, isDouble: isDouble)
        }
        let value = Double(mantissa) / RawSpan.powerOfTen(UInt(fractionCount))
        return .double(isNegative ? -value : value)
    }

    /// Writes the digits from `start` on behind those of `number`, and says where they end. Beyond 18 in all, `number` is wrong.
    ///
    /// Eight at a time: how many a number has can't be foretold, and each step on its own would be a branch.
    @inline(__always)
    private func digits(from start: Int, into number: inout UInt64) -> Int {
        var place = start
        while true {
            let word = DigitWord(eightBytes(place))
            let count = word.count
            if count == 0 { return place }
            number = number &* RawSpan.shortPowersOfTen[count] &+ word.value(bits: UInt64(count &* 8))
            place &+= count
            if count < 8 { return place }
        }
    }

    private static let shortPowersOfTen: InlineArray<9, UInt64> = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
    ]

    @inline(never)
    private func uncommonNumber(at offset: Int, isDouble: Bool) throws(JSONError) -> FieldValue {
        let (end, isInteger) = try numberEnd(from: offset)
        if isInteger, !isDouble {
            let value: Int64? = try? integer(in: offset..<end, isInteger: true)
            if let value { return .integer(value) }
        }
        return .double(try double(in: offset..<end))
    }
}
