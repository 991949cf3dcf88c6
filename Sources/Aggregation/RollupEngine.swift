import Expressions
import Statistics
import TelemetryModel

/// Counts the events of one kind into the cells of one rollup: a group's measures in an event-time window.
///
/// The same events in any order, split over any engines whose changes are added up, give the same windows, unless `groupsMax` was
/// reached (its counter says so): then which groups came first decides which are folded.
///
/// Cells are plain memory of one thread, and what was counted leaves it in changes. Were they atomics, every update would pay
/// for each word, cells could not be moved by `realloc`, and a reader would still see a batch half counted.
///
/// One thread at a time, no locks, no clock, no allocation per event once a group is known.
@safe
public struct RollupEngine: ~Copyable {
    public let plan: CompiledRollup
    public internal(set) var counters = RollupCounters()
    /// The earliest and the latest time of any event seen, counted or not.
    public private(set) var eventTimes: ClosedRange<Timestamp>?

    private let groupsMax: Int

    var keys: SeriesKeys
    /// Ascending, and `windows` beside it.
    var starts: [Int64] = []
    var windows: [WindowCells] = []
    var cellCount = 0

    // Owner: this value, freed in `deinit`. Exclusivity: written only by its mutating methods, on one thread.
    private let recent: UnsafeMutablePointer<RecentWindow>
    private var recentNext = 0
    let lanes: UnsafeMutablePointer<Lane>
    /// Each lane's group values, and behind them room for the text of those that are numbers.
    private let columns: UnsafeMutablePointer<KeyColumn>
    let texts: UnsafeMutableRawPointer
    let shortened: ShortenedValues
    let steps: UnsafeMutablePointer<MeasureStep>
    let stepCount: Int
    private let windowLength: Int64
    private let groupSlots: UnsafeMutablePointer<Int>
    private let columnCount: Int
    /// For each measure's filter, the rows of the group at hand for which it is true, a bit each.
    let passed: UnsafeMutablePointer<UInt32>
    /// The same of all rows that an index looked at.
    private let matched: UnsafeMutablePointer<RowMask>

    /// A window used lately. `table` is valid as long as the window is open; taking a window clears these.
    @safe
    private struct RecentWindow: BitwiseCopyable {
        var start: Int64
        var table: UnsafeMutablePointer<WindowTable>?
    }

    /// A row on its way to its cell.
    @safe
    struct Lane: BitwiseCopyable {
        var row: Int
        /// Open until the lane is done with.
        var window: UnsafeMutablePointer<WindowTable>
        /// Of the group's columns, as far as they were read.
        var state: UInt64
        var hash: UInt32 = 0
        var slot: UInt64 = 0
        var series = -1
        var cell = 0
    }

    private static let recentCount = 4
    /// Enough loads in flight to fill a core's queue of misses, few enough that all lanes stay in a level-1 cache, and a
    /// bit of 32 for each.
    private static let laneCount = 32

    /// - Parameter foldsGroups: whether what is beyond `groupsMax` goes into one group. Where what was counted is added up elsewhere, it is
    ///   folded there: of a window that is handed over in parts no part knows which groups came first.
    public init(_ plan: CompiledRollup, foldsGroups: Bool = true) {
        self.plan = plan
        groupsMax = foldsGroups ? plan.definition.groupsMax : .max
        let columnCount = plan.groupSlots.count
        keys = SeriesKeys(columnCount: columnCount)
        unsafe recent = .allocate(capacity: RollupEngine.recentCount)
        unsafe recent.initialize(repeating: RecentWindow(start: 0, table: nil), count: RollupEngine.recentCount)
        unsafe lanes = .allocate(capacity: RollupEngine.laneCount)
        let columnsMax = max(1, columnCount) * RollupEngine.laneCount
        unsafe columns = .allocate(capacity: columnsMax)
        unsafe columns.initialize(repeating: .absent, count: columnsMax)
        shortened = ShortenedValues(places: columnsMax)
        unsafe texts = .allocate(byteCount: columnsMax * Decimal.bytesMax, alignment: 8)
        self.columnCount = columnCount
        unsafe groupSlots = .allocate(capacity: max(1, columnCount))
        for (index, slot) in plan.groupSlots.enumerated() { unsafe (groupSlots + index).initialize(to: slot) }
        unsafe passed = .allocate(capacity: max(1, plan.measureFilters.count))
        unsafe passed.initialize(repeating: 0, count: max(1, plan.measureFilters.count))
        unsafe matched = .allocate(capacity: max(1, plan.measureFilters.count))
        stepCount = plan.steps.count
        windowLength = plan.definition.windowNanoseconds
        unsafe steps = .allocate(capacity: plan.steps.count)
        for (index, step) in plan.steps.enumerated() { unsafe (steps + index).initialize(to: step) }
    }

