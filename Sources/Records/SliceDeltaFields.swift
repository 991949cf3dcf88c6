import JSON
import Objectives
import TelemetryModel

/// What was counted of some slices as it stands in JSON: of an objective, or of one of its groups.
///
/// `"slices":[["2026-01-15T09:30:00Z",good,total,late],…]`, and beside them, so that an older reader skips them, `"matched":[7,…]`,
/// `"fractions":[[place,good,total],…]` and `"arrivals":[[place,"2026-01-15T09:41:00Z"],…]` of those that have some.
struct SliceDeltaFields {
    static let names: Set<String> = ["slices", "matched", "fractions", "arrivals"]

    private var slices: [SliceDelta] = []
    private var matched: [Int64] = []
    private var fractions: [(slot: Int, rest: SliceFraction)] = []
    private var arrivals: [(place: Int, time: Timestamp)] = []

    /// Reads the value of a member that is one of `names`.
    mutating func read(_ key: String, from cursor: inout JSONCursor) throws(JSONCursorError) {
        switch key {
        case "matched": try cursor.integers(into: &matched)
        case "fractions": fractions = try cursor.fractions()
        case "arrivals": arrivals = try SliceDeltaFields.arrivals(&cursor)
        default: try readSlices(&cursor)
        }
    }

    private mutating func readSlices(_ cursor: inout JSONCursor) throws(JSONCursorError) {
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

    /// What they come to, when all members were read.
    func deltas(_ cursor: borrowing JSONCursor) throws(JSONCursorError) -> [SliceDelta] {
        var slices = slices
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
        return slices
    }
}

extension JSONWriter {
    /// The members of some slices, in the object that is open.
    mutating func members(of slices: [SliceDelta]) {
        key("slices")
        beginArray()
        for slice in slices {
            beginArray()
            time(slice.start)
            integer(slice.good)
            integer(slice.total)
            integer(slice.late)
            endArray()
        }
        endArray()
        key("matched")
        beginArray()
        for slice in slices { integer(Int(slice.matched.rawValue)) }
        endArray()
        let fractions = slices.enumerated().compactMap { place, slice in slice.fraction.map { (place, $0) } }
        if !fractions.isEmpty { self.fractions(fractions) }
        if slices.allSatisfy({ $0.arrival == nil }) { return }
        key("arrivals")
        beginArray()
        for (place, slice) in slices.enumerated() {
            guard let arrival = slice.arrival else { continue }
            beginArray()
            integer(place)
            time(arrival)
            endArray()
        }
        endArray()
    }
}
