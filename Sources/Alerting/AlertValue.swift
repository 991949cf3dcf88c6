import JSON
import TelemetryModel

/// A value among an alert's details: JSON, with the keys of objects in byte order so that equal values are equal bytes.
public enum AlertValue: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    /// A decimal number by its own text, which a double might not hold; made by `number`.
    case decimal(String)
    case bool(Bool)
    case null
    case list([AlertValue])
    case object([String: AlertValue])

    /// A number by its decimal text, an integer where it is one; what is no JSON number becomes text, so that it is
    /// still seen and the record stays whole.
    public static func number(_ decimal: String) -> AlertValue {
        if let integer = Int64(decimal), String(integer) == decimal { return .integer(integer) }
        return isNumber(decimal) ? .decimal(decimal) : .text(decimal)
    }

    public static func number(_ value: Double) -> AlertValue {
        Int64(exactly: value).map(AlertValue.integer) ?? number("\(value)")
    }

    /// RFC 8259's grammar of a number. By hand: a regular expression is compiled each time that it is met, and that took
    /// more than half of what it takes to read an alert.
    private static func isNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func take(_ bytes: [UInt8]) -> Bool {
            guard let first = rest.first, bytes.contains(first) else { return false }
            rest.removeFirst()
            return true
        }
        func takeDigits() -> Bool {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest.removeFirst(digits.count)
            return !digits.isEmpty
        }
        _ = take([UInt8(ascii: "-")])
        if !take([UInt8(ascii: "0")]), !takeDigits() { return false }
        if take([UInt8(ascii: ".")]), !takeDigits() { return false }
        if take([UInt8(ascii: "e"), UInt8(ascii: "E")]) {
            _ = take([UInt8(ascii: "+"), UInt8(ascii: "-")])
            if !takeDigits() { return false }
        }
        return rest.isEmpty
    }

    package func write(to json: inout JSONWriter) {
        switch self {
        case .text(let text): json.string(text)
        case .integer(let value): json.integer(value)
        case .decimal(let text): json.raw(text.utf8)
        case .bool(let value): json.bool(value)
        case .null: json.null()
        case .list(let values):
            json.beginArray()
            for value in values { value.write(to: &json) }
            json.endArray()
        case .object(let members): AlertValue.write(members, to: &json)
        }
    }

    package static func write(_ members: [String: AlertValue], to json: inout JSONWriter) {
        json.beginObject()
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            json.key(name)
            value.write(to: &json)
        }
        json.endObject()
    }
}