    deinit {
        unsafe recent.deallocate()
        unsafe lanes.deallocate()
        unsafe columns.deallocate()
        unsafe texts.deallocate()
        unsafe steps.deallocate()
        unsafe groupSlots.deallocate()
        unsafe passed.deallocate()
        unsafe matched.deallocate()
    }

    // MARK: Counting

    /// Counts every row of a batch. `payload` is what the batch was decoded from.
    ///
    /// A row whose window is not open opens it: no row is left out for want of room, so the feeder looks at `windowCount`
    /// now and then, and takes what is there.
    ///
    /// Rows go through in groups of `laneCount`, step by step: what dominates is waiting for memory (a slot of the key
    /// table, the key's record, a slot of the window's table, the cell), and loads that do not depend on each other
    /// wait together. One row at a time took 1.4 to 2 times as long.
    public mutating func update(_ batch: borrowing EventBatch, payload: RawSpan) {
        var first = 0
        while first < batch.count {
            let end = min(first + RollupEngine.laneCount, batch.count)
            let wanted = plan.filter.map { RollupEngine.rows(of: batch, payload, from: first, to: end, passing: $0) }
            for (index, filter) in plan.measureFilters.enumerated() {
                let rows = RollupEngine.rows(of: batch, payload, from: first, to: end, passing: filter)
                unsafe passed[index] = rows
            }
            count(batch, payload, from: first, to: end, wanted ?? .max)
            first = end
        }
        noteUpdate(of: batch)
    }

    /// Counts the rows of a batch that an index found to pass the rollup's filter: `match`, of which row 0 is row `first`.
    package mutating func update(
        _ batch: borrowing EventBatch, payload: RawSpan, from first: Int, _ match: FilterMatches.Match,
        of matches: inout FilterMatches
    ) {
        let end = min(first + RowMask.rowsMax, batch.count)
        for index in plan.measureFilters.indices {
            unsafe matched[index] = matches.rows(ofPart: index, match, batch, payload)
        }
        for start in stride(from: first, to: end, by: RollupEngine.laneCount) {
            let wanted = match.rows.bits(from: start &- first)
            if wanted == 0 { continue }
            for index in plan.measureFilters.indices {
                unsafe passed[index] = matched[index].bits(from: start &- first)
            }
            count(batch, payload, from: start, to: min(start + RollupEngine.laneCount, end), wanted)
        }
        noteUpdate(of: batch)
    }

    /// Counts the rows of a group that are `wanted`, a bit each, with what `passed` says of them: column by column, measure by measure.
    private mutating func count(
        _ batch: borrowing EventBatch, _ payload: RawSpan, from first: Int, to end: Int, _ wanted: UInt32
    ) {
        let state = unsafe keys.table.pointee.emptyState
        var laneCount = 0
        var rest = wanted & UInt32.max >> UInt32(truncatingIfNeeded: RollupEngine.laneCount &- (end &- first))
        while rest != 0 {
            let row = first &+ rest.trailingZeroBitCount
            rest &= rest &- 1
            unsafe lanes[laneCount] = Lane(row: row, window: window(holding: batch.time(row)), state: state)
            laneCount &+= 1
        }
        readKeys(batch, payload, laneCount)
        findCells(laneCount)
        for number in 0..<stepCount { apply(unsafe steps[number], batch, payload, from: first, laneCount) }
        counters.events &+= UInt64(truncatingIfNeeded: laneCount)
    }

    private mutating func noteUpdate(of batch: borrowing EventBatch) {
        counters.shortenedValues &+= shortened.takeCount()
        if let earliest = batch.earliest, let latest = batch.latest { widenEventTimes(earliest...latest) }
    }

    /// The rows for which a filter is true, a bit each, the first row's lowest. A function of its own, because a program
    /// that is read anew for every row is copied for every row: a dozen reference counts.
    @inline(never)
    private static func rows(
        of batch: borrowing EventBatch, _ payload: RawSpan, from first: Int, to end: Int, passing filter: Program
    ) -> UInt32 {
        var rows: UInt32 = 0
        for row in first..<end where filter.matches(batch.row(row, of: payload)) {
            rows |= 1 << UInt32(truncatingIfNeeded: row &- first)
        }
        return rows
    }

    mutating func widenEventTimes(_ seen: ClosedRange<Timestamp>) {
        guard let before = eventTimes else {
            eventTimes = seen
            return
        }
        eventTimes = min(before.lowerBound, seen.lowerBound)...max(before.upperBound, seen.upperBound)
    }

