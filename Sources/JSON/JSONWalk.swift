import Text

/// Walks over JSON that a decoder found valid, giving values as places, without building anything.
///
/// What is malformed all the same ends the walk; nothing is read outside of the range. It is inlined where it is used,
/// because filters walk over parts of every event.
public struct JSONWalk: ~Escapable {
    public let bytes: RawSpan
    public let end: Int
    public var place: Int

    /// `range` is the place of an object or an array within `bytes`; what lies outside of them is cut off.
    @_lifetime(copy bytes)
    @inlinable
    public init(_ bytes: RawSpan, in range: Range<Int>) {
        self.bytes = bytes
        place = max(0, range.lowerBound)
        end = min(bytes.byteCount, range.upperBound)
    }

    /// A value by its place.
    public struct Token: BitwiseCopyable, Sendable {
        public enum Kind: BitwiseCopyable, Sendable {
            case string, escapedString, container, `true`, `false`, null, number
        }

        public let kind: Kind
        /// With the quotes or brackets.
        public let start: Int
        public let end: Int

        @inlinable
        init(_ kind: Kind, _ start: Int, _ end: Int) {
            self.kind = kind
            self.start = start
            self.end = end
        }

        @inlinable public var range: Range<Int> { start..<end }
        /// Of a string what is between its quotes.
        @inlinable public var contents: Range<Int> { start &+ 1..<end &- 1 }
    }

    @inlinable
    var current: UInt8? { place < end ? bytes.byte(place) : nil }

    @_lifetime(self: copy self)
    @inlinable
    mutating func skipSpace() {
        while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { place &+= 1 }
    }

    /// Takes a bracket or a colon when it is next.
    @_lifetime(self: copy self)
    @inlinable
    public mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard current == byte else { return false }
        place &+= 1
        return true
    }

    /// Moves to the next key or element, over a comma if there is one; `false` at the end.
    @_lifetime(self: copy self)
    @inlinable
    public mutating func hasNext() -> Bool {
        _ = take(UInt8(ascii: ","))
        skipSpace()
        guard let byte = current else { return false }
        return byte != UInt8(ascii: "]") && byte != UInt8(ascii: "}")
    }

    /// The value that begins here, leaving `place` behind it; `nil` where none does.
    @_lifetime(self: copy self)
    @inlinable
    public mutating func value() -> Token? {
        skipSpace()
        guard let byte = current else { return nil }
        let start = place
        switch byte {
        case UInt8(ascii: "\""):
            return string()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            skipContainer()
            return Token(.container, start, place)
        case UInt8(ascii: "t"):
            place = min(end, place &+ 4)
            return Token(.true, start, place)
        case UInt8(ascii: "f"):
            place = min(end, place &+ 5)
            return Token(.false, start, place)
        case UInt8(ascii: "n"):
            place = min(end, place &+ 4)
            return Token(.null, start, place)
        default:
            while let byte = current, JSONWalk.isNumberByte(byte) { place &+= 1 }
            return place > start ? Token(.number, start, place) : nil
        }
    }

    /// The string that begins here; `nil` where none does, or it doesn't end.
    @_lifetime(self: copy self)
    @inlinable
    public mutating func string() -> Token? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = place &- 1
        var isEscaped = false
        skipPlain()
        while let byte = current {
            if byte == UInt8(ascii: "\"") {
                place &+= 1
                return Token(isEscaped ? .escapedString : .string, start, place)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                place &+= 1
            }
            place &+= 1
            skipPlain()
        }
        // Half an escape may have been stepped over.
        place = end
        return nil
    }

    /// Moves over bytes without a quote or backslash, eight at a time while there are as many; what is next may be neither.
    @_lifetime(self: copy self)
    @inlinable
    mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while place &+ 8 <= end {
            // `end` is no more than the count of bytes, and `place` is never below 0.
            let word = UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            // The lowest bit is the first byte that became zero: a borrow only reaches those above it (Warren, Hacker's Delight, 6-1).
            let found =
                (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & (ones &* 0x80)
            if found != 0 {
                place &+= found.trailingZeroBitCount >> 3
                return
            }
            place &+= 8
        }
    }

    @_lifetime(self: copy self)
    @inlinable
    mutating func skipContainer() {
        var depth = 0
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                if string() == nil { return }
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

    @inlinable
    static func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
        default: false
        }
    }
}

extension RawSpan {
    /// Calls `body` with the places, in these bytes, of each member of the object at `object`: the key without its quotes, and
    /// the value. Nothing happens when there is no object.
    public func forEachMember(of object: Range<Int>, _ body: (_ key: Range<Int>, _ value: Range<Int>) -> Void) {
        var walk = JSONWalk(self, in: object)
        guard walk.take(UInt8(ascii: "{")) else { return }
        while walk.hasNext() {
            guard let key = walk.string(), walk.take(UInt8(ascii: ":")), let value = walk.value() else { return }
            body(key.contents, value.range)
        }
    }

    /// Calls `body` with the place of each element of the array at `array`.
    public func forEachElement(of array: Range<Int>, _ body: (Range<Int>) -> Void) {
        var walk = JSONWalk(self, in: array)
        guard walk.take(UInt8(ascii: "[")) else { return }
        while walk.hasNext() {
            guard let value = walk.value() else { return }
            body(value.range)
        }
    }
}
