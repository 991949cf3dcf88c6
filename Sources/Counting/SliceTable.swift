import Expressions
import Planning
import TelemetryModel

/// How many records the parts of all objectives counted, slice by slice: one table, in which what counts nothing takes eight bytes for
/// each slice that is open, and an increment is all that a match costs, for however many parts that count the same. Cells lie in the
/// order in which an index finds matches.
///
/// A few slices are open at a time, each with a place for every count. One that is closed leaves what it counted as entries.
///
/// One owner, on one thread.
struct SliceTable: ~Copyable {
    /// What one part counted of one slice and arrival.
    struct Entry: BitwiseCopyable {
        /// With its share of what handing all of it over at once takes.
        static let bytes = 140
        /// By itself: twice in arrays, of which one may have grown to twice its size.
        static let ownBytes = 48

        var part: Int32
        /// Which slice and arrival.
        var slice: Int32
        var first: UInt32
        var second: UInt32
    }

    /// A slice, and of what arrived later than in it the slice in which it did.
    struct Arrived: Hashable, Comparable {
        let start: Int64
        /// The start of the slice in which it arrived, or `inTime`.
        let arrival: Int64

        /// What arrived in time comes first.
        static func < (left: Arrived, right: Arrived) -> Bool {
            (left.start, left.arrival) < (right.start, right.arrival)
        }
    }

    /// What was counted.
    struct Counted {
        /// In the order of parts, and of each in that of slices; one slice may come several times.
        let entries: [Entry]
        /// In order, each once.
        let slices: [Arrived]
    }

    /// The arrival of what arrived before its slice was over.
    static let inTime = Int64.min

    /// Rows of a batch that are of one slice and arrival.
    struct Rows {
        let start: Int64
        let arrival: Int64
        var rows = RowMask()
        /// Where the slice is, once it is open.
        var place = 0
    }

    private struct Cell: BitwiseCopyable {
        var first: UInt32 = 0
        var second: UInt32 = 0

        var isZero: Bool { first | second == 0 }

        mutating func add(_ first: Int, _ second: Int) {
            self.first &+= UInt32(truncatingIfNeeded: first)
            self.second &+= UInt32(truncatingIfNeeded: second)
        }
    }

    private struct Slice {
        var start: Int64
        var arrival: Int64
        var length: Int64
        /// When it was used last.
        var used: UInt64 = 0
        /// Records at most in one cell: what 32 bits hold is not exceeded.
        var rows = 0
        /// The numbers of the cells that are not zero.
        var touched: [Int32] = []
        /// How many parts count in them.
        var touchedParts = 0
    }

    /// Of a minute each: those of events that come in some disorder. A cache holds what a batch touches of them.
    static let slicesMax = 16
    private let partCount: Int
    /// By the number of a cell: the parts that count there.
    private let parts: JaggedArray<Int32>
    private var slices: [Slice] = []
    /// Of each slice one for every number.
    private var cells: [Cell] = []
    private var time: UInt64 = 0
    /// What slices that are closed counted, one after the other.
    private var entries: [Entry] = []
    private var closed: [(slice: Arrived, entries: Range<Int>)] = []

    init(partCount: Int, parts: JaggedArray<Int32>) {
        self.partCount = partCount
        self.parts = parts
    }

    /// How many entries `take` would come to at most.
    var entryCount: Int { slices.reduce(entries.count) { $0 &+ $1.touchedParts } }

    /// The place of a slice, for the next `rows` records, until `slicesMax` others were opened.
    mutating func open(start: Int64, arrival: Int64, length: Int64, rows: Int) -> Int {
        time &+= 1
        for place in slices.indices
        where slices[place].start == start && slices[place].arrival == arrival && slices[place].length == length {
            if slices[place].rows > Int(UInt32.max) - rows { close(place) }
            slices[place].used = time
            slices[place].rows += rows
            return place
        }
        let place: Int
        if slices.count < SliceTable.slicesMax {
            place = slices.count
            cells.append(contentsOf: repeatElement(Cell(), count: parts.count))
            slices.append(Slice(start: start, arrival: arrival, length: length))
        } else {
            place = slices.indices.min { slices[$0].used < slices[$1].used } ?? 0
            close(place)
            (slices[place].start, slices[place].arrival, slices[place].length) = (start, arrival, length)
        }
        slices[place].used = time
        slices[place].rows = rows
        return place
    }

