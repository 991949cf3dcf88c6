import JSON
import Objectives
import TelemetryModel

/// What was counted of some slices as it stands in JSON: of an objective, or of one of its groups.
///
/// `"counts":[start,good,total,…]`, three numbers for each slice, its start in seconds since 1970, of those behind the first since the start before it;
/// beside them `"late":[place,count,…]` of those that have some, `"arrived":[place,seconds,…]` of those that arrived later, counted from the slice's start, and
/// `"matched":5`, or `[5,4,…]` where the slices do not all have the same.
///
/// In the first form, and where a time is no whole second, `"slices":[["2026-01-15T09:30:00Z",good,total,late],…]`, `"matched":[5,…]`, and, so that
/// an older reader skips it, `"arrivals":[[place,"2026-01-15T09:41:00Z"],…]`; in both `"fractions":[[place,good,total],…]` of those that have some.
struct SliceDeltaFields {
    private var slices: [SliceDelta] = []
    /// Places, and what is told of each.
    private var late: [Int64] = []
    private var arrived: [Int64] = []
    private var matched: [Int64] = []
    /// Where all slices have the same.
    private var matchedByAll: Int64?
    private var fractions: [(slot: Int, rest: SliceFraction)] = []
    private var arrivals: [(place: Int, time: Timestamp)] = []

    /// Reads the value of a member, where it is one of these; false, and nothing is read, where it is not.
    mutating func read(_ key: String, from cursor: inout JSONCursor) throws(JSONCursorError) -> Bool {
        switch key {
        case "counts": try readCounts(&cursor)
        case "slices": try readSlices(&cursor)
        case "late": try cursor.integers(into: &late)
        case "arrived": try cursor.integers(into: &arrived)
        case "matched":
            if try cursor.kind() == .array {
                try cursor.integers(into: &matched)
            } else {
                matchedByAll = try cursor.integer()
            }
        case "fractions": fractions = try cursor.fractions()
        case "arrivals": arrivals = try SliceDeltaFields.arrivals(&cursor)
        default: return false
        }
        return true
    }

    private mutating func readCounts(_ cursor: inout JSONCursor) throws(JSONCursorError) {
        var numbers: [Int64] = []
        try cursor.integers(into: &numbers)
        guard numbers.count.isMultiple(of: 3) else {
            throw cursor.refusal("a start, good and total of each slice, and not \(numbers.count) numbers")
        }
        slices.reserveCapacity(numbers.count / 3)
        var seconds: Int64 = 0
        for place in stride(from: 0, to: numbers.count, by: 3) {
            let (sum, overflow) = seconds.addingReportingOverflow(numbers[place])
            guard !overflow, let start = Timestamp(seconds: sum) else {
                throw cursor.refusal("the start of a slice in seconds since 1970, and not \(numbers[place])")
            }
            slices.append(SliceDelta(start: start, good: numbers[place + 1], total: numbers[place + 2]))
            seconds = sum
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

    private func pairs(
        _ numbers: [Int64], _ cursor: borrowing JSONCursor
    ) throws(JSONCursorError) -> [(place: Int, value: Int64)] {
        var pairs: [(place: Int, value: Int64)] = []
        for first in stride(from: 0, to: numbers.count, by: 2) {
            guard first + 1 < numbers.count, let place = Int(exactly: numbers[first]), slices.indices.contains(place)
            else { throw cursor.refusal("the place of a slice, and a number") }
            pairs.append((place, numbers[first + 1]))
        }
        return pairs
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

    /// Takes what they come to, when all members were read.
    mutating func take(_ cursor: borrowing JSONCursor) throws(JSONCursorError) -> [SliceDelta] {
        for place in slices.indices {
            // An older writer does not tell what matched nothing, so nothing is said of it.
            let parts = matchedByAll ?? (place < matched.count ? matched[place] : Int64(SelectorParts.all.rawValue))
            slices[place].matched = SelectorParts(rawValue: UInt8(truncatingIfNeeded: parts))
        }
        for (place, count) in try pairs(late, cursor) { slices[place].late = count }
        for (place, seconds) in try pairs(arrived, cursor) {
            let (sum, overflow) = slices[place].start.seconds.addingReportingOverflow(seconds)
            guard !overflow, let arrival = Timestamp(seconds: sum) else {
                throw cursor.refusal("after how many seconds a slice's counts arrived, and not \(seconds)")
            }
            slices[place].arrival = arrival
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
    mutating func members(of slices: [SliceDelta], in form: RecordForm) {
        if form.numbersSlices, slices.allSatisfy(\.isOfWholeSeconds) { counts(slices) } else { rows(slices) }
        let fractions = slices.enumerated().compactMap { place, slice in slice.fraction.map { (place, $0) } }
        if !fractions.isEmpty { self.fractions(fractions) }
    }

    private mutating func counts(_ slices: [SliceDelta]) {
        key(literal: "counts")
        beginArray()
        var before: Int64 = 0
        for slice in slices {
            integer(slice.start.seconds - before)
            integer(slice.good)
            integer(slice.total)
            before = slice.start.seconds
        }
        endArray()
        pairs("late", slices) { $0.late == 0 ? nil : $0.late }
        pairs("arrived", slices) { slice in slice.arrival.map { $0.seconds - slice.start.seconds } }
        guard let first = slices.first?.matched else { return }
        key(literal: "matched")
        if slices.allSatisfy({ $0.matched == first }) {
            integer(Int64(first.rawValue))
        } else {
            matched(of: slices)
        }
    }

    /// What some slices have, behind the places of these.
    private mutating func pairs(_ name: StaticString, _ slices: [SliceDelta], _ value: (SliceDelta) -> Int64?) {
        var isOpen = false
        for (place, slice) in slices.enumerated() {
            guard let value = value(slice) else { continue }
            if !isOpen {
                key(literal: name)
                beginArray()
                isOpen = true
            }
            integer(Int64(place))
            integer(value)
        }
        if isOpen { endArray() }
    }

    private mutating func rows(_ slices: [SliceDelta]) {
        key(literal: "slices")
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
        key(literal: "matched")
        matched(of: slices)
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

    private mutating func matched(of slices: [SliceDelta]) {
        beginArray()
        for slice in slices { integer(Int64(slice.matched.rawValue)) }
        endArray()
    }
}

extension SliceDelta {
    fileprivate var isOfWholeSeconds: Bool { start.isWholeSecond && arrival?.isWholeSecond ?? true }
}

extension Timestamp {
    fileprivate var isWholeSecond: Bool { nanoseconds % Timestamp.nanosecondsPerSecond == 0 }
}
