import Text

/// Writes compact JSON into bytes, keys in the order in which they are written.
///
/// For the records that Tidewatch publishes: their bytes must be the same on every run, which dictionaries do not
/// promise. Commas are placed by the writer; balance of `begin` and `end` is the caller's.
public struct JSONWriter: Sendable {
    @usableFromInline var written: [UInt8] = []
    @usableFromInline var needsComma = false

    @inlinable public var bytes: [UInt8] { written }

    public init() {}

    /// Writes behind what is in `bytes`.
    public init(appendingTo bytes: consuming [UInt8]) {
        written = bytes
    }

    /// Forgets what was written, keeping the memory.
    public mutating func removeAll() {
        written.removeAll(keepingCapacity: true)
        needsComma = false
    }

    public mutating func beginObject() { open(0x7B) }
    public mutating func endObject() { close(0x7D) }
    public mutating func beginArray() { open(0x5B) }
    public mutating func endArray() { close(0x5D) }

    public mutating func key(_ name: String) {
        separate()
        JSONWriter.append(string: name, to: &written)
        written.append(0x3A)
        needsComma = false
    }

    /// A name that needs no escape: a literal of the program's own.
    public mutating func key(literal name: StaticString) {
        separate()
        append(quoted: name)
        written.append(0x3A)
        needsComma = false
    }

    /// The name of a member whose quotes and colon `body` appends itself.
    @inlinable
    public mutating func key(_ body: (inout [UInt8]) -> Void) {
        separate()
        body(&written)
        needsComma = false
    }

    public mutating func string(literal value: StaticString) {
        separate()
        append(quoted: value)
    }

    public mutating func string(_ value: String) {
        separate()
        JSONWriter.append(string: value, to: &written)
    }

    @inlinable
    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        if let small = Int64(exactly: value) {
            written.append(decimal: small)
        } else {
            written.append(contentsOf: String(value).utf8)
        }
    }

    /// The shortest text that reads back as the same number; `null` for what JSON cannot say.
    public mutating func double(_ value: Double) {
        separate()
        written.append(contentsOf: value.isFinite ? "\(value)".utf8 : "null".utf8)
    }

    public mutating func bool(_ value: Bool) {
        separate()
        written.append(contentsOf: value ? "true".utf8 : "false".utf8)
    }

    public mutating func null() {
        separate()
        written.append(contentsOf: "null".utf8)
    }

    /// Bytes that are one JSON value already.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        written.append(contentsOf: json)
    }

    /// One JSON value that `body` appends itself.
    @inlinable
    public mutating func value<Result>(_ body: (inout [UInt8]) -> Result) -> Result {
        separate()
        return body(&written)
    }

    /// A place to come back to when nothing followed.
    public struct Mark: Sendable {
        fileprivate let count: Int
        fileprivate let needsComma: Bool
    }

    public var mark: Mark { Mark(count: written.count, needsComma: needsComma) }

    /// Takes back what was written since the mark.
    public mutating func goBack(to mark: Mark) {
        written.removeLast(written.count - mark.count)
        needsComma = mark.needsComma
    }

    public mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    public mutating func member(_ name: String, _ value: some BinaryInteger) {
        key(name)
        integer(value)
    }

    @inlinable
    mutating func separate() {
        if needsComma { written.append(0x2C) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        written.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        written.append(bracket)
        needsComma = true
    }

    private mutating func append(quoted text: StaticString) {
        written.append(0x22)
        text.withUTF8Buffer { unsafe written.append(contentsOf: $0) }
        written.append(0x22)
    }
}