    @unsafe @inline(__always)
    private mutating func window(holding time: Timestamp) -> UnsafeMutablePointer<WindowTable> {
        let length = UInt64(bitPattern: windowLength)
        for index in 0..<RollupEngine.recentCount {
            let entry = unsafe recent[index]
            // A time before the start wraps to a distance far above any length.
            if UInt64(bitPattern: time.nanoseconds &- entry.start) < length, let table = unsafe entry.table {
                return unsafe table
            }
        }
        let table = unsafe openWindow(time.windowStart(length: windowLength).nanoseconds)
        unsafe recent[recentNext] = RecentWindow(start: table.pointee.start, table: table)
        recentNext = (recentNext &+ 1) % RollupEngine.recentCount
        return unsafe table
    }

    /// The window that starts at `start`, opened if need be.
    @unsafe
    mutating func openWindow(_ start: Int64) -> UnsafeMutablePointer<WindowTable> {
        let index = firstIndex(notBefore: start)
        if index < starts.count, starts[index] == start { return unsafe windows[index].table }
        // A new window mostly sees as many groups as the one before it.
        // The bound keeps ten thousand small windows after a large one from asking for more than there is.
        let expected = index > 0 ? min(unsafe windows[index - 1].table.pointee.count, 1 << 16) : 0
        let window = WindowCells(
            start: start, cellBytes: plan.cellBytes, expected: expected, countsDistinct: plan.countsDistinct)
        starts.insert(start, at: index)
        windows.insert(window, at: index)
        return unsafe window.table
    }

