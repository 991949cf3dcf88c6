import JSON
import TelemetryModel
import Text

/// How one of the distinct values of a set is published: any bytes, most of them a port, a name or an address.
enum DistinctValueText {
    /// A whole number that reads back as the same text: no sign, no zero in front, at most nine digits.
    private static func number(_ value: [UInt8]) -> Int64? {
        guard (1...9).contains(value.count), value.allSatisfy({ (0x30...0x39).contains($0) }),
            value.count == 1 || value[0] != 0x30
        else { return nil }
        return value.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    static func write(_ value: [UInt8], to json: inout JSONWriter) {
        if let number = number(value) {
            json.integer(number)
        } else if let text = String(validating: value, as: UTF8.self) {
            json.string(text)
        } else {
            json.beginObject()
            json.member("base64", String(decoding: Base64.encode(value), as: UTF8.self))
            json.endObject()
        }
    }

    /// Reads the values of a set, which are in order, each once.
    static func readAll(_ json: inout JSONCursor) throws(JSONCursorError) -> [[UInt8]] {
        var values: [[UInt8]] = []
        try json.beginArray()
        while try json.nextElement() {
            let value = try read(&json)
            if let last = values.last, !last.lexicographicallyPrecedes(value) {
                throw json.refusal("distinct values in their order")
            }
            values.append(value)
        }
        return values
    }

    private static func read(_ json: inout JSONCursor) throws(JSONCursorError) -> [UInt8] {
        switch try json.kind() {
        case .number:
            return Array(String(try json.integer(UInt32.self)).utf8)
        case .object:
            try json.beginObject()
            try json.requireKey("base64")
            let text = Array(try json.string().utf8)
            var bytes: [UInt8] = []
            // What no encoder writes, as with bits that are lost, would be two texts for one value.
            guard unsafe Base64.decode(text.span.bytes, into: &bytes) == nil, Base64.encode(bytes) == text else {
                throw json.refusal("base64")
            }
            try json.endObject()
            return bytes
        default:
            return Array(try json.string().utf8)
        }
    }
}
