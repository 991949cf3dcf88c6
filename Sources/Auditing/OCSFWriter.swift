import JSON
import TelemetryModel
import Text

/// Appends the members of compact JSON objects to bytes; commas are placed by the writer.
///
/// Keys are literals of this module and need no escaping; values are escaped as RFC 8259 demands, and cut where they are longer
/// than `AuditLimits` allow.
struct OCSFWriter {
    private(set) var bytes: [UInt8]
    private var needsComma = false
    /// Whether something was cut or left out because it was too long.
    var isTruncated = false
    /// Where the value that was written last is, with its quotes.
    private(set) var lastValue = 0..<0
    /// What the record's `observables` will list.
    private(set) var observed: [Observable] = []

    /// Appends to what is in `bytes`.
    init(_ bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    // MARK: Structure

    mutating func begin(_ key: StaticString? = nil, _ bracket: UInt8 = UInt8(ascii: "{")) {
        if let key { self.key(key) } else { separate() }
        bytes.append(bracket)
        needsComma = false
    }

    mutating func end(_ bracket: UInt8 = UInt8(ascii: "}")) {
        bytes.append(bracket)
        needsComma = true
    }

    /// Begins an object that is a member whose name comes from the event.
    mutating func begin(_ key: Range<Int>, of text: RawSpan) {
        self.key(key, of: text)
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    /// A place to come back to when nothing followed.
    struct Mark {
        fileprivate let count: Int
        fileprivate let needsComma: Bool
        fileprivate let observedCount: Int
    }

    var mark: Mark { Mark(count: bytes.count, needsComma: needsComma, observedCount: observed.count) }

    /// Takes back what was written since the mark.
    mutating func goBack(to mark: Mark) {
        bytes.removeLast(bytes.count - mark.count)
        observed.removeLast(observed.count - mark.observedCount)
        needsComma = mark.needsComma
    }

    // MARK: Values of this module

    mutating func literal(_ key: StaticString, _ value: StaticString) {
        self.key(key)
        quoted(value)
    }

    /// Text made of several literals.
    mutating func literal(_ key: StaticString, _ parts: StaticString...) {
        self.key(key)
        bytes.append(0x22)
        for part in parts { append(part) }
        bytes.append(0x22)
    }

    /// An element of an array.
    mutating func element(_ value: StaticString) {
        separate()
        quoted(value)
    }

    mutating func integer(_ key: StaticString, _ value: Int64) {
        self.key(key)
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func bool(_ key: StaticString, _ value: Bool) {
        self.key(key)
        append(value ? "true" : "false")
    }

    mutating func text(_ key: StaticString, _ value: String) {
        self.key(key)
        let start = bytes.count
        JSONWriter.append(string: value, to: &bytes)
        lastValue = start..<bytes.count
    }

    // MARK: Values of the event

    /// UTF-8 text.
    mutating func text(_ key: StaticString, _ value: RawSpan) {
        self.key(key)
        let start = bytes.count
        isTruncated = JSONText.append(text: value, max: AuditLimits.textBytesMax, to: &bytes) || isTruncated
        lastValue = start..<bytes.count
    }

    /// Bytes that are one JSON value already, of our own making.
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
        case .bool: text(key, value.boolValue ? "true" : "false")
        case .integer: text(key, String(value.integerValue))
        case .double: text(key, "\(value.doubleValue)")
        case .text, .arenaText, .json, .arenaJSON:
            if value.length == 0 { return false }
            text(key, event.bytes(of: value))
        }
        return true
    }

    /// A JSON value of the record's text, as a string, by the rules of `field`. `false`, and nothing written, when there is none.
    @discardableResult
    mutating func token(_ key: StaticString, _ text: RawSpan, _ place: Range<Int>?) -> Bool {
        guard let place, text.isMeaningful(place) else { return false }
        if text.byte(place.lowerBound) != UInt8(ascii: "\"") {
            self.text(key, text.extracting(place))
            return true
        }
        self.key(key)
        let start = bytes.count
        let wasCut = JSONText.append(string: text, place, max: AuditLimits.textBytesMax, to: &bytes)
        isTruncated = wasCut || isTruncated
        lastValue = start..<bytes.count
        return true
    }

    /// A JSON value of the record's text as JSON, without white space. `false`, and nothing written, when there is none.
    @discardableResult
    mutating func data(_ key: StaticString, _ text: RawSpan, _ place: Range<Int>?) -> Bool {
        guard let place, text.isMeaningful(place) else { return false }
        self.key(key)
        isTruncated = JSONText.append(json: text, place, max: AuditLimits.dataBytesMax, to: &bytes) || isTruncated
        return true
    }

    /// A member of the record's text as it is, in at most so many bytes.
    mutating func member(_ key: Range<Int>, _ value: Range<Int>, of text: RawSpan, max: Int) {
        self.key(key, of: text)
        isTruncated = JSONText.append(json: text, value, max: max, to: &bytes) || isTruncated
    }

    // MARK: Observables

    /// Lists the value that was written last among the record's observables.
    mutating func observe(_ name: StaticString, _ kind: ObservableKind, element: Int? = nil) {
        observed.append(Observable(name: name, element: element, kind: kind, value: lastValue))
    }

    /// Writes the observables noted so far. The values are taken from what was written.
    mutating func writeObservables() {
        guard !observed.isEmpty else { return }
        let start = bytes.count
        begin("observables", UInt8(ascii: "["))
        for observable in observed {
            guard bytes.count - start + observable.value.count < AuditLimits.observablesBytesMax else {
                isTruncated = true
                break
            }
            begin()
            key("name")
            bytes.append(0x22)
            append(observable.name)
            if let element = observable.element {
                bytes.append(contentsOf: "[\(element)]".utf8)
                append(observable.kind == .resourceName ? ".name" : ".uid")
            }
            bytes.append(0x22)
            literal("type", observable.kind.caption)
            integer("type_id", Int64(observable.kind.rawValue))
            key("value")
            for place in observable.value { bytes.append(bytes[place]) }
            end()
        }
        end(UInt8(ascii: "]"))
    }

    // MARK: Bytes

    private mutating func key(_ name: StaticString) {
        separate()
        quoted(name)
        bytes.append(0x3A)
        needsComma = true
    }

    private mutating func key(_ name: Range<Int>, of text: RawSpan) {
        separate()
        let quotes = (name.lowerBound - 1)..<(name.upperBound + 1)
        isTruncated = JSONText.append(string: text, quotes, max: AuditLimits.textBytesMax, to: &bytes) || isTruncated
        bytes.append(0x3A)
        needsComma = true
    }

    private mutating func quoted(_ text: StaticString) {
        bytes.append(0x22)
        append(text)
        bytes.append(0x22)
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }
}

/// A value that a reader may search for in events of every class: OCSF's `observable`.
struct Observable {
    /// The attribute's path; of an element of `resources` the array's name alone.
    let name: StaticString
    /// The element's index.
    let element: Int?
    let kind: ObservableKind
    /// Where the value is in the record, with its quotes.
    let value: Range<Int>
}

/// OCSF 1.8.0's `observable.type_id`, as far as records use it.
enum ObservableKind: Int {
    case ipAddress = 2
    case userName = 4
    case resourceUID = 10
    case userAgent = 16
    case credentialUID = 19
    case userUID = 31
    case accountUID = 35
    case resourceName = 38
    case endpointUID = 48

    /// The caption in the schema.
    var caption: StaticString {
        switch self {
        case .ipAddress: "IP Address"
        case .userName: "User Name"
        case .resourceUID: "Resource UID"
        case .userAgent: "HTTP User-Agent"
        case .credentialUID: "User Credential ID"
        case .userUID: "User Object: uid"
        case .accountUID: "Account Object: uid"
        case .resourceName: "Resource Details Object: name"
        case .endpointUID: "Network Endpoint Object: uid"
        }
    }
}
