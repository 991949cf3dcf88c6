/// Writes compact JSON into bytes, keys in the order in which they are written.
///
/// For the records that Tidewatch publishes: their bytes must be the same on every run, which dictionaries do not
/// promise. Commas are placed by the writer; balance of `begin` and `end` is the caller's.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init() {}

    /// Forgets what was written, keeping the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    public mutating func beginObject() { open(0x7B) }
    public mutating func endObject() { close(0x7D) }
    public mutating func beginArray() { open(0x5B) }
    public mutating func endArray() { close(0x5D) }

    public mutating func key(_ name: String) {
        separate()
        JSONWriter.append(string: name, to: &bytes)
        bytes.append(0x3A)
        needsComma = false
    }

    public mutating func string(_ value: String) {
        separate()
        JSONWriter.append(string: value, to: &bytes)
    }

    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// The shortest text that reads back as the same number; `null` for what JSON cannot say.
    public mutating func double(_ value: Double) {
        separate()
        bytes.append(contentsOf: value.isFinite ? "\(value)".utf8 : "null".utf8)
    }

    public mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
    }

    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Bytes that are one JSON value already.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    public mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    public mutating func member(_ name: String, _ value: some BinaryInteger) {
        key(name)
        integer(value)
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    /// Appends a JSON string with its quotes; escapes what RFC 8259 demands and nothing else.
    public static func append(string: String, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        for byte in string.utf8 { append(escaped: byte, to: &bytes) }
        bytes.append(0x22)
    }

    /// Appends one byte of UTF-8 text as it stands inside a JSON string.
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
