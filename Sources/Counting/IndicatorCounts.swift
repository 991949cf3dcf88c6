import Aggregation
import Expressions
import Objectives
import Planning
import TelemetryModel

/// What the parts of objectives' indicators count of one partition.
///
/// Parts that count records share one table. What adds up a field has an engine, and each is made when something is counted in it: an
/// objective that sees no event costs no more than its place in tables.
///
/// One owner, on one thread.
struct IndicatorCounts: ~Copyable {
    private let parts: [PipelinePlan.IndicatorPart]
    private var table: SliceTable
    /// The table's number of each kind's first count.
    private let firstCells: PerKind<Int>
    /// Beside `parts`; of those that the table has there is none.
    private var engines: [EngineBox?]
    /// What arrived when its slice was over; `nil` where slices are judged by all that is counted.
    private var later: LaterIndicators?
    /// What came too late to be counted, beside `parts`.
    private var lateEngines: [EngineBox?] = []
    private var engineBytes = 0

    init(_ plan: PipelinePlan) {
        parts = plan.indicatorParts
        var firstCells = PerKind<Int> { _ in 0 }
        var cells = JaggedArray<Int32>()
        for kind in EventKind.allCases {
            firstCells[kind] = cells.count
            if let counted = plan.filters[kind]?.countedParts { cells.append(lists: counted) }
        }
        self.firstCells = firstCells
        table = SliceTable(partCount: parts.count, parts: cells)
        engines = Array(repeating: nil, count: parts.count)
    }

    /// Counts say from now on when what came behind its slice's end arrived.
    mutating func tellArrivals(_ plan: PipelinePlan) { later = LaterIndicators(plan) }

    var isEmpty: Bool { parts.isEmpty }
    /// About what engines hold, in bytes: a window for each slice.
    var windowBytes: Int { engineBytes &+ (later?.heldBytes ?? 0) }
    /// About what the table holds, in bytes, where all of it is handed over at once.
    var tableBytes: Int { table.entryCount &* SliceTable.Entry.bytes }
    /// The same where it is handed over a little at a time.
    var tableOwnBytes: Int { table.entryCount &* SliceTable.Entry.ownBytes }

    /// Adds what engines had to fold or could not read.
    func note(in statistics: inout PipelineStatistics) {
        for case let box? in engines { statistics.note(box.engine.counters, of: box.engine.plan.definition.name) }
    }

    /// For each length of slices, the slice in which each row arrived where its own was over; empty where all came in time.
    mutating func arrivals(of batch: borrowing EventBatch, behind watermark: Timestamp?) -> [Int64: [Timestamp?]] {
        guard let arrivals = later?.arrivals(of: batch, behind: watermark) else { return [:] }
        return Dictionary(uniqueKeysWithValues: arrivals.map { ($0.length, $0.rows) })
    }

    /// Counts the rows from `first` on, as many as `found` has looked at.
    mutating func count(
        _ batch: borrowing EventBatch, payload: RawSpan, from first: Int, _ found: KindMatches,
        _ arrivals: [Int64: [Timestamp?]], into held: inout HeldCounts
    ) {
        let end = min(first &+ RowMask.rowsMax, batch.count)
        for (number, length) in found.plan.lengths.enumerated() {
            let ends = arrivals[length]
            let groups = IndicatorCounts.groups(of: batch, from: first, to: end, length, ends)
            for start in stride(from: 0, to: groups.count, by: SliceTable.slicesMax) {
                var some = Array(groups[start...].prefix(SliceTable.slicesMax))
                for place in some.indices {
                    some[place].place = table.open(
                        start: some[place].start, arrival: some[place].arrival, length: length, rows: end &- first)
                }
                table.add(
                    &found.matches, found.plan, firstCell: firstCells[batch.projection.kind], length: number, some,
                    batch, payload)
            }
            if found.plan.hasEngines {
                addToEngines(batch, payload, from: first, found, length: number, ends, into: &held)
            }
        }
    }

