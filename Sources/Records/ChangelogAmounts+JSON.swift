import Accounting
import Aggregation
import JSON
import Objectives
import TelemetryModel

extension ChangelogAmounts.ObjectiveAmounts {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        if let terms {
            terms.write(to: &json)
        } else {
            json.member("name", objective)
            if let definition { json.member("definition", definition.description) }
        }
        json.key("slices")
        json.beginArray()
        for slice in slices {
            json.beginArray()
            json.time(slice.start)
            json.integer(slice.good)
            json.integer(slice.total)
            json.integer(slice.late)
            json.endArray()
        }
        json.endArray()
        // Beside the slices, and not in them: an older reader skips it.
        json.key("matched")
        json.beginArray()
        for slice in slices { json.integer(Int(slice.matched.rawValue)) }
        json.endArray()
        let fractions = slices.enumerated().compactMap { place, slice in slice.fraction.map { (place, $0) } }
        if !fractions.isEmpty { json.fractions(fractions) }
        writeArrivals(to: &json)
        json.endObject()
    }

    /// [place, time] of each of the slices that arrived when it was over.
    private func writeArrivals(to json: inout JSONWriter) {
        if slices.allSatisfy({ $0.arrival == nil }) { return }
        json.key("arrivals")
        json.beginArray()
        for (place, slice) in slices.enumerated() {
            guard let arrival = slice.arrival else { continue }
            json.beginArray()
            json.integer(place)
            json.time(arrival)
            json.endArray()
        }
        json.endArray()
    }

    private static func arrivals(_ cursor: inout JSONCursor) throws(JSONCursorError) -> [(place: Int, time: Timestamp)]
    {
        var arrivals: [(place: Int, time: Timestamp)] = []
        try cursor.beginArray()
        while try cursor.nextElement() {
            try cursor.beginArray()
            guard try cursor.nextElement() else { throw cursor.refusal("the place of a slice") }
            let place: Int = try cursor.integer()
            guard try cursor.nextElement() else { throw cursor.refusal("the time of an arrival") }
            arrivals.append((place, try cursor.timestamp()))
            try cursor.endArray()
        }
        return arrivals
    }

    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var arrivals: [(place: Int, time: Timestamp)] = []
        var fields = ObjectiveTermFields()
        var slices: [SliceDelta] = []
        var matched: [Int64] = []
        var fractions: [(slot: Int, rest: SliceFraction)] = []
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "matched": try cursor.integers(into: &matched)
            case "fractions": fractions = try cursor.fractions()
            case "arrivals": arrivals = try Self.arrivals(&cursor)
            case "slices":
                try cursor.beginArray()
                while try cursor.nextElement() {
                    var numbers: [Int64] = []
                    try cursor.beginArray()
                    guard try cursor.nextElement() else { throw cursor.refusal("the start of a slice") }
                    let start = try cursor.timestamp()
                    while try cursor.nextElement() { numbers.append(try cursor.integer()) }
                    guard numbers.count == 3 else { throw cursor.refusal("three counts of a slice") }
                    slices.append(SliceDelta(start: start, good: numbers[0], total: numbers[1], late: numbers[2]))
                }
            case _ where ObjectiveTermFields.names.contains(key): try fields.read(key, from: &cursor)
            default: try cursor.skipValue()
            }
        }
        // An older writer does not tell what matched nothing, so nothing is said of it.
        for place in slices.indices {
            slices[place].matched =
                place < matched.count ? SelectorParts(rawValue: UInt8(truncatingIfNeeded: matched[place])) : .all
        }
        for (place, fraction) in fractions {
            guard slices.indices.contains(place) else { throw cursor.refusal("the place of a slice") }
            slices[place].fraction = fraction
        }
        for (place, time) in arrivals {
            guard slices.indices.contains(place) else { throw cursor.refusal("the place of a slice") }
            slices[place].arrival = time
        }
        do throws(WindowRecordError) {
            self.init(
                objective: fields.name ?? "", definition: try fields.definition(),
                terms: fields.areTerms ? try fields.terms(sliceLength: nil) : nil, slices: slices)
        } catch {
            throw cursor.refusal("an objective's terms, and not this: \(error)")
        }
    }
}

extension ChangelogAmounts.RollupAmounts {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("name", rollup)
        json.key("cells")
        json.beginArray()
        for cell in cells { cell.write(to: &json) }
        json.endArray()
        json.endObject()
    }

    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var name = ""
        var cells: [RollupChange] = []
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "name": name = try cursor.string()
            case "cells":
                try cursor.beginArray()
                while try cursor.nextElement() { cells.append(try RollupChange(reading: &cursor)) }
            default: try cursor.skipValue()
            }
        }
        self.init(rollup: name, cells: cells)
    }
}

extension ChangelogAmounts.Trace {
    func write(to json: inout JSONWriter) {
        json.beginArray()
        json.string(kind.rawValue)
        json.time(hour)
        json.integer(firstOffset)
        json.integer(lastOffset)
        json.endArray()
    }

    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        try cursor.beginArray()
        guard try cursor.nextElement(), let kind = EventKind(rawValue: try cursor.string()), try cursor.nextElement()
        else { throw cursor.refusal("a type of event") }
        let hour = try cursor.timestamp()
        var offsets: [Int64] = []
        while try cursor.nextElement() { offsets.append(try cursor.integer()) }
        guard offsets.count == 2, offsets[0] <= offsets[1] else { throw cursor.refusal("a first and a last offset") }
        self.init(kind: kind, hour: hour, firstOffset: offsets[0], lastOffset: offsets[1])
    }
}
