import Text

/// Telling protobuf from text, and kinds of protobuf from each other.
enum BinaryShape: Equatable {
    case otlp
    case delimitedOTLP
    case remoteWrite
    case unknown

    /// Whether bytes are no text: control characters that text has no use for among the first 1024.
    ///
    /// Protobuf cannot avoid them for long: the key of any field 1 to 3 of a message is one, but for 0x0A. A few of them among
    /// words are a broken line or two, and the other lines are not broken. Zeros after one another, which a machine leaves
    /// in a file that it was writing when it went down, are one.
    static func isBinary(_ bytes: RawSpan) -> Bool {
        var (controls, blanks, count) = (0, 0, 0)
        var previous: UInt8 = 0
        var place = 0
        while place < bytes.byteCount, count < 1024 {
            let byte = bytes.byte(place)
            place &+= 1
            if byte == 0, previous == 0 { continue }
            previous = byte
            count += 1
            if JSONByte.isControl(byte) { controls += 1 }
            if byte == 0x20 { blanks += 1 }
        }
        return controls > 0 && (controls * 32 > count || blanks * 20 < count)
    }

    /// Whether bytes begin as an object or array does. A protobuf message can have the same first byte, and a line break
    /// after it, but no text in quotes. Control characters in front make it no protobuf message either: those that are
    /// known begin with a line feed behind one length or two.
    static func beginsAsJSON(_ bytes: RawSpan) -> Bool {
        var start = bytes.skippingWhiteSpace(from: bytes.hasBytes(of: "\u{FEFF}", at: 0) ? 3 : 0)
        while start < bytes.byteCount, JSONByte.isControl(bytes.byte(start)) { start += 1 }
        start = bytes.skippingWhiteSpace(from: start)
        guard start < bytes.byteCount, bytes.byte(start) == 0x7B || bytes.byte(start) == 0x5B else { return false }
        let next = bytes.skippingWhiteSpace(from: start + 1)
        guard next + 1 < bytes.byteCount else { return false }
        switch bytes.byte(next) {
        case 0x22: return bytes.byte(next + 1) >= 0x20
        // An array of objects.
        case 0x7B:
            return bytes.byte(start) == 0x5B
                && (bytes.byte(next + 1) == 0x22 || JSONByte.isWhiteSpace(bytes.byte(next + 1)))
        default: return false
        }
    }

    /// What the first bytes of a binary message say that it is.
    ///
    /// An `ExportMetricsServiceRequest` begins with the key of field 1 and wire type 2: 0x0A. CloudWatch puts a length before
    /// it. Remote write is compressed by Snappy: a length, a literal's tag (its low two bits 0), and then the same 0x0A.
    static func of(_ bytes: RawSpan) -> BinaryShape {
        guard let first = varint(bytes, at: 0), first.end < bytes.byteCount else { return .unknown }
        let next = bytes.byte(first.end)
        if bytes.byte(0) == 0x0A, let message = varint(bytes, at: 1) {
            // 0x0A may also be the length 10, of a delimited request or of one under Snappy; then what follows does not add up.
            let isWhole = message.value <= UInt64(bytes.byteCount - message.end)
            if isWhole || next != 0x0A { return .otlp }
        }
        if next == 0x0A { return .delimitedOTLP }
        if next & 3 == 0 { return .remoteWrite }
        return .unknown
    }

    private static func varint(_ bytes: RawSpan, at start: Int) -> (value: UInt64, end: Int)? {
        var value: UInt64 = 0
        for index in 0..<5 {
            guard start + index < bytes.byteCount else { return nil }
            let byte = bytes.byte(start + index)
            value |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte < 0x80 { return (value, start + index + 1) }
        }
        return nil
    }
}