    private mutating func addToEngines(
        _ batch: borrowing EventBatch, _ payload: RawSpan, from first: Int, _ found: KindMatches, length: Int,
        _ ends: [Timestamp?]?, into held: inout HeldCounts
    ) {
        var inTime = RowMask(below: min(RowMask.rowsMax, batch.count &- first))
        // A partition's arrivals never go back, so that they come one after the other.
        var arrived: [(arrival: Timestamp, rows: RowMask)] = []
        if let ends {
            for row in first..<min(first &+ RowMask.rowsMax, ends.count) {
                guard let arrival = ends[row] else { continue }
                if arrived.last?.arrival != arrival { arrived.append((arrival, RowMask())) }
                arrived[arrived.count - 1].rows.insert(row &- first)
            }
            for (_, rows) in arrived { inTime = inTime.subtracting(rows) }
        }
        IndicatorCounts.forEachEngine(found, length: length, among: inTime) { part, match in
            if engines[part] == nil { engines[part] = EngineBox(parts[part].plan, foldsGroups: false) }
            guard let box = engines[part] else { return }
            let before = box.engine.heldBytes
            box.engine.update(batch, payload: payload, from: first, match, of: &found.matches)
            engineBytes &+= box.engine.heldBytes &- before
        }
        for (arrival, rows) in arrived {
            later?.begin(arrival, found.plan.lengths[length], into: &held)
            IndicatorCounts.forEachEngine(found, length: length, among: rows) { part, match in
                later?.count(batch, payload: payload, from: first, match, of: found, part: part)
            }
        }
    }

    private static func forEachEngine(
        _ found: KindMatches, length: Int, among rows: RowMask, _ body: (Int, FilterMatches.Match) -> Void
    ) {
        if rows.isEmpty { return }
        for number in 0..<found.matches.count {
            let match = found.matches[number]
            for place in found.plan.targets.places(of: match.selector) {
                let target = found.plan.targets.elements[place]
                guard !target.isRollup, target.length == Int32(truncatingIfNeeded: length) else { continue }
                let own = match.within(rows)
                if !own.rows.isEmpty { body(Int(target.place), own) }
            }
        }
    }

    private static func groups(
        of batch: borrowing EventBatch, from first: Int, to end: Int, _ length: Int64, _ ends: [Timestamp?]?
    ) -> [SliceTable.Rows] {
        var groups: [SliceTable.Rows] = []
        var last = 0
        var open = Timestamp(nanoseconds: 0)
        for row in first..<end {
            let time = batch.time(row)
            if groups.isEmpty || time < open || time.nanoseconds &- open.nanoseconds >= length {
                open = time.windowStart(length: length)
            }
            let arrival = ends?[row].map(\.nanoseconds) ?? SliceTable.inTime
            if groups.isEmpty || groups[last].start != open.nanoseconds || groups[last].arrival != arrival {
                last =
                    groups.firstIndex { $0.start == open.nanoseconds && $0.arrival == arrival } ?? groups.count
                if last == groups.count { groups.append(SliceTable.Rows(start: open.nanoseconds, arrival: arrival)) }
            }
            groups[last].rows.insert(row &- first)
        }
        return groups
    }

    /// Counts what came too late: in engines of its own, because it is rare.
    mutating func countLate(_ batch: borrowing EventBatch, payload: RawSpan, from first: Int, _ found: KindMatches) {
        if lateEngines.isEmpty { lateEngines = Array(repeating: nil, count: parts.count) }
        for number in 0..<found.matches.count {
            let match = found.matches[number]
            for part in found.plan.parts(of: match.selector) {
                if lateEngines[part] == nil { lateEngines[part] = EngineBox(parts[part].plan, foldsGroups: false) }
                lateEngines[part]?.engine.update(batch, payload: payload, from: first, match, of: &found.matches)
            }
        }
    }

    /// Takes what engines hold, which is a window for each slice there.
    mutating func gather(into held: inout HeldCounts, lateNoticedAt: Timestamp?) {
        for (part, box) in engines.enumerated() {
            guard let box else { continue }
            held.add(box.engine.takeAll(), part: part)
        }
        engineBytes = 0
        later?.gather(into: &held)
        guard let lateNoticedAt else { return }
        for (part, box) in lateEngines.enumerated() {
            guard let box else { continue }
            held.add(late: box.engine.takeAll(), part: part, noticedAt: lateNoticedAt)
        }
        lateEngines = []
    }

    mutating func takeTable() -> SliceTable.Counted { table.take() }
}
