import JSON
import Text

/// Walks over JSON that the decoder found valid, giving values as places.
///
/// What is malformed all the same ends the walk; nothing is read outside of `end`.
struct JSONWalk: ~Escapable {
    let bytes: RawSpan
    let source: TextPlace.Source
    let end: Int
    var place: Int

    /// `offset` and `length` are the place of an object or array within `bytes`.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, source: TextPlace.Source, offset: Int, length: Int) {
        self.bytes = bytes
        self.source = source
        place = max(0, offset)
        end = min(bytes.byteCount, place &+ max(0, length))
    }

    private var current: UInt8? { place < end ? bytes.byte(place) : nil }

    @_lifetime(self: copy self)
    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { place &+= 1 }
    }

    @_lifetime(self: copy self)
    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard current == byte else { return false }
        place &+= 1
        return true
    }

    /// Moves to the next key or element, over a comma if there is one; `false` at the end.
    @_lifetime(self: copy self)
    mutating func hasNext() -> Bool {
        _ = take(UInt8(ascii: ","))
        skipSpace()
        guard let byte = current else { return false }
        return byte != UInt8(ascii: "]") && byte != UInt8(ascii: "}")
    }

    /// The value that begins here, leaving `place` behind it.
    @_lifetime(self: copy self)
    mutating func value() -> Value? {
        skipSpace()
        guard let byte = current else { return nil }
        let start = place
        switch byte {
        case UInt8(ascii: "\""):
            return text()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            skipContainer()
            return .json(source, offset: start, length: place &- start)
        case UInt8(ascii: "t"):
            place = min(end, place &+ 4)
            return .bool(true)
        case UInt8(ascii: "f"):
            place = min(end, place &+ 5)
            return .bool(false)
        case UInt8(ascii: "n"):
            place = min(end, place &+ 4)
            return .null
        default:
            while let byte = current, JSONWalk.isNumberByte(byte) { place &+= 1 }
            return NumberText.number(bytes.extracting(start..<place))
        }
    }

    @_lifetime(self: copy self)
    mutating func text() -> Value? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = place
        var isEscaped = false
        while let byte = current {
            if byte == UInt8(ascii: "\"") {
                place &+= 1
                return .text(source, offset: start, length: place &- 1 &- start, isEscaped: isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                place &+= 1
            }
            place &+= 1
        }
        return nil
    }

    @_lifetime(self: copy self)
    private mutating func skipContainer() {
        var depth = 0
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                if text() == nil { return }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
            default: break
            }
            place &+= 1
            if depth == 0 { return }
        }
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
        default: false
        }
    }
}

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
