/// Finding where to go on after JSON text that is broken, and the pieces of an envelope.
extension RawSpan {
    @inline(__always)
    func skippingWhiteSpace(from offset: Int) -> Int {
        var place = offset
        while place < byteCount, JSONByte.isWhiteSpace(byte(place)) { place &+= 1 }
        return place
    }

    /// The end of the record that begins at `start` when it is broken: the next line's start that can't go on with it.
    ///
    /// Lines of a value printed over several lines begin with white space, a quote, a comma or a closing bracket; no
    /// record does.
    func lineEnd(from start: Int) -> Int {
        var place = start
        while place < byteCount {
            if byte(place) == 0x0A {
                guard place &+ 1 < byteCount else { return byteCount }
                switch byte(place &+ 1) {
                case 0x20, 0x09, 0x22, 0x2C, 0x7D, 0x5D: break
                default: return place &+ 1
                }
            }
            place &+= 1
        }
        return byteCount
    }

    /// The end of `range` with the white space before it left out.
    func trimmed(_ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound, JSONByte.isWhiteSpace(byte(end &- 1)) { end &-= 1 }
        return end
    }

    /// The comma or bracket that ends the array element at `start`, minding strings and brackets alone; `nil` when the text
    /// ends before, or when the bytes read exceed `budget`, from which they are taken.
    func elementEnd(from start: Int, budget: inout Int) -> Int? {
        var place = start
        var depth = 0
        var isInString = false
        defer { budget &-= place &- start }
        while place < byteCount, place &- start < budget {
            let byte = byte(place)
            if isInString {
                if byte == 0x5C { place &+= 1 } else if byte == 0x22 { isInString = false }
            } else {
                switch byte {
                case 0x22: isInString = true
                case 0x7B, 0x5B: depth &+= 1
                case 0x7D, 0x5D:
                    if depth == 0 { return place }
                    depth &-= 1
                case 0x2C where depth == 0: return place
                default: break
                }
            }
            place &+= 1
        }
        return nil
    }

    /// Where the first key of the object at `start` begins, or `nil` when the object is empty or cut off.
    func firstKey(of start: Int) -> Int? {
        let place = skippingWhiteSpace(from: start &+ 1)
        return place < byteCount && byte(place) == 0x22 ? place : nil
    }

    /// The key at `offset` (after white space) and where its value starts.
    func member(at offset: Int) throws(JSONError) -> (key: JSONString, value: Int) {
        var place = skippingWhiteSpace(from: offset)
        guard place < byteCount else { throw JSONError(.truncated, at: place) }
        guard byte(place) == 0x22 else { throw JSONError(.expectedKey, at: place) }
        let key = try stringContents(from: place &+ 1)
        place = skippingWhiteSpace(from: key.contents.upperBound &+ 1)
        guard place < byteCount else { throw JSONError(.truncated, at: place) }
        guard byte(place) == 0x3A else { throw JSONError(.expectedColon, at: place) }
        place = skippingWhiteSpace(from: place &+ 1)
        guard place < byteCount else { throw JSONError(.truncated, at: place) }
        return (key, place)
    }
}
