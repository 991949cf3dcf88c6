import Text

/// Walks JSON that a decoder has checked, to find members without building anything.
///
/// Every access is checked, so that text which is not valid after all ends the walk and nothing worse.
struct ValidJSON: ~Escapable {
    private let bytes: RawSpan
    private var place = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// Calls `body` with the place of each element of the array that begins here.
    @_lifetime(self: copy self)
    mutating func forEachElement(_ body: (Range<Int>) -> Void) {
        guard next() == UInt8(ascii: "[") else { return }
        place += 1
        while let byte = next(), byte != UInt8(ascii: "]") {
            guard let value = skipValue() else { return }
            body(value)
            if next() == UInt8(ascii: ",") { place += 1 }
        }
    }

    /// Calls `body` with the places of each member of the object that begins here: the key, its quotes left out, and the
    /// value.
    @_lifetime(self: copy self)
    mutating func forEachMember(_ body: (_ key: Range<Int>, _ value: Range<Int>) -> Void) {
        guard next() == UInt8(ascii: "{") else { return }
        place += 1
        while next() == UInt8(ascii: "\"") {
            guard let key = skipValue(), next() == UInt8(ascii: ":") else { return }
            place += 1
            guard let value = skipValue() else { return }
            body((key.lowerBound + 1)..<(key.upperBound - 1), value)
            if next() == UInt8(ascii: ",") { place += 1 }
        }
    }

    /// The next byte that is not white space.
    @_lifetime(self: copy self)
    private mutating func next() -> UInt8? {
        while place < bytes.byteCount {
            let byte = bytes.byte(place)
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            place += 1
        }
        return nil
    }

    /// Passes over one value; `nil` when the text ends inside it.
    @_lifetime(self: copy self)
    private mutating func skipValue() -> Range<Int>? {
        guard next() != nil else { return nil }
        let start = place
        var depth = 0
        while place < bytes.byteCount {
            switch bytes.byte(place) {
            case UInt8(ascii: "\""):
                place += 1
                while place < bytes.byteCount, bytes.byte(place) != UInt8(ascii: "\"") {
                    place += bytes.byte(place) == UInt8(ascii: "\\") ? 2 : 1
                }
                guard place < bytes.byteCount else { return nil }
                place += 1
                if depth == 0 { return start..<place }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return start < place ? start..<place : nil }
                depth -= 1
                place += 1
                if depth == 0 { return start..<place }
            case UInt8(ascii: ","), 0x20, 0x0A, 0x0D, 0x09:
                // Outside containers these end a number or a word.
                if depth == 0 { return start < place ? start..<place : nil }
                place += 1
            default:
                place += 1
            }
        }
        return depth == 0 && start < place ? start..<place : nil
    }
}
