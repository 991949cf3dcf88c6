import JSON
import TelemetryModel

// The shapes of values that window records are made of.

extension JSONCursor {
    /// Counts of which `null` is none.
    mutating func counts(into values: inout [Int64]) throws(JSONCursorError) {
        // Without a null they are read several at a time, and most arrays have none.
        var dense = self
        if (try? dense.integers(into: &values)) != nil {
            self = dense
            return
        }
        values.removeAll(keepingCapacity: true)
        try integers(into: &values, null: 0)
    }

    mutating func counts() throws(JSONCursorError) -> [Int64] {
        var values: [Int64] = []
        try integers(into: &values, null: 0)
        return values
    }

    mutating func rows() throws(JSONCursorError) -> [[Int64]] {
        var rows: [[Int64]] = []
        try beginArray()
        while try nextElement() {
            var row: [Int64] = []
            try integers(into: &row)
            rows.append(row)
        }
        return rows
    }

    package mutating func strings() throws(JSONCursorError) -> [String] {
        var strings: [String] = []
        try beginArray()
        while try nextElement() { strings.append(try string()) }
        return strings
    }

    mutating func worst() throws(JSONCursorError) -> [(start: String, good: Int64, total: Int64)] {
        var slices: [(start: String, good: Int64, total: Int64)] = []
        try beginArray()
        while try nextElement() {
            // Where an element is missing, what comes after the array is read in its place, which is never a value.
            try beginArray()
            _ = try nextElement()
            let start = try string()
            _ = try nextElement()
            let good: Int64 = try integer()
            _ = try nextElement()
            slices.append((start, good, try integer()))
            try endArray()
        }
        return slices
    }

    /// [slot, good, total] of each, as `JSONWriter.fractions` writes them.
    public mutating func fractions() throws(JSONCursorError) -> [(slot: Int, rest: SliceFraction)] {
        var fractions: [(slot: Int, rest: SliceFraction)] = []
        try beginArray()
        while try nextElement() {
            try beginArray()
            _ = try nextElement()
            let slot: Int = try integer()
            _ = try nextElement()
            let good: Int128 = try integer()
            _ = try nextElement()
            let rest = SliceFraction(good: good, total: try integer())
            guard max(good.magnitude, rest.total.magnitude) <= SliceFraction.one.magnitude else {
                throw refusal("a fraction in units of 2^-96")
            }
            fractions.append((slot, rest))
            try endArray()
        }
        return fractions
    }

    mutating func gaps() throws(JSONCursorError) -> [WindowRecordFields.GapFields] {
        var gaps: [WindowRecordFields.GapFields] = []
        try beginArray()
        while try nextElement() {
            var gap = WindowRecordFields.GapFields()
            try beginObject()
            while let key = try nextKey() {
                switch key {
                case "topic": gap.topic = try string()
                case "partition": gap.partition = try integer()
                case "incarnation": gap.incarnation = try integer()
                case "from_offset": gap.from = try integer()
                case "to_offset": gap.to = try takeNull() ? nil : integer()
                default: try skipValue()
                }
            }
            gaps.append(gap)
        }
        return gaps
    }
}
