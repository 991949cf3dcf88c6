import Expressions
import Statistics
import TelemetryModel

/// Bounds on what a rollup keeps, whatever arrives. Each has a counter in `RollupCounters`.
public struct RollupLimits: Sendable, Equatable {
    /// Open windows; an event that would need one more is not counted in the rollup.
    public var windowsMax: Int
    /// Cells in all open windows together; from there on new groups are folded into `other`.
    public var cellsMax: Int
    /// Bytes of group keys; from there on new groups are folded into `other`.
    public var keyBytesMax: Int

    public init(windowsMax: Int = 10_080, cellsMax: Int = 4_000_000, keyBytesMax: Int = 128 << 20) {
        precondition(windowsMax > 0 && cellsMax > 0 && keyBytesMax > 0, "limits are above zero")
        self.windowsMax = windowsMax
        // One more group for each window: `other` itself is always let in.
        self.cellsMax = min(cellsMax, Int(UInt32.max) - windowsMax - 1)
        self.keyBytesMax = min(keyBytesMax, KeyTable.bytesMax / 2)
    }
}

/// What a rollup counted, and what it could not.
public struct RollupCounters: Sendable, Equatable {
    /// Events counted in a cell.
    public var events: UInt64 = 0
    /// Of these, events in the group `other` because a bound was reached.
    public var foldedEvents: UInt64 = 0
    /// Events left out because too many windows were open.
    public var eventsWithoutWindow: UInt64 = 0
    /// Values of a sum, minimum, maximum or quantile that are there but are no finite number.
    public var valuesNotNumeric: UInt64 = 0
    /// Exact sets of distinct values that had to become estimates.
    public var degradedSets: UInt64 = 0

    public init() {}
}

/// Counts the events of one kind into the cells of one rollup: a group's measures in an event-time window.
///
/// The same events in any order, split over any engines that are merged, give the same windows, unless a bound was
/// reached (its counter says so): then which groups came first decides which are folded.
///
/// Cells are plain memory of one thread; `RegisterPublisher` makes them readable for others once a batch. Registers that
/// are atomics themselves would cost every update a separate load and store for each word and keep cells from being
/// moved by `realloc`, and a reader would still see a batch half counted.
///
/// One thread at a time, no locks, no clock, no allocation per event once a group is known.
@safe
public struct RollupEngine: ~Copyable {
    public let plan: RollupPlan
    public let limits: RollupLimits
    /// Whether changed cells are remembered for `takeChanges`.
    public let tracksChanges: Bool
    public internal(set) var counters = RollupCounters()
    /// The earliest and the latest time of any event seen, counted or not.
    public private(set) var eventTimes: ClosedRange<Timestamp>?

    var keys: SeriesKeys
    /// Ascending, and `windows` beside it.
    var starts: [Int64] = []
    var windows: [WindowCells] = []
    var cellCount = 0

    // Owner: this value, freed in `deinit`. Exclusivity: written only by its mutating methods, on one thread.
    private let recent: UnsafeMutablePointer<RecentWindow>
    private var recentNext = 0
    private let columns: UnsafeMutablePointer<KeyColumn>
    private let texts: UnsafeMutableRawPointer
    private let steps: UnsafeMutablePointer<MeasureStep>

    /// A window used lately. `table` is valid as long as the window is open; taking a window clears these.
    @safe
    private struct RecentWindow: BitwiseCopyable {
        var start: Int64
        var table: UnsafeMutablePointer<WindowTable>?
    }

    private static let recentCount = 4
    private static let otherText: StaticString = "other"

    public init(_ plan: RollupPlan, limits: RollupLimits = RollupLimits(), tracksChanges: Bool = false) {
        self.plan = plan
        self.limits = limits
        self.tracksChanges = tracksChanges
        let columnCount = plan.groupSlots.count
        keys = SeriesKeys(columnCount: columnCount)
        unsafe recent = .allocate(capacity: RollupEngine.recentCount)
        unsafe recent.initialize(repeating: RecentWindow(start: 0, table: nil), count: RollupEngine.recentCount)
        unsafe columns = .allocate(capacity: max(1, columnCount))
        unsafe columns.initialize(repeating: .absent, count: max(1, columnCount))
        unsafe texts = .allocate(byteCount: max(1, columnCount) * Decimal.bytesMax, alignment: 8)
        unsafe steps = .allocate(capacity: plan.steps.count)
        for (index, step) in plan.steps.enumerated() { unsafe (steps + index).initialize(to: step) }
    }

    deinit {
        unsafe recent.deallocate()
        unsafe columns.deallocate()
        unsafe texts.deallocate()
        unsafe steps.deallocate()
    }

    // MARK: Counting

