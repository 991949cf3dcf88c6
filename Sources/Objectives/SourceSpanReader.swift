import TelemetryModel

/// Reads the sources of window records, of which one record after the other has the same but for the numbers.
///
/// What stands before the numbers is remembered for each place in the list, and recognised there byte by byte: of twelve
/// partitions of a topic nothing is read but their offsets.
struct SourceSpanReader {
    private struct Known {
        let start: [UInt8]
        let source: SourceSpan.Source
    }

    private var known: [Known] = []

    /// More places than a topic has partitions are read each time.
    private static let knownMax = 1024
    private static let middle = Array(#","last_offset":"#.utf8)
    private static let end: [UInt8] = [0x7D]

    /// - Returns: `nil` when an element lacks something.
    mutating func read(_ cursor: inout JSONCursor) throws(JSONCursorError) -> [SourceSpan]? {
        var spans: [SourceSpan] = []
        spans.reserveCapacity(known.count)
        var isComplete = true
        try cursor.beginArray()
        while try cursor.nextElement() {
            if spans.count < known.count, let span = recognised(&cursor, known[spans.count]) {
                spans.append(span)
            } else if let span = try SourceSpanReader.span(&cursor) {
                remember(span.source, at: spans.count)
                spans.append(span)
            } else {
                isComplete = false
            }
        }
        return isComplete ? spans : nil
    }

    private func recognised(_ cursor: inout JSONCursor, _ known: Known) -> SourceSpan? {
        var ahead = cursor
        guard ahead.take(known.start), let first: Int64 = try? ahead.integer(), ahead.take(SourceSpanReader.middle),
            let last: Int64 = try? ahead.integer(), ahead.take(SourceSpanReader.end)
        else { return nil }
        cursor = ahead
        return SourceSpan(source: known.source, first: first, last: last)
    }

    private mutating func remember(_ source: SourceSpan.Source, at place: Int) {
        guard place <= known.count, place < SourceSpanReader.knownMax, case .kafka = source else { return }
        var json = JSONWriter()
        SourceSpan(source: source, first: 0, last: 0).write(to: &json)
        let number = Array(#""first_offset":"#.utf8)
        // The name of a topic has no quotes, in JSON they are escaped: this is the member.
        guard let start = json.bytes.indices.last(where: { json.bytes[$0...].starts(with: number) }) else { return }
        let entry = Known(start: Array(json.bytes[..<(start + number.count)]), source: source)
        if place < known.count { known[place] = entry } else { known.append(entry) }
    }

    /// One element in any order of its members; `nil` when it lacks something.
    private static func span(_ cursor: inout JSONCursor) throws(JSONCursorError) -> SourceSpan? {
        var (file, topic, partition, incarnation) = (String?.none, String?.none, Int32?.none, Int32(0))
        var (first, last) = (Int64?.none, Int64?.none)
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "file": file = try cursor.string()
            case "topic": topic = try cursor.string()
            case "partition": partition = try cursor.integer()
            case "incarnation": incarnation = try cursor.integer()
            case "first_offset", "first_record": first = try cursor.integer()
            case "last_offset", "last_record": last = try cursor.integer()
            default: try cursor.skipValue()
            }
        }
        guard let first, let last else { return nil }
        if let file { return SourceSpan(source: .file(name: file), first: first, last: last) }
        guard let topic, let partition else { return nil }
        return SourceSpan(
            source: .kafka(topic: topic, partition: partition, incarnation: incarnation), first: first, last: last)
    }
}
