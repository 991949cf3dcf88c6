import TelemetryModel

/// Appends the members of compact JSON objects to bytes; commas are placed by the writer.
///
/// Keys are literals of this module and need no escaping; values are escaped as RFC 8259 demands.
struct OCSFWriter {
    private(set) var bytes: [UInt8]
    private var needsComma = false

    /// Appends to what is in `bytes`.
    init(_ bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    mutating func begin(_ key: StaticString? = nil, _ bracket: UInt8 = UInt8(ascii: "{")) {
        if let key { self.key(key) } else { separate() }
        bytes.append(bracket)
        needsComma = false
    }

    mutating func end(_ bracket: UInt8 = UInt8(ascii: "}")) {
        bytes.append(bracket)
        needsComma = true
    }

    mutating func literal(_ key: StaticString, _ value: StaticString) {
        self.key(key)
        bytes.append(0x22)
        append(value)
        bytes.append(0x22)
    }

    /// An element of an array.
    mutating func element(_ value: StaticString) {
        separate()
        bytes.append(0x22)
        append(value)
        bytes.append(0x22)
    }

    mutating func integer(_ key: StaticString, _ value: Int64) {
        self.key(key)
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func bool(_ key: StaticString, _ value: Bool) {
        self.key(key)
        append(value ? "true" : "false")
    }

    mutating func text(_ key: StaticString, _ value: RawSpan) {
        self.key(key)
        string(value)
    }

    mutating func text(_ key: StaticString, _ value: String) {
        self.key(key)
        JSONWriter.append(string: value, to: &bytes)
    }

    /// Bytes that are one JSON value already.
    mutating func raw(_ key: StaticString, _ json: RawSpan) {
        self.key(key)
        unsafe json.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// A field's value as a string; a number or a truth value in JSON's notation. `false`, and nothing written, when the
    /// field is absent, null or empty.
    @discardableResult
    mutating func field(_ key: StaticString, _ event: EventView, _ slot: Int) -> Bool {
        let value = event[slot]
        switch value.kind {
        case .absent, .null: return false
        case .bool: literal(key, value.boolValue ? "true" : "false")
        case .integer: text(key, String(value.integerValue))
        case .double: text(key, "\(value.doubleValue)")
        case .text, .arenaText, .json, .arenaJSON:
            if value.length == 0 { return false }
            text(key, event.bytes(of: value))
        }
        return true
    }

    /// The first of several fields that is there.
    @discardableResult
    mutating func field(_ key: StaticString, _ event: EventView, firstOf slots: Int...) -> Bool {
        for slot in slots where field(key, event, slot) { return true }
        return false
    }

    private mutating func string(_ value: RawSpan) {
        bytes.append(0x22)
        for place in 0..<value.byteCount {
            let byte = value.byte(place)
            if byte >= 0x20, byte != 0x22, byte != 0x5C {
                bytes.append(byte)
            } else {
                JSONWriter.append(escaped: byte, to: &bytes)
            }
        }
        bytes.append(0x22)
    }

    private mutating func key(_ name: StaticString) {
        separate()
        bytes.append(0x22)
        append(name)
        bytes.append(0x22)
        bytes.append(0x3A)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }
}
