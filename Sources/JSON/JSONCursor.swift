/// Reads JSON that Tidewatch itself published, from front to back, without building a tree.
///
/// The reader says what it expects, value by value, and gets it or an error with the place of the fault: what comes back
/// from a topic may have been cut, changed or written by another program. Strict JSON (RFC 8259) in UTF-8; what is
/// skipped is checked as well. After an error the cursor stays wherever it was and must not be read on.
///
/// Which container is open is the caller's to know: for each `beginObject` it calls `nextKey` until `nil`, reading one
/// value after each key, and for each `beginArray` it calls `nextElement` until `false`. Calls in another order read
/// something wrong and end with an error; they never trap.
public struct JSONCursor: Sendable {
    let bytes: [UInt8]
    /// The place of the next byte to read.
    public internal(set) var offset = 0
    private var depth = 0
    /// Whether a container was just opened, so that no comma comes before what is next in it.
    var isFirst = false

    /// Containers inside each other; a word of 64 bits tells objects from arrays while a value is skipped.
    public static let nestingMax = 64

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Inside the text's object, behind the member that ends at `offset`, where the next one's comma or the object's end
    /// has to be. What stands before is the caller's to know.
    public init(_ bytes: [UInt8], behindMemberAt offset: Int) {
        precondition(bytes.indices.contains(offset) || offset == bytes.count, "a place in the text")
        self.bytes = bytes
        self.offset = offset
        depth = 1
    }

    // MARK: Objects

    public mutating func beginObject() throws(JSONCursorError) {
        try open(0x7B, "an object")
    }

    /// The next member's name, whose value is read next; `nil` at the object's end, which is taken.
    public mutating func nextKey() throws(JSONCursorError) -> String? {
        guard try nextMember() else { return nil }
        let name = try string()
        try colon()
        return name
    }

    /// Takes the next member's name when it is `name`, without making a string; `false`, and nothing taken, when it is
    /// another, when it is spelled with escapes, or at the object's end.
    public mutating func nextKeyIs(_ name: StaticString) throws(JSONCursorError) -> Bool {
        let start = offset
        let wasFirst = isFirst
        if try nextMember(takesEnd: false), takes(quoted: name) {
            try colon()
            return true
        }
        offset = start
        isFirst = wasFirst
        return false
    }

    /// Takes the next member's name, which must be `name`: for records whose members have a fixed order.
    public mutating func requireKey(_ name: StaticString) throws(JSONCursorError) {
        guard try nextKeyIs(name) else { throw failure(.missingKey("\(name)")) }
    }

    /// Takes the object's end, which must be next.
    public mutating func endObject() throws(JSONCursorError) {
        guard try !nextMember() else { throw failure(.expected("the object's end")) }
    }

    // MARK: Arrays

    public mutating func beginArray() throws(JSONCursorError) {
        try open(0x5B, "an array")
    }

    /// Whether an element is next, which is then read; `false` at the array's end, which is taken.
    public mutating func nextElement() throws(JSONCursorError) -> Bool {
        let byte = try peek()
        if byte == 0x5D {
            close()
            return false
        }
        if !isFirst {
            guard byte == 0x2C else { throw failure(.expected("a comma or the array's end")) }
            offset += 1
        }
        isFirst = false
        return true
    }

    /// Takes the array's end, which must be next.
    public mutating func endArray() throws(JSONCursorError) {
        guard try !nextElement() else { throw failure(.expected("the array's end")) }
    }

    // MARK: Values

    /// What a value is, as its first byte tells.
    public enum ValueKind: Sendable {
        case object, array, string, number, bool, null
    }

    /// What the next value is, without taking it.
    public mutating func kind() throws(JSONCursorError) -> ValueKind {
        switch try peek() {
        case 0x7B: return .object
        case 0x5B: return .array
        case 0x22: return .string
        case 0x2D, 0x30...0x39: return .number
        case 0x74, 0x66: return .bool
        case 0x6E: return .null
        default: throw failure(.expected("a value"))
        }
    }

    public mutating func bool() throws(JSONCursorError) -> Bool {
        switch try peek() {
        case 0x74:
            try word("true")
            return true
        case 0x66:
            try word("false")
            return false
        default: throw failure(.expected("true or false"))
        }
    }

    /// Takes `null` when it is next; `false`, and nothing taken, when another value is.
    public mutating func takeNull() throws(JSONCursorError) -> Bool {
        guard try peek() == 0x6E else { return false }
        try word("null")
        return true
    }

    /// Takes one value of any type, checking it.
    public mutating func skipValue() throws(JSONCursorError) {
        let outer = depth
        // Bit d tells whether the container at depth d is an object.
        var objects: UInt64 = 0
        repeat {
            switch try peek() {
            case 0x7B:
                try open(0x7B, "an object")
                objects |= 1 << UInt64(depth - 1)
            case 0x5B:
                try open(0x5B, "an array")
                objects &= ~(1 << UInt64(depth - 1))
            case 0x22: try skipString()
            case 0x74: try word("true")
            case 0x66: try word("false")
            case 0x6E: try word("null")
            default: _ = try scanNumber()
            }
            // Goes on to the next value, leaving every container that ends here.
            while depth > outer {
                if objects & 1 << UInt64(depth - 1) != 0 {
                    if try nextMember() {
                        guard try peek() == 0x22 else { throw failure(.expected("a member's name")) }
                        try skipString()
                        try colon()
                        break
                    }
                } else if try nextElement() {
                    break
                }
            }
        } while depth > outer
    }

