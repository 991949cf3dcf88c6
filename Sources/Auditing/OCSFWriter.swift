import JSON
import TelemetryModel
import Text

/// Writes the members of an OCSF record: values of this module as they are, values of the event cut where they are longer
/// than `AuditLimits` allow.
struct OCSFWriter {
    private var json: JSONWriter
    /// Whether something was cut or left out because it was too long.
    var isTruncated = false
    /// Where the value that was written last is, with its quotes.
    private(set) var lastValue = 0..<0
    /// What the record's `observables` will list.
    private(set) var observed: [Observable] = []

    /// Appends to what is in `bytes`.
    init(_ bytes: consuming [UInt8]) {
        json = JSONWriter(appendingTo: bytes)
    }

    var bytes: [UInt8] { json.bytes }

    // MARK: Structure

    mutating func begin(_ key: StaticString? = nil) {
        if let key { json.key(literal: key) }
        json.beginObject()
    }

    mutating func end() { json.endObject() }

    mutating func beginArray(_ key: StaticString) {
        json.key(literal: key)
        json.beginArray()
    }

    mutating func endArray() { json.endArray() }

    /// Begins an object that is a member whose name comes from the event.
    mutating func begin(_ key: Range<Int>, of text: RawSpan) {
        self.key(key, of: text)
        json.beginObject()
    }

    /// A place to come back to when nothing followed.
    struct Mark {
        fileprivate let json: JSONWriter.Mark
        fileprivate let observedCount: Int
    }

    var mark: Mark { Mark(json: json.mark, observedCount: observed.count) }

    /// Takes back what was written since the mark.
    mutating func goBack(to mark: Mark) {
        json.goBack(to: mark.json)
        observed.removeLast(observed.count - mark.observedCount)
    }

    // MARK: Values of this module

    mutating func literal(_ key: StaticString, _ value: StaticString) {
        json.key(literal: key)
        json.string(literal: value)
    }

    /// Text made of several literals.
    mutating func literal(_ key: StaticString, _ parts: StaticString...) {
        json.key(literal: key)
        json.value { bytes in
            bytes.append(0x22)
            for part in parts { OCSFWriter.append(part, to: &bytes) }
            bytes.append(0x22)
        }
    }

    /// An element of an array.
    mutating func element(_ value: StaticString) { json.string(literal: value) }

    mutating func integer(_ key: StaticString, _ value: Int64) {
        json.key(literal: key)
        json.integer(value)
    }

    mutating func bool(_ key: StaticString, _ value: Bool) {
        json.key(literal: key)
        json.bool(value)
    }

    mutating func text(_ key: StaticString, _ value: String) {
        json.key(literal: key)
        cutValue { bytes in
            var text: [UInt8] = []
            JSONWriter.append(string: value, to: &text)
            bytes += Inert.json(text)
            return false
        }
    }

    // MARK: Values of the event

    /// UTF-8 text.
    mutating func text(_ key: StaticString, _ value: RawSpan) {
        json.key(literal: key)
        cutValue { BoundedJSON.append(text: value, max: AuditLimits.textBytesMax, to: &$0) }
    }

    /// Bytes that are one JSON value already, of our own making.
    mutating func raw(_ key: StaticString, _ json: RawSpan) {
        self.json.key(literal: key)
        self.json.value { bytes in unsafe json.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) } }
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
        json.key(literal: key)
        cutValue { BoundedJSON.append(string: text, place, max: AuditLimits.textBytesMax, to: &$0) }
        return true
    }

    /// A JSON value of the record's text as JSON, without white space. `false`, and nothing written, when there is none.
    @discardableResult
    mutating func data(_ key: StaticString, _ text: RawSpan, _ place: Range<Int>?) -> Bool {
        guard let place, text.isMeaningful(place) else { return false }
        json.key(literal: key)
        cutValue { BoundedJSON.append(json: text, place, max: AuditLimits.dataBytesMax, to: &$0) }
        return true
    }

    /// A member of the record's text as it is, in at most so many bytes.
    mutating func member(_ key: Range<Int>, _ value: Range<Int>, of text: RawSpan, max: Int) {
        self.key(key, of: text)
        cutValue { BoundedJSON.append(json: text, value, max: max, to: &$0) }
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
        beginArray("observables")
        for observable in observed {
            guard bytes.count - start + observable.value.count < AuditLimits.observablesBytesMax else {
                isTruncated = true
                break
            }
            begin()
            json.key(literal: "name")
            json.value { bytes in
                bytes.append(0x22)
                OCSFWriter.append(observable.name, to: &bytes)
                if let element = observable.element {
                    bytes.append(contentsOf: "[\(element)]".utf8)
                    OCSFWriter.append(observable.kind == .resourceName ? ".name" : ".uid", to: &bytes)
                }
                bytes.append(0x22)
            }
            literal("type", observable.kind.caption)
            integer("type_id", Int64(observable.kind.rawValue))
            json.key(literal: "value")
            json.value { bytes in
                for place in observable.value { bytes.append(bytes[place]) }
            }
            end()
        }
        endArray()
    }

    // MARK: Bytes

    /// Writes a value by `append`, which says whether it cut something.
    private mutating func cutValue(_ append: (inout [UInt8]) -> Bool) {
        let (start, end, wasCut) = json.value { bytes in
            let start = bytes.count
            let wasCut = append(&bytes)
            return (start, bytes.count, wasCut)
        }
        isTruncated = wasCut || isTruncated
        lastValue = start..<end
    }

    private mutating func key(_ name: Range<Int>, of text: RawSpan) {
        let quotes = (name.lowerBound - 1)..<(name.upperBound + 1)
        var wasCut = false
        json.key { bytes in
            wasCut = BoundedJSON.append(string: text, quotes, max: AuditLimits.textBytesMax, to: &bytes)
            bytes.append(0x3A)
        }
        isTruncated = wasCut || isTruncated
    }

    private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
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
