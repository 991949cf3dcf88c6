/// What arrived when its slice was over, each place once, in the order of slices, latenesses and arrivals.
///
/// A replay of many objectives keeps most of its memory here. Nearly all counts are whole numbers: what sums are beside them
/// is kept by itself, and takes room only where it is, some hundred bytes then. What came too late to be counted is not in these
/// counts: no judgement takes it off.
struct LaterArrivals: Sendable, Equatable, RandomAccessCollection {
    private struct Place: Hashable {
        let slice: Int64
        let arrival: Int64
        let lateness: Int64

        init(_ counts: LaterCounts) {
            (slice, arrival, lateness) = (counts.slice, counts.arrival, counts.lateness)
        }
    }

    private struct Row: Equatable {
        let place: Place
        let good: Int64
        let total: Int64

        init(_ counts: LaterCounts) {
            (place, good, total) = (Place(counts), counts.counts.good, counts.counts.total)
        }

        /// Without what sums are beside whole numbers.
        var counts: LaterCounts {
            LaterCounts(
                slice: place.slice, arrival: place.arrival, lateness: place.lateness,
                counts: SliceCounts(good: good, total: total))
        }
    }

    private var rows: [Row] = []
    /// Only those that are not zero.
    private var rests: [Place: SliceFraction] = [:]

    var startIndex: Int { 0 }
    var endIndex: Int { rows.count }

    subscript(place: Int) -> LaterCounts {
        @inline(__always) get {
            var counts = rows[place].counts
            if !rests.isEmpty, let rest = rests[rows[place].place] { counts.rest = rest }
            return counts
        }
        set {
            // Counts change, and never their place.
            rows[place] = Row(newValue)
            note(newValue)
        }
    }

    /// Without what sums are beside whole numbers, which has to be searched: for what asks about slice, arrival and lateness alone.
    @inline(__always)
    func whole(_ place: Int) -> LaterCounts { rows[place].counts }

    var count: Int { rows.count }
    var isEmpty: Bool { rows.isEmpty }

    private mutating func note(_ counts: LaterCounts) {
        if rests.isEmpty, counts.rest.isZero { return }
        rests[Place(counts)] = counts.rest.isZero ? nil : counts.rest
    }

    mutating func reserveCapacity(_ count: Int) { rows.reserveCapacity(count) }

    mutating func append(_ counts: LaterCounts) {
        rows.append(Row(counts))
        note(counts)
    }

    mutating func insert(_ counts: LaterCounts, at place: Int) {
        rows.insert(Row(counts), at: place)
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
        if !rests.isEmpty { rests[Place(counts)] = nil }
        return counts
    }

    /// - Parameter isGone: asks about slice, arrival and lateness alone.
    mutating func removeAll(where isGone: (LaterCounts) -> Bool) {
        if !rests.isEmpty {
            for row in rows where isGone(row.counts) { rests[row.place] = nil }
        }
        rows.removeAll { isGone($0.counts) }
    }

    /// Those in a part of the places.
    func part(_ places: Range<Int>) -> LaterArrivals {
        var part = LaterArrivals()
        part.rows = Array(rows[places])
        if !rests.isEmpty { for row in part.rows { part.rests[row.place] = rests[row.place] } }
        return part
    }
}
