import JSON
import TelemetryModel

/// Reads the sources of window records, of which one record after the other has the same but for the numbers.
///
/// What stands before a topic's numbers is remembered for each place in the list, and recognised there byte by byte, so
/// that no name is read twice and all spans of a topic share one string.
struct SourceSpanReader {
    private struct Known {
        let start: [UInt8]
        let topic: String
    }

    private var known: [Known] = []
    /// How many spans the record before had.
    private var countBefore = 0

    /// More places than an objective has topics are read each time.
    private static let knownMax = 64

    /// - Returns: `nil` when an element lacks something.
    mutating func read(_ cursor: inout JSONCursor) throws(JSONCursorError) -> [SourceSpan]? {
        var spans: [SourceSpan] = []
        spans.reserveCapacity(countBefore)
        var isComplete = true
        var place = 0
        try cursor.beginArray()
        while try cursor.nextElement() {
            if place >= known.count || !recognised(&cursor, known[place], &spans) {
                isComplete = try element(&cursor, at: place, &spans) && isComplete
            }
            place += 1
        }
        countBefore = min(spans.count, SourceSpanReader.knownMax)
        return isComplete ? spans : nil
    }

    /// Takes an element that is spelled as it was in the record before; else nothing.
    private func recognised(_ cursor: inout JSONCursor, _ known: Known, _ spans: inout [SourceSpan]) -> Bool {
        var ahead = cursor
        guard ahead.take(known.start) else { return false }
        let count = spans.count
        guard let isComplete = try? SourceSpanReader.partitions(&ahead, of: known.topic, into: &spans), isComplete,
            ahead.take([0x7D])
        else {
            spans.removeLast(spans.count - count)
            return false
        }
        cursor = ahead
        return true
    }

    /// An element with its members in any order; false when it lacks something.
    private mutating func element(
        _ cursor: inout JSONCursor, at place: Int, _ spans: inout [SourceSpan]
    ) throws(JSONCursorError) -> Bool {
        var (file, topic) = (String?.none, String?.none)
        var (first, last) = (Int64?.none, Int64?.none)
        var partitions: [SourceSpan]?
        var isComplete = true
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "file": file = try cursor.string()
            case "first_record": first = try cursor.integer()
            case "last_record": last = try cursor.integer()
            case "topic": topic = try cursor.string()
            case "partitions":
                var read: [SourceSpan] = []
                isComplete = try SourceSpanReader.partitions(&cursor, of: topic ?? "", into: &read)
                partitions = read
            default: try cursor.skipValue()
            }
        }
        if let file, let first, let last {
            spans.append(SourceSpan(source: .file(name: file), first: first, last: last))
            return true
        }
        guard let topic, let partitions, isComplete else { return false }
        remember(topic, at: place)
        // The topic may have come behind its partitions.
        for span in partitions { spans.append(span.of(topic: topic)) }
        return true
    }

    private mutating func remember(_ topic: String, at place: Int) {
        guard place <= known.count, place < SourceSpanReader.knownMax else { return }
        var json = JSONWriter()
        json.beginObject()
        json.member("topic", topic)
        json.key("partitions")
        let entry = Known(start: json.bytes, topic: topic)
        if place < known.count { known[place] = entry } else { known.append(entry) }
    }

    /// - Returns: false when one of them lacks a number, or has too many.
    private static func partitions(
        _ cursor: inout JSONCursor, of topic: String, into spans: inout [SourceSpan]
    ) throws(JSONCursorError) -> Bool {
        var isComplete = true
        var row = SIMD4<Int64>()
        try cursor.beginArray()
        while try cursor.nextElement() {
            var count = cursor.takeShortRow(into: &row)
            if count == 0 { count = try longRow(&cursor, into: &row) }
            guard count == 3 || count == 4, let partition = Int32(exactly: row[0]),
                let incarnation = Int32(exactly: count == 4 ? row[3] : 0)
            else {
                isComplete = false
                continue
            }
            spans.append(
                SourceSpan(
                    source: .kafka(topic: topic, partition: partition, incarnation: incarnation), first: row[1],
                    last: row[2]))
        }
        return isComplete
    }

    /// - Returns: how many numbers there are, of which the first four are in `row`.
    private static func longRow(
        _ cursor: inout JSONCursor, into row: inout SIMD4<Int64>
    ) throws(JSONCursorError) -> Int {
        var count = 0
        try cursor.beginArray()
        while try cursor.nextElement() {
            let number: Int64 = try cursor.integer()
            if count < 4 { row[count] = number }
            count += 1
        }
        return count
    }
}

extension SourceSpan {
    fileprivate func of(topic: String) -> SourceSpan {
        guard case .kafka(_, let partition, let incarnation) = source else { return self }
        return SourceSpan(
            source: .kafka(topic: topic, partition: partition, incarnation: incarnation), first: first, last: last)
    }
}
