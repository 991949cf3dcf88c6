import Text

/// Reads numbers from their text.
enum NumberText {
    /// A JSON number: an integer where it is written as one and fits, else a double.
    static func number(_ text: RawSpan) -> Value? {
        if let integer = integer(text) { return .integer(integer) }
        return double(text).map(Value.double)
    }

    /// An optional sign and digits, within 64 bits.
    static func integer(_ text: RawSpan) -> Int64? {
        guard text.byteCount > 0 else { return nil }
        let isNegative = text.byte(0) == UInt8(ascii: "-")
        let start = isNegative || text.byte(0) == UInt8(ascii: "+") ? 1 : 0
        guard text.byteCount > start, text.byteCount <= 64 else { return nil }
        var value: Int64 = 0
        for place in start..<text.byteCount {
            guard Lexer.isDigit(text.byte(place)) else { return nil }
            // Counted below zero, where there is room for the smallest integer.
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, more) = shifted.subtractingReportingOverflow(Int64(text.byte(place) &- 0x30))
            if overflow || more { return nil }
            value = next
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// A decimal number with or without fraction and exponent, rounded to the nearest double.
    ///
    /// Allocates for numbers of more than 15 characters only.
    static func double(_ text: RawSpan) -> Double? {
        guard text.byteCount > 0, text.byteCount <= 512 else { return nil }
        for place in 0..<text.byteCount {
            switch text.byte(place) {
            case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: continue
            default: return nil
            }
        }
        return Double(unsafe text.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) })
    }
}