    /// Counts every row of a batch. `payload` is what the batch was decoded from.
    public mutating func update(_ batch: borrowing EventBatch, payload: RawSpan) {
        guard !batch.isEmpty else { return }
        let plan = self.plan
        var earliest = batch.time(0).nanoseconds
        var latest = earliest
        var counted: UInt64 = 0
        for row in 0..<batch.count {
            let event = batch.row(row, of: payload)
            let time = event.time
            earliest = min(earliest, time.nanoseconds)
            latest = max(latest, time.nanoseconds)
            if let filter = plan.filter, !filter.matches(event) { continue }
            guard let window = unsafe window(holding: time) else {
                counters.eventsWithoutWindow &+= 1
                continue
            }
            let index = unsafe cell(of: event, in: window, plan)
            unsafe apply(event, to: window, index, plan)
            counted &+= 1
        }
        counters.events &+= counted
        widenEventTimes(Timestamp(nanoseconds: earliest)...Timestamp(nanoseconds: latest))
    }

    mutating func widenEventTimes(_ seen: ClosedRange<Timestamp>) {
        guard let before = eventTimes else {
            eventTimes = seen
            return
        }
        eventTimes = min(before.lowerBound, seen.lowerBound)...max(before.upperBound, seen.upperBound)
    }

    @unsafe @inline(__always)
    private mutating func window(holding time: Timestamp) -> UnsafeMutablePointer<WindowTable>? {
        let length = UInt64(bitPattern: plan.definition.windowNanoseconds)
        for index in 0..<RollupEngine.recentCount {
            let entry = unsafe recent[index]
            // A time before the start wraps to a distance far above any length.
            if UInt64(bitPattern: time.nanoseconds &- entry.start) < length, let table = unsafe entry.table {
                return unsafe table
            }
        }
        guard let table = unsafe openWindow(time.windowStart(length: plan.definition.windowNanoseconds).nanoseconds)
        else { return nil }
        unsafe recent[recentNext] = RecentWindow(start: table.pointee.start, table: table)
        recentNext = (recentNext &+ 1) % RollupEngine.recentCount
        return unsafe table
    }