    func firstIndex(notBefore start: Int64) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] < start { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func forgetRecentWindows() {
        for index in 0..<RollupEngine.recentCount { unsafe recent[index] = RecentWindow(start: 0, table: nil) }
    }

    // MARK: Groups

    /// Reads the groups of all lanes, and hashes them.
    @inline(__always)
    private mutating func readKeys(_ batch: borrowing EventBatch, _ payload: RawSpan, _ laneCount: Int) {
        if columnCount == 0 { return }
        let table = unsafe keys.table
        for column in 0..<columnCount {
            let slot = unsafe groupSlots[column]
            for lane in 0..<laneCount {
                let place = lane &* columnCount &+ column
                let value = unsafe keyColumn(batch, payload, lanes[lane].row, slot, place)
                unsafe columns[place] = value
                unsafe lanes[lane].state = table.pointee.combine(value, lanes[lane].state)
            }
        }
        for lane in 0..<laneCount { unsafe lanes[lane].hash = KeyTable.hash(lanes[lane].state) }
    }

    /// Finds or makes the cells of all lanes, in the lanes' order.
    ///
    /// Each loop finds what the next needs, and what it needs itself was loaded by one of a few instructions before it: a core
    /// waits for as many loads together as it can hold iterations of such a loop. `touched` is where their values go.
    @inline(__always)
    private mutating func findCells(_ laneCount: Int) {
        var touched: UInt64 = 0
        if columnCount > 0 {
            let table = unsafe keys.table
            for lane in 0..<laneCount { unsafe lanes[lane].slot = table.pointee.touch(hash: lanes[lane].hash) }
            for lane in 0..<laneCount {
                touched ^= unsafe table.pointee.touchRecord(lanes[lane].slot, hash: lanes[lane].hash)
            }
            for lane in 0..<laneCount {
                unsafe lanes[lane].series = table.pointee.find(columns + lane &* columnCount, hash: lanes[lane].hash)
            }
            for lane in 0..<laneCount { touched ^= unsafe lanes[lane].window.pointee.touch(lanes[lane].series) }
        }
        for lane in 0..<laneCount {
            let window = unsafe lanes[lane].window
            if columnCount == 0, unsafe window.pointee.count > 0 {
                unsafe lanes[lane].cell = 0
                continue
            }
            let series = unsafe lanes[lane].series
            var cell = series >= 0 ? unsafe window.pointee.find(series) : -1
            if cell < 0 {
                let group = unsafe columns + lane &* columnCount
                // A group that was not known may have become so by an earlier lane.
                let found =
                    series >= 0
                    ? unsafe admit(group, hash: lanes[lane].hash, series: series, to: window)
                    : unsafe self.cell(of: UnsafeBufferPointer(start: group, count: columnCount), in: window)
                if found.isFolded { counters.foldedEvents &+= 1 }
                cell = found.place
            }
            unsafe lanes[lane].cell = cell
        }
        for lane in 0..<laneCount { touched ^= unsafe lanes[lane].window.pointee.touch(cell: lanes[lane].cell) }
        unsafe lanes[0].slot = touched
    }

    /// The cell of a group, made if need be, or that of the folded ones.
    @unsafe @inline(never)
    mutating func cell(
        of columns: UnsafeBufferPointer<KeyColumn>, in window: UnsafeMutablePointer<WindowTable>
    ) -> (place: Int, isFolded: Bool) {
        let table = unsafe keys.table
        guard let base = columns.baseAddress else { return (0, false) }
        let hash = unsafe table.pointee.hash(base)
        let series = unsafe table.pointee.find(base, hash: hash)
        if series >= 0 {
            let cell = unsafe window.pointee.find(series)
            if cell >= 0 { return (cell, false) }
        }
        return unsafe admit(base, hash: hash, series: series, to: window)
    }

    /// A value as bytes: a group is identified by its values' text. `null` counts as absent.
    @unsafe @inline(__always)
    private mutating func keyColumn(
        _ batch: borrowing EventBatch, _ payload: RawSpan, _ row: Int, _ slot: Int, _ column: Int
    ) -> KeyColumn {
        let value = batch.value(row, slot)
        switch value.kind {
        case .text, .arenaText, .json, .arenaJSON:
            // The bytes belong to the payload or the batch, both of which outlive this event's count.
            return unsafe batch.bytes(of: value, in: payload).withUnsafeBytes { bytes in
                if bytes.count > ShortenedValues.bytesMax { return unsafe shortened.shorten(bytes, place: column) }
                if unsafe FoldedGroup.resembles(bytes) { return unsafe shortened.parenthesise(bytes, place: column) }
                return unsafe KeyColumn(bytes: bytes.baseAddress ?? UnsafeRawPointer(texts), count: bytes.count)
            }
        case .absent, .null:
            return .absent
        case .integer:
            let text = unsafe texts + column &* Decimal.bytesMax
            return unsafe KeyColumn(bytes: UnsafeRawPointer(text), count: Decimal.write(value.integerValue, to: text))
        case .double:
            let text = unsafe texts + column &* Decimal.bytesMax
            return unsafe KeyColumn(bytes: UnsafeRawPointer(text), count: Decimal.write(value.doubleValue, to: text))
        case .bool:
            let text: StaticString = value.boolValue ? "true" : "false"
            return unsafe KeyColumn(bytes: UnsafeRawPointer(text.utf8Start), count: text.utf8CodeUnitCount)
        }
    }

    /// Makes a cell for a group that has none in a window, or gives that of the folded ones where there are as many as may be.
    @unsafe
    private mutating func admit(
        _ columns: UnsafePointer<KeyColumn>, hash: UInt32, series: Int, to window: UnsafeMutablePointer<WindowTable>
    ) -> (place: Int, isFolded: Bool) {
        // What was folded comes as a group of that name, and takes no other's place: wherever a window was handed over in
        // between, its first groups are the same.
        if unsafe isFolded(columns) { return (unsafe foldedCell(in: window), false) }
        let groups = unsafe window.pointee.count - (window.pointee.hasFolded ? 1 : 0)
        if groups >= groupsMax { return (unsafe foldedCell(in: window), true) }
        cellCount += 1
        let known = unsafe series >= 0 ? series : keys.table.pointee.insert(columns, hash: hash)
        return (unsafe window.pointee.insert(known), false)
    }

    @unsafe
    private func isFolded(_ columns: UnsafePointer<KeyColumn>) -> Bool {
        let text = FoldedGroup.text
        for column in 0..<columnCount {
            guard unsafe columns[column].count == text.utf8CodeUnitCount, let bytes = unsafe columns[column].bytes,
                unsafe equalBytes(bytes, UnsafeRawPointer(text.utf8Start), count: text.utf8CodeUnitCount)
            else { return false }
        }
        return columnCount > 0
    }

    /// The cell of the group whose columns all read `(other)`.
    @unsafe
    private mutating func foldedCell(in window: UnsafeMutablePointer<WindowTable>) -> Int {
        let columnCount = plan.groupSlots.count
        let table = unsafe keys.table
        let text = FoldedGroup.text
        // Its own array: `columns` may still be read by the caller.
        let columns = unsafe [KeyColumn](
            repeating: KeyColumn(bytes: UnsafeRawPointer(text.utf8Start), count: text.utf8CodeUnitCount),
            count: max(1, columnCount))
        let series = unsafe columns.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            let hash = unsafe table.pointee.hash(base)
            let known = unsafe table.pointee.find(base, hash: hash)
            return known >= 0 ? known : unsafe table.pointee.insert(base, hash: hash)
        }
        let cell = unsafe window.pointee.find(series)
        if cell >= 0 { return cell }
        cellCount += 1
        unsafe window.pointee.hasFolded = true
        return unsafe window.pointee.insert(series)
    }
}
