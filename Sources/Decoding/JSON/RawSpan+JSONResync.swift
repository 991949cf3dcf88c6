import Text

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

    /// Where the value that begins at `start` ends although it is broken at `fault`; `nil` when that can't be seen from what is
    /// there.
    ///
    /// A value whose brackets match ends with its last one. One that was cut off ends with its line: where the next one
    /// begins with an object, and none may come. When neither is found, and `mustEnd` says that no more comes, or the
    /// bytes read exceed `budget`, from which they are taken, it ends where `lineEnd` says.
    func brokenEnd(from start: Int, fault: Int, mustEnd: Bool, budget: inout Int) -> Int? {
        if fault < byteCount, byte(fault) == 0x7B, let end = cutEnd(from: start, before: fault) { return end }
        var place = start
        var depth = 0
        var isInString = false
        var last: UInt8 = 0x2C
        defer { budget &-= place &- start }
        while place < byteCount, place &- start < budget {
            let byte = byte(place)
            if byte == 0x0A {
                if depth == 0 { return place }
                let allowsObject = !isInString && (last == 0x2C || last == 0x3A || last == 0x5B)
                if !allowsObject, beginsObject(after: place) { return place &+ 1 }
            } else if isInString {
                if byte == 0x22 { isInString = false }
                if byte == 0x5C, place &+ 1 < byteCount, self.byte(place &+ 1) != 0x0A { place &+= 1 }
            } else {
                switch byte {
                case 0x22: isInString = true
                case 0x7B, 0x5B: depth &+= 1
                case 0x7D, 0x5D:
                    if depth == 0 { return place }
                    depth &-= 1
                    if depth == 0 { return place &+ 1 }
                case 0x2C where depth == 0: return place
                default: break
                }
            }
            if !JSONByte.isWhiteSpace(byte) { last = byte }
            place &+= 1
        }
        if !mustEnd, place >= byteCount { return nil }
        let end = lineEnd(from: start)
        return end == byteCount && !mustEnd ? nil : end
    }

    /// The end of the first line before `fault` behind which an object begins, if `fault` itself begins a line.
    private func cutEnd(from start: Int, before fault: Int) -> Int? {
        var place = fault
        while place > start, byte(place &- 1) != 0x0A {
            guard JSONByte.isWhiteSpace(byte(place &- 1)) else { return nil }
            place &-= 1
        }
        guard place > start else { return nil }
        var line = start
        while line < fault {
            if byte(line) == 0x0A, beginsObject(after: line) { return line &+ 1 }
            line &+= 1
        }
        return place
    }

    /// Whether the first thing in the line after the line feed at `newline` is an object.
    private func beginsObject(after newline: Int) -> Bool {
        var place = newline &+ 1
        while place < byteCount, byte(place) == 0x20 || byte(place) == 0x09 || byte(place) == 0x0D { place &+= 1 }
        return place < byteCount && byte(place) == 0x7B
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
