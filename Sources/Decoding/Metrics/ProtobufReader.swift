import TelemetryModel
import Text

/// One field of a protobuf message, read and checked: its number, and its value or the place of it.
struct ProtobufField {
    enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    let number: Int
    let wireType: WireType
    /// Offset of the field's tag.
    let offset: Int
    /// The value of a varint or of a fixed-size field.
    let scalar: UInt64
    /// The bytes of a length-delimited field; empty for all others.
    let contents: Range<Int>

    /// The bytes of a string, of bytes or of a message.
    func bytes() throws(MetricFault) -> Range<Int> {
        try require(.lengthDelimited)
        return contents
    }

    func double() throws(MetricFault) -> Double {
        try require(.fixed64)
        return Double(bitPattern: scalar)
    }

    func fixed64() throws(MetricFault) -> UInt64 {
        try require(.fixed64)
        return scalar
    }

    func varint() throws(MetricFault) -> UInt64 {
        try require(.varint)
        return scalar
    }

    // Other parsers take a known field of the wrong wire type for an unknown one; that would drop a value silently.
    private func require(_ expected: WireType) throws(MetricFault) {
        if wireType != expected {
            throw MetricFault(.invalidProtobuf, "field \(number) has wire type \(wireType.rawValue)", at: offset)
        }
    }
}

/// Reads the fields of one protobuf message over borrowed bytes (Protocol Buffers, "Encoding").
///
/// Every field is checked where it is, known or not: the tag's number and wire type, a varint of at most ten bytes,
/// a length within the message. Groups are refused: no message read here has one. It neither allocates nor recurses,
/// and offsets count from the start of the span, so that a nested message is a reader over a part of the same span.
struct ProtobufReader: ~Copyable, ~Escapable {
    let bytes: RawSpan
    private(set) var offset: Int
    let end: Int

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.byteCount, "a message outside the bytes")
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    /// The next field, or `nil` at the end of the message.
    @_lifetime(self: copy self)
    mutating func next() throws(MetricFault) -> ProtobufField? {
        guard offset < end else { return nil }
        let start = offset
        let tag = try varint()
        let number = tag >> 3
        guard number > 0, number <= 0x1FFF_FFFF else {
            throw MetricFault(.invalidProtobuf, "a field number outside 1 to 536,870,911", at: start)
        }
        guard let wireType = ProtobufField.WireType(rawValue: UInt8(tag & 7)) else {
            throw MetricFault(.invalidProtobuf, "wire type \(tag & 7), a group or unknown", at: start)
        }
        var scalar: UInt64 = 0
        var contents = offset..<offset
        switch wireType {
        case .varint:
            scalar = try varint()
        case .fixed64:
            guard end &- offset >= 8 else { throw cutOff() }
            scalar = UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        case .fixed32:
            guard end &- offset >= 4 else { throw cutOff() }
            scalar = UInt64(
                UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            offset &+= 4
        case .lengthDelimited:
            contents = try lengthDelimited()
        }
        return ProtobufField(
            number: Int(number), wireType: wireType, offset: start, scalar: scalar, contents: contents)
    }

    /// A length and as many bytes, without a tag: what frames a message in a stream of messages.
    @_lifetime(self: copy self)
    @inline(__always)
    mutating func lengthDelimited() throws(MetricFault) -> Range<Int> {
        let length = try varint()
        guard length <= UInt64(end &- offset) else { throw cutOff() }
        let contents = offset..<(offset &+ Int(length))
        offset = contents.upperBound
        return contents
    }

    @_lifetime(self: copy self)
    @inline(__always)
    mutating func varint() throws(MetricFault) -> UInt64 {
        // Tags below 16 and lengths below 128, nearly all there are, take one byte.
        if offset < end {
            let first = bytes.byte(offset)
            if first < 0x80 {
                offset &+= 1
                return UInt64(first)
            }
        }
        return try longVarint()
    }

    @_lifetime(self: copy self)
    @inline(never)
    private mutating func longVarint() throws(MetricFault) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < end {
            let byte = bytes.byte(offset)
            // The tenth byte holds the last of 64 bits.
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7F) &<< shift
            offset &+= 1
            if byte < 0x80 { return value }
            shift &+= 7
        }
        if offset >= end { throw cutOff() }
        throw MetricFault(.invalidProtobuf, "a varint of more than 64 bits", at: start)
    }

    @inline(never)
    private func cutOff() -> MetricFault {
        end == bytes.byteCount
            ? MetricFault(.truncated, "the message ends inside a field", at: offset)
            : MetricFault(.invalidProtobuf, "a field runs past the end of its message", at: offset)
    }
}

extension RawSpan {
    /// The place of a protobuf string, its UTF-8 checked.
    func protobufText(_ field: ProtobufField) throws(MetricFault) -> Range<Int> {
        let range = try field.bytes()
        if let fault = utf8Fault(in: range) {
            throw MetricFault(.invalidUTF8, "a string that is not UTF-8", at: fault)
        }
        return range
    }

    func isEqual(_ range: Range<Int>, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount && hasBytes(of: text, at: range.lowerBound)
    }

    func isEqual(_ range: Range<Int>, _ text: [UInt8]) -> Bool {
        guard range.count == text.count else { return false }
        for place in 0..<text.count where byte(range.lowerBound &+ place) != text[place] { return false }
        return true
    }
}