    /// Adds the rows that parts with slices of one length count, each row to its slice.
    ///
    /// - Parameters:
    ///   - firstCell: the number of the cell of the plan's first count.
    ///   - groups: all rows, by slices that are open.
    mutating func add(
        _ matches: inout FilterMatches, _ plan: PipelinePlan.KindFilters, firstCell: Int, length: Int,
        _ groups: [Rows], _ batch: borrowing EventBatch, _ payload: RawSpan
    ) {
        let counts = plan.counts.elements.span
        let groups = groups.span
        // Taken out, so that no access to a cell asks anew whose they are.
        var taken: [Cell] = []
        swap(&taken, &self.cells)
        var cells = taken.mutableSpan
        for place in 0..<matches.count {
            let match = matches[place]
            for count in plan.counts.places(of: match.selector) {
                let counted = counts[count]
                guard counted.length == Int32(truncatingIfNeeded: length) else { continue }
                /// The rows that a measure counts: those that pass its filter, or all.
                func rows(of filter: Int32) -> RowMask {
                    filter < 0 ? match.rows : matches.rows(ofPart: Int(filter), match, batch, payload)
                }
                let first = rows(of: counted.first)
                let second = counted.hasSecond ? rows(of: counted.second) : RowMask()
                let number = firstCell &+ count
                var rest = match.rows
                for one in groups.indices {
                    let group = groups[one].rows
                    if (rest & group).isEmpty { continue }
                    rest = rest.subtracting(group)
                    let (own, other) = (first & group, second & group)
                    if !(own | other).isEmpty {
                        let slice = groups[one].place
                        let cell = slice &* parts.count &+ number
                        if cells[cell].isZero { note(number, in: slice) }
                        let records = own.count
                        // Mostly all are good.
                        cells[cell].add(records, own == other ? records : other.count)
                    }
                    if rest.isEmpty { break }
                }
            }
        }
        swap(&taken, &self.cells)
    }

    private mutating func note(_ number: Int, in slice: Int) {
        slices[slice].touched.append(Int32(truncatingIfNeeded: number))
        slices[slice].touchedParts &+= parts.places(of: number).count
    }

    private mutating func close(_ place: Int) {
        let first = entries.count
        for number in slices[place].touched {
            let own = place * parts.count + Int(number)
            let cell = cells[own]
            for part in parts[Int(number)] {
                entries.append(Entry(part: part, slice: 0, first: cell.first, second: cell.second))
            }
            cells[own] = Cell()
        }
        if first < entries.count {
            let slice = Arrived(start: slices[place].start, arrival: slices[place].arrival)
            closed.append((slice, first..<entries.count))
        }
        slices[place].touched.removeAll(keepingCapacity: true)
        slices[place].touchedParts = 0
        slices[place].rows = 0
    }

    /// All that was counted since the last call.
    mutating func take() -> Counted {
        for place in slices.indices { close(place) }
        // A few slices are put in order, so that the many entries need not be.
        closed.sort { $0.slice < $1.slice }
        var known: [Arrived] = []
        var firsts = [Int](repeating: 0, count: partCount + 1)
        for entry in entries { firsts[Int(entry.part) + 1] += 1 }
        for part in 0..<partCount { firsts[part + 1] += firsts[part] }
        var sorted = entries
        for (slice, own) in closed {
            if known.last != slice { known.append(slice) }
            for place in own {
                var entry = entries[place]
                entry.slice = Int32(truncatingIfNeeded: known.count - 1)
                sorted[firsts[Int(entry.part)]] = entry
                firsts[Int(entry.part)] += 1
            }
        }
        entries.removeAll(keepingCapacity: entries.count <= partCount * 2)
        closed.removeAll()
        return Counted(entries: sorted, slices: known)
    }
}
