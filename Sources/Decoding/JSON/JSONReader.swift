import Text

/// Reads JSON text value by value, in the order of the text, over borrowed bytes.
///
/// For what is read whole or seldom: envelopes, OTLP/JSON, subtrees. All of RFC 8259 is checked, also in what is skipped, and
/// UTF-8 everywhere, keys included. It does not allocate and does not recurse. After an error the reader's place is
/// undefined, and reading on is safe but means nothing.
///
/// An object is read by `beginObject()`, then `nextKey()` until it is `nil`, with exactly one value read or skipped after each
/// key; an array by `beginArray()`, then `nextElement()` until it is false, with one value after each `true`.
public struct JSONReader: ~Copyable, ~Escapable {
    public let bytes: RawSpan
    /// Where reading goes on.
    public private(set) var offset: Int
    private let nestingMax: Int
    private var depth = 0
    /// Whether a container was begun and none of it read: the only place where no comma separates.
    private var isAtFirst = false

    public enum Kind: Sendable {
        case object, array, string, number, bool, null
    }

    /// `nestingMax` counts from the value at `offset`.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, at offset: Int = 0, nestingMax: Int = DecodingLimits().nestingMax) {
        precondition(offset >= 0 && offset <= bytes.byteCount, "a place outside the text")
        self.bytes = bytes
        self.offset = offset
        self.nestingMax = min(max(nestingMax, 1), DecodingLimits.nestingCeiling)
    }

    /// Skips white space; whether nothing follows.
    public mutating func isAtEnd() -> Bool {
        skipWhiteSpace()
        return offset == bytes.byteCount
    }

    /// Throws unless nothing but white space follows.
    public mutating func end() throws(JSONError) {
        if !isAtEnd() { throw JSONError(.trailingBytes, at: offset) }
    }

    /// The kind of the value that follows, by its first byte; `offset` then is at the value.
    public mutating func kind() throws(JSONError) -> Kind {
        switch try next() {
        case 0x7B: return .object
        case 0x5B: return .array
        case 0x22: return .string
        case 0x2D, 0x30...0x39: return .number
        case 0x74, 0x66: return .bool
        case 0x6E: return .null
        default: throw JSONError(.expectedValue, at: offset)
        }
    }

    // MARK: Containers

    public mutating func beginObject() throws(JSONError) {
        try begin(0x7B, else: .expectedObject)
    }

    /// The next member's key, its colon passed; `nil` when the object has ended.
    public mutating func nextKey() throws(JSONError) -> JSONString? {
        guard try advance(closing: 0x7D) else { return nil }
        guard try next() == 0x22 else { throw JSONError(.expectedKey, at: offset) }
        let key = try bytes.stringContents(from: offset &+ 1)
        offset = key.contents.upperBound &+ 1
        guard try next() == 0x3A else { throw JSONError(.expectedColon, at: offset) }
        offset &+= 1
        return key
    }

    public mutating func beginArray() throws(JSONError) {
        try begin(0x5B, else: .expectedArray)
    }

    /// Whether an element follows; `false` when the array has ended.
    public mutating func nextElement() throws(JSONError) -> Bool {
        try advance(closing: 0x5D)
    }

    // MARK: Scalars

    public mutating func string() throws(JSONError) -> JSONString {
        guard try next() == 0x22 else { throw JSONError(.expectedString, at: offset) }
        let string = try bytes.stringContents(from: offset &+ 1)
        offset = string.contents.upperBound &+ 1
        return string
    }

    /// An integer in JSON's grammar: `1.0` and `1e3` are `notAnInteger`.
    public mutating func int64() throws(JSONError) -> Int64 {
        let number = try number()
        return try bytes.integer(in: number.range, isInteger: number.isInteger)
    }

    /// As `int64()`, from 0 to 2⁶⁴ − 1.
    public mutating func uint64() throws(JSONError) -> UInt64 {
        let number = try number()
        return try bytes.integer(in: number.range, isInteger: number.isInteger)
    }

    /// The double nearest to the number; what would round to infinity is `outOfRange`.
    public mutating func double() throws(JSONError) -> Double {
        let number = try number()
        return try bytes.double(in: number.range)
    }

    /// The place of a number, and whether it has neither fraction nor exponent.
    public mutating func number() throws(JSONError) -> (range: Range<Int>, isInteger: Bool) {
        let first = try next()
        guard first == 0x2D || first &- 0x30 < 10 else { throw JSONError(.expectedNumber, at: offset) }
        let start = offset
        let (end, isInteger) = try bytes.numberEnd(from: start)
        try endScalar(at: end, else: .invalidNumber)
        return (start..<end, isInteger)
    }

    public mutating func bool() throws(JSONError) -> Bool {
        switch try next() {
        case 0x74:
            try literal("true")
            return true
        case 0x66:
            try literal("false")
            return false
        default: throw JSONError(.expectedBool, at: offset)
        }
    }

    public mutating func null() throws(JSONError) {
        guard try next() == 0x6E else { throw JSONError(.expectedNull, at: offset) }
        try literal("null")
    }

    /// Skips a value of any kind, checking all of it. Returns its place, white space around it left out.
    @discardableResult
    public mutating func skipValue() throws(JSONError) -> Range<Int> {
        var stack = BracketStack()
        _ = try next()
        let start = offset
        values: while true {
            switch try kind() {
            case .string: _ = try string()
            case .number: _ = try number()
            case .bool: _ = try bool()
            case .null: try null()
            case .object:
                try beginObject()
                stack.push(object: true)
            case .array:
                try beginArray()
                stack.push(object: false)
            }
            while stack.depth > 0 {
                let goesOn = stack.isInObject ? try nextKey() != nil : try nextElement()
                if goesOn { continue values }
                stack.pop()
            }
            return start..<offset
        }
    }

    // MARK: Text

    /// Whether a string means exactly `text`, its escapes resolved.
    public func isEqual(_ string: JSONString, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard string.hasEscapes else {
            return string.contents.count == count && bytes.hasBytes(of: text, at: string.contents.lowerBound)
        }
        var place = 0
        var isEqual = true
        bytes.forEachUnescaped(string) { byte in
            if place >= count || text.byte(place) != byte { isEqual = false }
            place += 1
        }
        return isEqual && place == count
    }

    /// Appends the UTF-8 that a string means.
    public func unescape(_ string: JSONString, into output: inout [UInt8]) {
        bytes.forEachUnescaped(string) { output.append($0) }
    }

    /// The text that a string means. Allocates.
    public func text(_ string: JSONString) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(string.contents.count)
        unescape(string, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Steps

    private mutating func skipWhiteSpace() {
        while offset < bytes.byteCount {
            switch bytes.byte(offset) {
            case 0x20, 0x0A, 0x0D, 0x09: offset &+= 1
            default: return
            }
        }
    }

    /// The next byte that is not white space; `offset` then is at it.
    private mutating func next() throws(JSONError) -> UInt8 {
        skipWhiteSpace()
        guard offset < bytes.byteCount else { throw JSONError(.truncated, at: offset) }
        return bytes.byte(offset)
    }

    private mutating func begin(_ bracket: UInt8, else code: JSONError.Code) throws(JSONError) {
        guard try next() == bracket else { throw JSONError(code, at: offset) }
        guard depth < nestingMax else { throw JSONError(.nestingTooDeep, at: offset) }
        offset &+= 1
        depth &+= 1
        isAtFirst = true
    }

    /// Passes the comma before a further member, or the closing bracket.
    private mutating func advance(closing: UInt8) throws(JSONError) -> Bool {
        let byte = try next()
        if byte == closing {
            offset &+= 1
            depth &-= 1
            isAtFirst = false
            return false
        }
        if isAtFirst {
            isAtFirst = false
            return true
        }
        guard byte == 0x2C else { throw JSONError(.expectedCommaOrEnd, at: offset) }
        offset &+= 1
        // A comma promises another member, so `[1,]` fails where the value is read, and `{"a":1,}` where its key is.
        return true
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        guard bytes.hasBytes(of: word, at: offset) else {
            let rest = bytes.byteCount - offset
            var matched = 0
            while matched < min(rest, word.utf8CodeUnitCount), word.byte(matched) == bytes.byte(offset + matched) {
                matched += 1
            }
            throw matched == rest ? JSONError(.truncated, at: bytes.byteCount) : JSONError(.invalidLiteral, at: offset)
        }
        try endScalar(at: offset &+ word.utf8CodeUnitCount, else: .invalidLiteral)
    }

    /// A scalar must not run into another: `truefalse` and `1"a"` are no two values.
    private mutating func endScalar(at end: Int, else code: JSONError.Code) throws(JSONError) {
        if end < bytes.byteCount, !JSONByte.mayFollowScalar(bytes.byte(end)) { throw JSONError(code, at: offset) }
        offset = end
    }
}

/// Classes of bytes in JSON text.
enum JSONByte {
    @inline(__always)
    static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// Whether the byte is a control character that is no white space.
    @inline(__always)
    static func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 && !isWhiteSpace(byte)
    }

    /// Whether the byte begins an object or array.
    static func isBracket(_ byte: UInt8) -> Bool {
        byte == 0x7B || byte == 0x5B
    }

    /// Whether a string may hold the byte only as an escape sequence.
    static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C
    }

    @inline(__always)
    static func mayFollowScalar(_ byte: UInt8) -> Bool {
        byte == 0x2C || byte == 0x7D || byte == 0x5D || isWhiteSpace(byte)
    }
}
