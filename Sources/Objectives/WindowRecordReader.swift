import JSON
import TelemetryModel

/// Reads window records back from JSON, and checks everything that a report relies on.
///
/// Members may stand in any order, and unknown ones are skipped; those that Tidewatch wrote are read fastest. What an
/// objective promises stands in each of its records in the same bytes, in front of "start"; it is read once and then
/// recognised, up to `knownMax` objectives.
public struct WindowRecordReader: Sendable {
    private struct Known {
        let bytes: [UInt8]
        let terms: ObjectiveTerms
    }

    private var known: [Known] = []
    /// By the hash of the bytes. Of two objectives with one hash the second is read each time.
    private var places: [UInt64: Int] = [:]
    private var goods: [Int64] = []
    private var totals: [Int64] = []
    private var sources = SourceSpanReader()
    private var openings: [WindowOpening?] = Array(repeating: nil, count: 32)

    /// A million objectives' terms would fill a process's memory; past this number they are read each time.
    private static let knownMax = 100_000

    public init() {}

    public mutating func read(_ bytes: [UInt8]) throws(WindowRecordError) -> WindowRecord {
        guard let (mark, hash) = WindowRecordReader.terms(of: bytes) else { return try read(bytes, terms: nil) }
        guard let place = places[hash], WindowRecordReader.begins(bytes, with: known[place].bytes, count: mark) else {
            let record = try read(bytes, terms: nil)
            // Only where nothing else stands before the mark is it the terms that will be recognised.
            let prefix = bytes[..<mark]
            if known.count < WindowRecordReader.knownMax, places[hash] == nil,
                prefix.elementsEqual(WindowRecordReader.prefix(record.terms))
            {
                places[hash] = known.count
                known.append(Known(bytes: Array(prefix), terms: record.terms))
            }
            return record
        }
        if let record = try? read(bytes, terms: (known[place].terms, mark)) { return record }
        // Whatever is wrong is said of the bytes as they came.
        return try read(bytes, terms: nil)
    }

    private static let mark = Array(#","start":""#.utf8)

    /// Where the comma before "start" stands, and a hash of what stands before it.
    ///
    /// No string of valid JSON holds the bytes looked for, whose quotes would be escaped: they are the member, and what
    /// stands before it is whole members of the same object.
    private static func terms(of bytes: [UInt8]) -> (mark: Int, hash: UInt64)? {
        bytes.withUnsafeBytes { bytes in
            var place = 0
            while place + mark.count < bytes.count {
                if bytes[place] == 0x2C, bytes[place + 2] == 0x73, bytes[place..<place + mark.count].elementsEqual(mark)
                {
                    return (place, hash(bytes[..<place]))
                }
                place += 1
            }
            return nil
        }
    }

    /// Eight bytes at a time, each mixed by a multiplication with an odd number whose bits are evenly spread.
    private static func hash(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
            let product = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            return product ^ product >> 32
        }
        var rest = UnsafeRawBufferPointer(rebasing: bytes)
        var hash = UInt64(bytes.count)
        while rest.count >= 8 {
            hash = mixed(hash, rest.loadUnaligned(as: UInt64.self))
            rest = UnsafeRawBufferPointer(rebasing: rest[8...])
        }
        return rest.reduce(hash) { mixed($0, UInt64($1)) }
    }

    private static func begins(_ bytes: [UInt8], with start: [UInt8], count: Int) -> Bool {
        var cursor = JSONCursor(bytes)
        return start.count == count && cursor.take(start)
    }

    private static func prefix(_ terms: ObjectiveTerms) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        terms.write(to: &json)
        return json.bytes
    }

    /// - Parameter terms: where they are known, with the place of the comma behind them.
    private mutating func read(
        _ bytes: [UInt8], terms: (terms: ObjectiveTerms, end: Int)?
    ) throws(WindowRecordError) -> WindowRecord {
        let slot = terms.map { WindowOpening.slot(of: bytes, at: $0.end, count: openings.count) }
        var fields = WindowRecordFields(
            goods: goods, totals: totals, sourceReader: sources, opening: slot.flatMap { openings[$0] })
        // The arrays are the fields' alone until they come back.
        goods = []
        totals = []
        sources = SourceSpanReader()
        do {
            try fields.read(bytes, termsEnd: terms?.end)
        } catch {
            let error = error.orNewerVersion(of: bytes)
            if case .newerVersion = error.reason { throw .newerVersion("\(error)") }
            throw .malformed("\(error)")
        }
        let record = try fields.record(terms: terms?.terms)
        goods = fields.goods
        totals = fields.totals
        sources = fields.sourceReader
        if let slot, fields.opening == nil { openings[slot] = WindowOpening(record) }
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
    /// Written by a release that is newer.
    case newerVersion(String)
}

extension WindowRecordError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let reason): "not a window record: \(reason)"
        case .invalid(let field, let value, let expected): "window record: \(field) is \(value), expected \(expected)"
        case .newerVersion(let text): text
        }
    }
}
