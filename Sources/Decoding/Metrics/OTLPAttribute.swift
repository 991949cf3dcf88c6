import JSON
import TelemetryModel
import Text

/// The value of an OpenTelemetry attribute (`AnyValue`): scalars by value, the rest by its place in the message.
enum OTLPValue {
    /// No value at all, which OpenTelemetry allows.
    case none
    case text(Range<Int>)
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case bytes(Range<Int>)
    /// An `ArrayValue` message.
    case array(Range<Int>)
    /// A `KeyValueList` message.
    case list(Range<Int>)
}

/// A `KeyValue` message, read whole: its key's UTF-8 and all of its value are checked.
struct OTLPAttribute {
    var key = 0..<0
    var value = OTLPValue.none

    /// `nestingMax` is how many messages the value may still hold inside one another, or `nil` when all that is inside was
    /// read before and is skipped.
    init(_ range: Range<Int>, in bytes: RawSpan, nestingMax: Int?) throws(MetricFault) {
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            switch field.number {
            case 1: key = try bytes.protobufText(field)
            case 2: value = try OTLPValue(field.bytes(), in: bytes, nestingMax: nestingMax)
            default: break
            }
        }
    }
}

extension OTLPValue {
    /// Reads an `AnyValue`, `nestingMax` as for `OTLPAttribute`; of several values the last one holds, as protobuf's rule for `oneof` says.
    init(_ range: Range<Int>, in bytes: RawSpan, nestingMax: Int?) throws(MetricFault) {
        if let nestingMax, nestingMax <= 0 {
            throw MetricFault(.nestingTooDeep, "an attribute nested deeper than the limit", at: range.lowerBound)
        }
        self = .none
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            switch field.number {
            case 1: self = .text(try bytes.protobufText(field))
            case 2: self = .bool(try field.varint() != 0)
            case 3: self = .integer(Int64(bitPattern: try field.varint()))
            case 4: self = .double(try field.double())
            case 5:
                let values = try field.bytes()
                var elements = ProtobufReader(bytes, values)
                while let nestingMax, let element = try elements.next() {
                    guard element.number == 1 else { continue }
                    _ = try OTLPValue(element.bytes(), in: bytes, nestingMax: nestingMax - 1)
                }
                self = .array(values)
            case 6:
                let values = try field.bytes()
                var members = ProtobufReader(bytes, values)
                while let nestingMax, let member = try members.next() {
                    guard member.number == 1 else { continue }
                    _ = try OTLPAttribute(member.bytes(), in: bytes, nestingMax: nestingMax - 1)
                }
                self = .list(values)
            case 7: self = .bytes(try field.bytes())
            default: break
            }
        }
    }

    /// Appends the value as a dimension's text: text as it is, numbers and booleans in JSON's notation, bytes in base64,
    /// arrays and lists as compact JSON.
    func appendText(of bytes: RawSpan, to text: inout [UInt8]) throws(MetricFault) {
        switch self {
        case .none: break
        case .text(let range): for place in range { text.append(bytes.byte(place)) }
        case .bool(let value): text.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): text.append(contentsOf: String(value).utf8)
        case .double(let value): DoubleText.append(value, to: &text)
        case .bytes(let range): Base64.encode(bytes.extracting(range), to: &text)
        case .array, .list: try appendJSON(of: bytes, to: &text)
        }
    }

    /// Appends the value as compact JSON. The value was read before, which bounds the recursion.
    private func appendJSON(of bytes: RawSpan, to text: inout [UInt8]) throws(MetricFault) {
        switch self {
        case .none: text.append(contentsOf: "null".utf8)
        case .text(let range): JSONWriter.append(string: bytes.extracting(range), to: &text)
        case .bool, .integer: try appendText(of: bytes, to: &text)
        case .double(let value):
            if !value.isFinite { text.append(0x22) }
            DoubleText.append(value, to: &text)
            if !value.isFinite { text.append(0x22) }
        case .bytes:
            text.append(0x22)
            try appendText(of: bytes, to: &text)
            text.append(0x22)
        case .array(let range):
            text.append(0x5B)
            var isFirst = true
            var reader = ProtobufReader(bytes, range)
            while let element = try reader.next() {
                guard element.number == 1 else { continue }
                if !isFirst { text.append(0x2C) }
                isFirst = false
                try OTLPValue(element.contents, in: bytes, nestingMax: nil).appendJSON(of: bytes, to: &text)
            }
            text.append(0x5D)
        case .list(let range):
            text.append(0x7B)
            var isFirst = true
            var reader = ProtobufReader(bytes, range)
            while let member = try reader.next() {
                guard member.number == 1 else { continue }
                if !isFirst { text.append(0x2C) }
                isFirst = false
                let attribute = try OTLPAttribute(member.contents, in: bytes, nestingMax: nil)
                JSONWriter.append(string: bytes.extracting(attribute.key), to: &text)
                text.append(0x3A)
                try attribute.value.appendJSON(of: bytes, to: &text)
            }
            text.append(0x7D)
        }
    }
}
