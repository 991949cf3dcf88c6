import Text

// JSON strings, appended to bytes without an allocation of their own: what RFC 8259 demands is escaped, and nothing else.

extension JSONWriter {
    /// Appends a string with its quotes.
    public static func append(string: String, to bytes: inout [UInt8]) {
        var string = string
        string.withUTF8 { text in
            let raw = UnsafeRawBufferPointer(text)
            unsafe append(string: raw.bytes, to: &bytes)
        }
    }

    /// Appends UTF-8 text as a string with its quotes.
    @inlinable
    public static func append(string text: RawSpan, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        var first = 0
        for place in 0..<text.byteCount where !isPlain(text.byte(place)) {
            append(plain: text.extracting(first..<place), to: &bytes)
            append(escaped: text.byte(place), to: &bytes)
            first = place &+ 1
        }
        append(plain: text.extracting(first..<text.byteCount), to: &bytes)
        bytes.append(0x22)
    }

    @inlinable
    static func append(plain text: RawSpan, to bytes: inout [UInt8]) {
        unsafe text.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    @inlinable
    public static func append(string text: [UInt8], to bytes: inout [UInt8]) {
        unsafe append(string: text.span.bytes, to: &bytes)
    }

    /// Whether a byte of UTF-8 text stands for itself inside a string.
    @inlinable @inline(__always)
    public static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x22 && byte != 0x5C }

    /// Appends one byte of UTF-8 text as it stands inside a string.
    public static func append(escaped byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case 0x22, 0x5C:
            bytes.append(0x5C)
            bytes.append(byte)
        case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
        case 0x0D: bytes.append(contentsOf: [0x5C, 0x72])
        case 0x09: bytes.append(contentsOf: [0x5C, 0x74])
        case 0x00..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: [0x5C, 0x75, 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        default: bytes.append(byte)
        }
    }
}
