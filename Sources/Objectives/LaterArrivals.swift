/// What arrived when its slice was over, each place once, in the order of slices, latenesses and arrivals.
///
/// A replay of many objectives keeps most of its memory here. Nearly all counts are whole numbers: what sums are beside them
/// is kept by itself, and takes room only where it is, some hundred bytes then. What came too late to be counted is not in these
/// counts: no judgement takes it off.
struct LaterArrivals: Sendable, Equatable, RandomAccessCollection {
    private struct Row: Equatable {
        let slice: Int64
        let arrival: Int64
        let lateness: Int64
        var good: Int64
        var total: Int64

        var place: Place { Place(slice: slice, arrival: arrival, lateness: lateness) }
    }

    private struct Place: Hashable {
        let slice: Int64
        let arrival: Int64
        let lateness: Int64
    }

    private var rows: [Row] = []
    /// Only those that are not zero.
    private var rests: [Place: SliceFraction] = [:]

    var startIndex: Int { 0 }
    var endIndex: Int { rows.count }

    subscript(place: Int) -> LaterCounts {
        @inline(__always) get { counts(of: rows[place]) }
        set {
            // Counts change, and never their place.
            rows[place] = LaterArrivals.row(of: newValue)
            note(newValue)
        }
    }

    /// Without what sums are beside whole numbers, which has to be searched: for what asks about slice, arrival and lateness alone.
    @inline(__always)
    func whole(_ place: Int) -> LaterCounts { LaterArrivals.wholeCounts(of: rows[place]) }

    var count: Int { rows.count }
    var isEmpty: Bool { rows.isEmpty }

    @inline(__always)
    private func counts(of row: Row) -> LaterCounts {
        var counts = LaterArrivals.wholeCounts(of: row)
        if !rests.isEmpty, let rest = rests[row.place] { counts.rest = rest }
        return counts
    }

    private static func wholeCounts(of row: Row) -> LaterCounts {
        LaterCounts(
            slice: row.slice, arrival: row.arrival, lateness: row.lateness,
            counts: SliceCounts(good: row.good, total: row.total))
    }

    private static func row(of counts: LaterCounts) -> Row {
        Row(
            slice: counts.slice, arrival: counts.arrival, lateness: counts.lateness, good: counts.counts.good,
            total: counts.counts.total)
    }

    private mutating func note(_ counts: LaterCounts) {
        if rests.isEmpty, counts.rest.isZero { return }
        rests[LaterArrivals.row(of: counts).place] = counts.rest.isZero ? nil : counts.rest
    }

    mutating func reserveCapacity(_ count: Int) { rows.reserveCapacity(count) }

    mutating func append(_ counts: LaterCounts) {
        rows.append(LaterArrivals.row(of: counts))
        note(counts)
    }

    mutating func insert(_ counts: LaterCounts, at place: Int) {
        rows.insert(LaterArrivals.row(of: counts), at: place)
        note(counts)
    }

    /// None of `others` has the place of one that is here.
    mutating func insert(contentsOf others: LaterArrivals, at place: Int) {
        rows.insert(contentsOf: others.rows, at: place)
        rests.merge(others.rests) { _, rest in rest }
    }

    mutating func remove(at place: Int) -> LaterCounts {
        let counts = self[place]
        rows.remove(at: place)
        if !rests.isEmpty { rests[LaterArrivals.row(of: counts).place] = nil }
        return counts
    }

    /// - Parameter isGone: asks about slice, arrival and lateness alone.
    mutating func removeAll(where isGone: (LaterCounts) -> Bool) {
        if !rests.isEmpty {
            for row in rows where isGone(LaterArrivals.wholeCounts(of: row)) { rests[row.place] = nil }
        }
        rows.removeAll { isGone(LaterArrivals.wholeCounts(of: $0)) }
    }

    /// Those in a part of the places.
    func part(_ places: Range<Int>) -> LaterArrivals {
        var part = LaterArrivals()
        part.rows = Array(rows[places])
        if !rests.isEmpty { for row in part.rows { part.rests[row.place] = rests[row.place] } }
        return part
    }
}