    /// The window that starts at `start`, opened if need be; `nil` when too many are open.
    @unsafe
    mutating func openWindow(_ start: Int64) -> UnsafeMutablePointer<WindowTable>? {
        let index = firstIndex(notBefore: start)
        if index < starts.count, starts[index] == start { return unsafe windows[index].table }
        guard starts.count < limits.windowsMax else { return nil }
        let window = WindowCells(start: start, cellBytes: plan.cellBytes)
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

    @unsafe @inline(__always)
    private mutating func cell(
        of event: borrowing EventView, in window: UnsafeMutablePointer<WindowTable>, _ plan: RollupPlan
    ) -> Int {
        if plan.groupSlots.isEmpty, unsafe window.pointee.count > 0 { return 0 }
        var column = 0
        for slot in plan.groupSlots {
            unsafe columns[column] = keyColumn(event, slot, column)
            column &+= 1
        }
        let table = unsafe keys.table
        let hash = unsafe table.pointee.hash(columns)
        let series = unsafe table.pointee.find(columns, hash: hash)
        if series >= 0 {
            let cell = unsafe window.pointee.find(series)
            if cell >= 0 { return cell }
        }
        let (cell, isFolded) = unsafe admit(columns, hash: hash, series: series, to: window)
        if isFolded { counters.foldedEvents &+= 1 }
        return cell
    }

    /// A value as bytes: a group is told by its values' text. `null` counts as absent.
    @unsafe @inline(__always)
    private func keyColumn(_ event: borrowing EventView, _ slot: Int, _ column: Int) -> KeyColumn {
        let value = event[slot]
        switch value.kind {
        case .text, .arenaText, .json, .arenaJSON:
            // The bytes belong to the payload or the batch, both of which outlive this event's count.
            return unsafe event.bytes(of: value).withUnsafeBytes { bytes in
                unsafe KeyColumn(bytes: bytes.baseAddress ?? UnsafeRawPointer(texts), count: bytes.count)
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

    /// Makes a cell for a group that has none in a window, or gives `other`'s where a bound is reached.
    @unsafe @inline(never)
    mutating func admit(
        _ columns: UnsafePointer<KeyColumn>, hash: UInt32, series: Int, to window: UnsafeMutablePointer<WindowTable>
    ) -> (cell: Int, isFolded: Bool) {
        let table = unsafe keys.table
        var series = series
        let hasRoom = unsafe window.pointee.count < plan.definition.groupsMax && cellCount < limits.cellsMax
        if hasRoom && series < 0,
            unsafe table.pointee.bytesUsed + table.pointee.recordBytes(columns) <= limits.keyBytesMax
        {
            series = unsafe table.pointee.insert(columns, hash: hash)
        }
        if hasRoom && series >= 0 {
            cellCount += 1
            return (unsafe window.pointee.insert(series), false)
        }
        return (unsafe otherCell(in: window), true)
    }

    /// The cell of the group whose columns all read `other`.
    @unsafe
    private mutating func otherCell(in window: UnsafeMutablePointer<WindowTable>) -> Int {
        let columnCount = plan.groupSlots.count
        let table = unsafe keys.table
        let text = RollupEngine.otherText
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
        return unsafe window.pointee.insert(series)
    }

    // MARK: Measures

    @unsafe @inline(__always)
    private mutating func apply(
        _ event: borrowing EventView, to window: UnsafeMutablePointer<WindowTable>, _ index: Int, _ plan: RollupPlan
    ) {
        let cell = unsafe window.pointee.cell(index)
        if tracksChanges { unsafe window.pointee.markChanged(index) }
        let flags = unsafe cell.assumingMemoryBound(to: UInt64.self)
        for number in 0..<plan.steps.count {
            let step = unsafe steps[number]
            if step.filter >= 0, !plan.measureFilters[step.filter].matches(event) { continue }
            let words = unsafe (cell + step.offset).assumingMemoryBound(to: UInt64.self)
            if step.operation == .count {
                unsafe words[0] &+= 1
                continue
            }
            let value = event[step.slot]
            if !value.isPresent { continue }
            switch step.operation {
            case .count:
                break
            case .sum:
                var sum = unsafe ExactSum(words: words[0], words[1], words[2])
                switch value.kind {
                case .integer: sum.add(value.integerValue)
                case .double: sum.add(value.doubleValue)
                default:
                    counters.valuesNotNumeric &+= 1
                    continue
                }
                unsafe (words[0], words[1], words[2]) = sum.words
                unsafe flags[0] |= step.hasValue
            case .min, .max:
                guard let number = RollupEngine.number(value) else {
                    counters.valuesNotNumeric &+= 1
                    continue
                }
                unsafe Extremum.update(words, flags, step, number)
            case .distinct, .distinctExact:
                unsafe insert(value, event, into: &window.pointee.distinct, &words[0], step.operation == .distinctExact)
            case .quantile:
                guard let number = RollupEngine.number(value) else {
                    counters.valuesNotNumeric &+= 1
                    continue
                }
                if unsafe words[0] == 0 {
                    unsafe window.pointee.sketches.append(QuantileSketch())
                    unsafe words[0] = UInt64(window.pointee.sketches.count)
                }
                unsafe window.pointee.sketches[Int(words[0]) - 1].insert(number.doubleValue)
            }
        }
    }

    @inline(__always)
    private static func number(_ value: FieldValue) -> Number? {
        switch value.kind {
        case .integer: .integer(value.integerValue)
        case .double: Number(value.doubleValue)
        default: nil
        }
    }

    @unsafe @inline(__always)
    private mutating func insert(
        _ value: FieldValue, _ event: borrowing EventView, into sets: inout DistinctSets, _ word: inout UInt64,
        _ isExact: Bool
    ) {
        switch value.kind {
        case .absent, .null:
            return
        case .integer:
            sets.insert(value.integerValue, into: &word, isExact: isExact)
        case .text, .arenaText, .json, .arenaJSON, .double, .bool:
            let column: KeyColumn
            if value.kind == .double, let whole = Number(value.doubleValue), case .integer(let integer) = whole {
                return sets.insert(integer, into: &word, isExact: isExact)
            } else if value.kind == .double || value.kind == .bool {
                column = unsafe scalarText(value)
            } else {
                column = unsafe event.bytes(of: value).withUnsafeBytes { bytes in
                    unsafe KeyColumn(bytes: bytes.baseAddress ?? UnsafeRawPointer(texts), count: bytes.count)
                }
            }
            guard let bytes = unsafe column.bytes else { return }
            unsafe sets.insert(bytes, count: column.count, into: &word, isExact: isExact)
        }
        counters.degradedSets &+= sets.takeDegraded()
    }

    @unsafe
    private func scalarText(_ value: FieldValue) -> KeyColumn {
        if value.kind == .bool {
            let text: StaticString = value.boolValue ? "true" : "false"
            return unsafe KeyColumn(bytes: UnsafeRawPointer(text.utf8Start), count: text.utf8CodeUnitCount)
        }
        return unsafe KeyColumn(
            bytes: UnsafeRawPointer(texts), count: Decimal.write(value.doubleValue, to: texts))
    }
}

/// A minimum or maximum in a cell: one word, and two flags that say whether and what it is.
enum Extremum {
    @unsafe @inline(__always)
    static func read(_ word: UInt64, _ flags: UInt64, _ step: MeasureStep) -> Number? {
        if flags & step.hasValue == 0 { return nil }
        return flags & step.isInteger != 0 ? .integer(Int64(bitPattern: word)) : .double(Double(bitPattern: word))
    }

    @unsafe @inline(__always)
    static func update(
        _ word: UnsafeMutablePointer<UInt64>, _ flags: UnsafeMutablePointer<UInt64>, _ step: MeasureStep,
        _ number: Number
    ) {
        if let current = unsafe read(word[0], flags[0], step) {
            if step.operation == .min ? current <= number : current >= number { return }
        }
        switch number {
        case .integer(let value):
            unsafe word[0] = UInt64(bitPattern: value)
            unsafe flags[0] |= step.hasValue | step.isInteger
        case .double(let value):
            unsafe word[0] = value.bitPattern
            unsafe flags[0] = flags[0] & ~step.isInteger | step.hasValue
        }
    }
}
