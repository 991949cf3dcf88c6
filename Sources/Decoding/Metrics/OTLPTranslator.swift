import TelemetryModel
import Text

/// Writes OTLP/JSON as the protobuf message that it represents (protobuf's JSON mapping, "ProtoJSON").
///
/// So there is one decoder of metrics, and both encodings of a request cannot but give the same events. What the translation
/// adds is where each record was in the text, for dead letters.
///
/// A member of the wrong type does not end the translation: the record around it is replaced by a message that cannot be
/// read, with the fault beside it, and the decoder rejects it in its turn.
struct OTLPTranslator {
    /// Records in one document: the places of more would take more memory than the text.
    static let recordsMax = 1 << 20

    /// The text, and behind it the translated message: one span for all that an event points to.
    private(set) var output: [UInt8] = []
    private(set) var origins: [OTLPOrigin] = []

    /// Begins with the text itself, so that places in it hold in `output` too.
    mutating func begin(_ text: RawSpan) {
        output.removeAll(keepingCapacity: true)
        unsafe text.withUnsafeBytes { unsafe output.append(contentsOf: $0) }
    }

    /// Translates the JSON value that follows, a request. Returns the place of the message in `output`, or what is wrong with
    /// the document as a whole. Throws when the text is not JSON.
    mutating func translate(
        _ reader: inout JSONReader, textBytes: Int
    ) throws(JSONError) -> Result<Range<Int>, MetricFault> {
        output.removeLast(output.count - textBytes)
        origins.removeAll(keepingCapacity: true)
        let isObject = try reader.kind() == .object
        let start = reader.offset
        origins.append(OTLPOrigin(message: textBytes, place: start..<start))
        if !isObject {
            try reader.skipValue()
            return .failure(MetricFault(.invalidField, "expected a JSON object", at: start))
        }
        if let fault = try fields(of: .request, &reader) { return .failure(fault) }
        origins[0].place = start..<reader.offset
        return .success(textBytes..<output.count)
    }

    // MARK: Messages

