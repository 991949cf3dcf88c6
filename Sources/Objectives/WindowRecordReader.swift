import TelemetryModel

/// Reads window records back from JSON, and checks everything that a report relies on.
///
/// Members may stand in any order, and unknown ones are passed over; those that Tidewatch wrote are read fastest. What an
/// objective promises stands in each of its records in the same bytes, in front of "start"; it is read once and then
/// recognised, up to `knownMax` objectives.
public struct WindowRecordReader {
    private var known: [[UInt8]: ObjectiveTerms] = [:]
    private var last: (bytes: [UInt8], terms: ObjectiveTerms)?
    private var goods: [Int64] = []
    private var totals: [Int64] = []

    /// A million objectives' terms would fill a process's memory; past this number they are read each time.
    private static let knownMax = 100_000

    public init() {}

    public mutating func read(_ bytes: [UInt8]) throws(WindowRecordError) -> WindowRecord {
        // No string of valid JSON holds these bytes, whose quotes would be escaped: they are the member, and what stands
        // before it is whole members of the same object. Equal bytes before it were read without a fault.
        guard let mark = WindowRecordReader.firstIndex(of: WindowRecordReader.mark, in: bytes) else {
            return try read(bytes, terms: nil)
        }
        let terms: ObjectiveTerms
        if let last, bytes[..<mark].elementsEqual(last.bytes) {
            terms = last.terms
        } else if let held = known[Array(bytes[..<mark])] {
            terms = held
            last = (Array(bytes[..<mark]), held)
        } else {
            let record = try read(bytes, terms: nil)
            // Only where nothing else stands before the mark is it the terms that were recognised.
            if known.count < WindowRecordReader.knownMax, WindowRecordReader.prefix(record.terms) == bytes[..<mark] {
                known[Array(bytes[..<mark])] = record.terms
                last = (Array(bytes[..<mark]), record.terms)
            }
            return record
        }
        // The object without its first members; the mark's comma becomes its bracket.
        var rest = Array(bytes[mark...])
        rest[0] = 0x7B
        if let record = try? read(rest, terms: terms) { return record }
        // Whatever is wrong is said of the bytes as they came.
        return try read(bytes, terms: nil)
    }

    private static let mark = Array(#","start":""#.utf8)

    private static func prefix(_ terms: ObjectiveTerms) -> ArraySlice<UInt8> {
        var json = JSONWriter()
        json.beginObject()
        terms.write(to: &json)
        return json.bytes[...]
    }

    private static func firstIndex(of mark: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= mark.count else { return nil }
        for start in 0...bytes.count - mark.count
        where bytes[start] == 0x2C && bytes[start + 1] == 0x22 && bytes[start + 2] == 0x73 {
            if bytes[start..<start + mark.count].elementsEqual(mark) { return start }
        }
        return nil
    }

    private mutating func read(_ bytes: [UInt8], terms: ObjectiveTerms?) throws(WindowRecordError) -> WindowRecord {
        var fields = WindowRecordFields(goods: goods, totals: totals)
        // The arrays are the fields' alone until they come back.
        goods = []
        totals = []
        do {
            try fields.read(bytes, hasTerms: terms != nil)
        } catch {
            throw .malformed("\(error)")
        }
        let record = try fields.record(terms: terms)
        goods = fields.goods
        totals = fields.totals
        return record
    }
}

extension WindowRecord {
    /// Reads one record. A caller with many reads them with one `WindowRecordReader`, which is several times faster.
    public init(json bytes: [UInt8]) throws(WindowRecordError) {
        var reader = WindowRecordReader()
        self = try reader.read(bytes)
    }
}

/// Why bytes are no window record.
public enum WindowRecordError: Error, Equatable {
    /// Not JSON, or a field missing or of another type.
    case malformed(String)
    /// A field whose value cannot be.
    case invalid(field: String, value: String, expected: String)
}

extension WindowRecordError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let reason): "not a window record: \(reason)"
        case .invalid(let field, let value, let expected): "window record: \(field) is \(value), expected \(expected)"
        }
    }
}