    /// Checks that only white space follows.
    public mutating func end() throws(JSONCursorError) {
        skipSpace()
        guard offset == bytes.count else { throw failure(.trailingBytes) }
    }

    /// An error at this place for a value that is JSON but not what the reader can take.
    public func refusal(_ expected: String) -> JSONCursorError {
        failure(.refused(expected: expected))
    }

    /// Takes exactly these bytes when they are next, for a reader that knows what the writer puts there; `false`, and
    /// nothing taken, when others are.
    ///
    /// What is taken in all must be whole values, and objects opened so must be ended so.
    public mutating func take(_ text: [UInt8]) -> Bool {
        guard isNext(text) else { return false }
        offset += text.count
        return true
    }

    /// Takes a value as it is written, as for a number that must stay exact.
    public mutating func sourceText() throws(JSONCursorError) -> String {
        let start = offset
        try skipValue()
        return String(decoding: bytes[start..<offset].drop { $0 <= 0x20 }, as: UTF8.self)
    }

    private func isNext(_ text: [UInt8]) -> Bool {
        guard bytes.count - offset >= text.count else { return false }
        let (here, wanted) = unsafe (bytes.span.bytes, text.span.bytes)
        var place = 0
        // Bounds were checked; any eight bytes are an integer.
        while place <= text.count &- 8 {
            let word = unsafe here.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ place, as: UInt64.self)
            let other = unsafe wanted.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)
            if word != other { return false }
            place &+= 8
        }
        while place < text.count {
            if bytes[offset &+ place] != text[place] { return false }
            place &+= 1
        }
        return true
    }

    // MARK: Steps

    func failure(_ reason: JSONCursorError.Reason) -> JSONCursorError {
        JSONCursorError(offset: offset, reason: offset < bytes.count ? reason : atEnd(reason))
    }

    /// At the end of the text, whatever was expected, the fault is that it ended; a reader's own refusal stays.
    private func atEnd(_ reason: JSONCursorError.Reason) -> JSONCursorError.Reason {
        if case .refused = reason { reason } else { .endOfInput }
    }

    /// The first byte that is no white space, without taking it.
    @inline(__always)
    mutating func peek() throws(JSONCursorError) -> UInt8 {
        skipSpace()
        guard offset < bytes.count else { throw failure(.endOfInput) }
        return bytes[offset]
    }

    @inline(__always)
    private mutating func skipSpace() {
        while offset < bytes.count, bytes[offset] <= 0x20 {
            guard [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) else { return }
            offset += 1
        }
    }

    private mutating func open(_ bracket: UInt8, _ expected: String) throws(JSONCursorError) {
        guard try peek() == bracket else { throw failure(.expected(expected)) }
        guard depth < JSONCursor.nestingMax else { throw failure(.tooDeep) }
        offset += 1
        depth += 1
        isFirst = true
    }

    /// Takes a closing bracket. A caller that closes more than it opened reads something wrong, which is no trap.
    mutating func close() {
        offset += 1
        depth = max(0, depth - 1)
        isFirst = false
    }

    /// Goes to the next member's name; `false` at the object's end.
    private mutating func nextMember(takesEnd: Bool = true) throws(JSONCursorError) -> Bool {
        let byte = try peek()
        if byte == 0x7D {
            if takesEnd { close() }
            return false
        }
        if !isFirst {
            guard byte == 0x2C else { throw failure(.expected("a comma or the object's end")) }
            offset += 1
            guard try peek() == 0x22 else { throw failure(.expected("a member's name")) }
        }
        isFirst = false
        return true
    }

    private mutating func colon() throws(JSONCursorError) {
        guard try peek() == 0x3A else { throw failure(.expected("a colon")) }
        offset += 1
    }

    /// Takes `"name"` when it is next.
    private mutating func takes(quoted name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        guard bytes.count - offset >= count + 2, bytes[offset] == 0x22, bytes[offset + count + 1] == 0x22 else {
            return false
        }
        // The text of a static string lives as long as the process; `count` bytes of it are read.
        let isEqual = name.withUTF8Buffer { text in
            for index in 0..<count where unsafe text[index] != bytes[offset + 1 + index] { return false }
            return true
        }
        if isEqual { offset += count + 2 }
        return isEqual
    }

    private mutating func word(_ word: StaticString) throws(JSONCursorError) {
        let count = word.utf8CodeUnitCount
        for index in 0..<count {
            let wanted = word.withUTF8Buffer { unsafe $0[index] }
            guard offset + index < bytes.count else {
                throw JSONCursorError(offset: bytes.count, reason: .endOfInput)
            }
            guard bytes[offset + index] == wanted else { throw failure(.expected("\(word)")) }
        }
        offset += count
        isFirst = false
    }
}