    /// Writes the members of an object as fields; the first fault that is not kept inside a record.
    private mutating func fields(
        of message: OTLPMessage, _ reader: inout JSONReader
    ) throws(JSONError) -> MetricFault? {
        var fault: MetricFault?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            let field = message.fields.first { reader.isEqual(key, $0.name) || reader.isEqual(key, $0.originalName) }
            // `null` represents a field that is not there.
            guard let field, try reader.kind() != .null else {
                try reader.skipValue()
                continue
            }
            let problem = try value(of: field, &reader)
            if fault == nil { fault = problem }
        }
        return fault
    }

    private mutating func value(of field: OTLPField, _ reader: inout JSONReader) throws(JSONError) -> MetricFault? {
        switch field.kind {
        case .message(let message):
            return try self.message(message, field: field.number, &reader)
        case .repeated(let message):
            guard try reader.kind() == .array else { return try mismatch("an array", &reader) }
            var fault: MetricFault?
            try reader.beginArray()
            while try reader.nextElement() {
                let problem = try self.message(message, field: field.number, &reader)
                if fault == nil { fault = problem }
            }
            return fault
        default:
            return try scalar(field, &reader)
        }
    }

    /// Writes an object as a nested message. Its length is not known before its end, so that five bytes are kept for it:
    /// a varint may be longer than it needs to be.
    private mutating func message(
        _ message: OTLPMessage, field number: UInt64, _ reader: inout JSONReader
    ) throws(JSONError) -> MetricFault? {
        let isObject = try reader.kind() == .object
        let start = reader.offset
        append(varint: number << 3 | 2)
        let lengthPlace = output.count
        for _ in 0..<5 { output.append(0) }
        let contents = output.count
        let originIndex = origins.count
        if message.isRecord {
            if origins.count > OTLPTranslator.recordsMax {
                try reader.skipValue()
                output.removeLast(output.count - contents)
                setLength(at: lengthPlace, contents: contents)
                // The fault goes to the record around all of these, or to the document.
                return MetricFault(.tooLarge, "more than \(OTLPTranslator.recordsMax) records", at: start)
            }
            origins.append(OTLPOrigin(message: contents, place: start..<start))
        }
        var fault = isObject ? try fields(of: message, &reader) : try mismatch("an object", &reader)
        if message.isRecord {
            if let found = fault {
                output.removeLast(output.count - contents)
                origins.removeLast(origins.count - originIndex - 1)
                // Field number 0: no protobuf message begins so.
                output.append(0)
                origins[originIndex].fault = found
                fault = nil
            }
            origins[originIndex].place = start..<reader.offset
        }
        setLength(at: lengthPlace, contents: contents)
        return fault
    }

    private mutating func setLength(at place: Int, contents: Int) {
        let length = output.count - contents
        for index in 0..<5 {
            let bits = UInt8(truncatingIfNeeded: length >> (7 * index)) & 0x7F
            output[place + index] = index < 4 ? bits | 0x80 : bits
        }
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        output.append(UInt8(rest))
    }

    // MARK: Scalars

    private mutating func scalar(_ field: OTLPField, _ reader: inout JSONReader) throws(JSONError) -> MetricFault? {
        let kind = try reader.kind()
        let start = reader.offset
        switch field.kind {
        case .text, .bytes:
            guard kind == .string else { return try mismatch("a string", &reader) }
            let string = try reader.string()
            var bytes: [UInt8] = []
            if case .bytes = field.kind {
                // In either alphabet, with or without padding, as protobuf's JSON mapping accepts it.
                let text = reader.bytes.extracting(string.contents)
                guard Base64.decodeLoose(text, broken: false, into: &bytes) else {
                    return MetricFault(.invalidField, "expected base64", at: start)
                }
            } else {
                reader.unescape(string, into: &bytes)
            }
            append(varint: field.number << 3 | 2)
            append(varint: UInt64(bytes.count))
            output.append(contentsOf: bytes)
        case .bool:
            guard kind == .bool else { return try mismatch("true or false", &reader) }
            append(varint: field.number << 3)
            append(varint: try reader.bool() ? 1 : 0)
        default:
            guard kind == .number || kind == .string else { return try mismatch("a number", &reader) }
            let isText = kind == .string
            let range = isText ? try reader.string().contents : try reader.number().range
            if case .temporality = field.kind, isText,
                let value = OTLPTranslator.temporality(range, in: reader.bytes)
            {
                append(varint: field.number << 3)
                append(varint: value)
                return nil
            }
            do throws(JSONError) {
                try number(field, range, isText: isText, in: reader.bytes)
            } catch {
                let detail = error.reason == .outOfRange ? error.detail : "expected a number of the field's type"
                return MetricFault(error.reason == .outOfRange ? .outOfRange : .invalidField, detail, at: start)
            }
        }
        return nil
    }

    /// Writes a number, or a string that holds one. All JSON numbers may be written as strings, and 64-bit integers should.
    private mutating func number(
        _ field: OTLPField, _ range: Range<Int>, isText: Bool, in bytes: RawSpan
    ) throws(JSONError) {
        let bits: UInt64
        switch field.kind {
        case .double:
            if isText, let special = OTLPTranslator.special(range, in: bytes) {
                bits = special.bitPattern
            } else {
                _ = try OTLPTranslator.token(range, in: bytes)
                bits = try bytes.double(in: range).bitPattern
            }
        case .signedFixed64, .int64:
            let value: Int64 = try OTLPTranslator.integer(range, in: bytes)
            bits = UInt64(bitPattern: value)
        default:
            bits = try OTLPTranslator.integer(range, in: bytes)
        }
        switch field.kind {
        case .int64, .uint64, .temporality:
            append(varint: field.number << 3)
            append(varint: bits)
        default:
            append(varint: field.number << 3 | 1)
            for shift in 0..<8 { output.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * shift))) }
        }
    }

    /// Checks that the range is one number in JSON's grammar; whether it has neither fraction nor exponent.
    private static func token(_ range: Range<Int>, in bytes: RawSpan) throws(JSONError) -> Bool {
        let (end, isInteger) = try bytes.numberEnd(from: range.lowerBound)
        guard end == range.upperBound else { throw JSONError(.invalidNumber, at: end) }
        return isInteger
    }

    /// An integer; `5.0` and `1e3` are integers too, in protobuf's mapping.
    private static func integer<Integer: FixedWidthInteger>(
        _ range: Range<Int>, in bytes: RawSpan
    ) throws(JSONError) -> Integer {
        if try token(range, in: bytes) { return try bytes.integer(in: range, isInteger: true) }
        guard let value = Integer(exactly: try bytes.double(in: range)) else {
            throw JSONError(.notAnInteger, at: range.lowerBound)
        }
        return value
    }

    /// The number of a temporality that is written by its name, as protobuf's JSON mapping writes enumerations.
    private static func temporality(_ range: Range<Int>, in bytes: RawSpan) -> UInt64? {
        if bytes.isEqual(range, "AGGREGATION_TEMPORALITY_CUMULATIVE") { return 2 }
        if bytes.isEqual(range, "AGGREGATION_TEMPORALITY_DELTA") { return 1 }
        return bytes.isEqual(range, "AGGREGATION_TEMPORALITY_UNSPECIFIED") ? 0 : nil
    }

    private static func special(_ range: Range<Int>, in bytes: RawSpan) -> Double? {
        if bytes.isEqual(range, "NaN") { return .nan }
        if bytes.isEqual(range, "Infinity") { return .infinity }
        if bytes.isEqual(range, "-Infinity") { return -.infinity }
        return nil
    }

    private func mismatch(
        _ expected: StaticString, _ reader: inout JSONReader
    ) throws(JSONError) -> MetricFault {
        let place = try reader.skipValue()
        return MetricFault(.invalidField, "expected \(expected)", at: place.lowerBound)
    }
}
