import Statistics
import TelemetryModel

/// What one measure of a cell amounts to, whole enough to go on counting from.
public enum MeasureState: Sendable, Equatable {
    case count(UInt64)
    /// `nil`: no value yet.
    case sum(ExactSum?)
    /// A minimum or maximum; `nil`: no value yet.
    case extremum(Number?)
    case distinct(DistinctState)
    case quantile(QuantileSketch)
}

/// A cell of a window, whole enough to go on counting from.
public struct RollupChange: Sendable, Equatable {
    public var windowStart: Timestamp
    /// The values of the group columns, `nil` where absent.
    public var group: [String?]
    /// In the order of the plan's measures.
    public var measures: [MeasureState]

    public init(windowStart: Timestamp, group: [String?], measures: [MeasureState]) {
        self.windowStart = windowStart
        self.group = group
        self.measures = measures
    }
}

extension RollupEngine {
    /// All cells of all windows, by window and group, after which no window is left: for counting by amounts, where what
    /// was taken is published as an addition and adding up (`restore`) gives what one engine would have counted.
    ///
    /// Groups keep their numbers as long as most of them go on appearing, so that a known group costs no more in the next
    /// round. Complexity: the cells, and their order within each window.
    ///
    /// - Parameter forgettingGroups: keep no group's key either, so that nothing is held.
    public mutating func takeAll(forgettingGroups: Bool = false) -> [RollupChange] {
        var changes: [RollupChange] = []
        changes.reserveCapacity(cellCount)
        takeAll(forgettingGroups: forgettingGroups) { changes.append($0) }
        return changes
    }

    /// The same one by one, each window let go when its cells were handed over; what `body` throws ends it, and the rest is dropped.
    public mutating func takeAll<Failure: Error>(
        forgettingGroups: Bool = false, _ body: (RollupChange) throws(Failure) -> Void
    ) throws(Failure) {
        var taken = Array(windows.reversed())
        let cells = cellCount
        windows.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        forgetRecentWindows()
        cellCount = 0
        while let window = taken.popLast() {
            let count = unsafe window.table.pointee.count
            let start = Timestamp(nanoseconds: unsafe window.table.pointee.start)
            for cell in RollupWindow.sort((0..<UInt32(count)).map { $0 }, of: window, keys) {
                try body(
                    RollupChange(
                        windowStart: start, group: keys.values(unsafe window.table.pointee.series(Int(cell))),
                        measures: plan.steps.map { state($0, window, Int(cell)) }))
            }
        }
        if forgettingGroups { forgetKeys() } else { dropStaleKeys(cellsTaken: cells) }
    }

    private borrowing func state(_ step: MeasureStep, _ window: WindowCells, _ index: Int) -> MeasureState {
        let cell = unsafe window.table.pointee.cell(index)
        let words = unsafe (cell + step.offset).assumingMemoryBound(to: UInt64.self)
        let flags = unsafe cell.load(as: UInt64.self)
        switch step.operation {
        case .count:
            return .count(unsafe words[0])
        case .sum:
            if flags & step.hasValue == 0 { return .sum(nil) }
            return .sum(unsafe ExactSum(words: words[0], words[1], words[2]))
        case .min, .max:
            return .extremum(unsafe Extremum.read(words[0], flags, step))
        case .distinct, .distinctExact:
            return .distinct(unsafe window.table.pointee.distinct.state(words[0]))
        case .quantile:
            let number = unsafe Int(words[0])
            return .quantile(number > 0 ? unsafe window.table.pointee.sketches[number - 1] : QuantileSketch())
        }
    }

    /// Adds a published cell to this engine's, as after a restart; false, and nothing is done, when it does not fit the
    /// rollup. Adding the same one twice counts it twice.
    public mutating func restore(_ change: RollupChange) -> Bool {
        guard change.group.count == plan.groupSlots.count, change.measures.count == plan.steps.count,
            zip(plan.steps, change.measures).allSatisfy({ $0.operation.accepts($1) }),
            change.windowStart.windowStart(length: plan.definition.windowNanoseconds) == change.windowStart
        else { return false }
        let window = unsafe openWindow(change.windowStart.nanoseconds)
        // The group's text in one array behind a first byte, so that every column has an address, an empty one too.
        var bytes: [UInt8] = [0]
        for value in change.group { bytes += value.map { Array($0.utf8) } ?? [] }
        let (index, isFolded) = unsafe bytes.withUnsafeBytes { text in
            unsafe withUnsafeTemporaryAllocation(of: KeyColumn.self, capacity: max(1, change.group.count)) { columns in
                unsafe columns.initialize(repeating: .absent)
                var place = 1
                for (column, value) in change.group.enumerated() {
                    guard let value else { continue }
                    let address = unsafe text.baseAddress.map { unsafe $0 + place }
                    unsafe columns[column] = KeyColumn(bytes: address, count: value.utf8.count)
                    place += value.utf8.count
                }
                return unsafe self.cell(of: UnsafeBufferPointer(columns), in: window)
            }
        }
        if isFolded { counters.foldedCells &+= 1 }
        let cell = unsafe window.pointee.cell(index)
        let flags = unsafe cell.assumingMemoryBound(to: UInt64.self)
        for (step, state) in zip(plan.steps, change.measures) {
            let words = unsafe (cell + step.offset).assumingMemoryBound(to: UInt64.self)
            switch state {
            case .count(let count):
                unsafe words[0] &+= count
            case .sum(let more):
                guard let more else { continue }
                var sum = unsafe ExactSum(words: words[0], words[1], words[2])
                sum.merge(more)
                unsafe (words[0], words[1], words[2]) = sum.words
                unsafe flags[0] |= step.hasValue
            case .extremum(let number):
                guard let number else { continue }
                unsafe Extremum.update(words, flags, step, number)
            case .distinct(let found):
                let isExact = step.operation == .distinctExact
                unsafe window.pointee.distinct.merge(found, into: &words[0], isExact: isExact)
                counters.degradedSets &+= unsafe window.pointee.distinct.takeDegraded()
            case .quantile(let sketch):
                if sketch.count > 0 { unsafe merge(sketch, into: &words[0], of: window) }
            }
        }
        return true
    }

    private func merge(
        _ sketch: QuantileSketch, into word: inout UInt64, of window: UnsafeMutablePointer<WindowTable>
    ) {
        if word == 0 {
            unsafe window.pointee.sketches.append(sketch)
            word = UInt64(unsafe window.pointee.sketches.count)
        } else {
            unsafe window.pointee.sketches[Int(word) - 1].merge(sketch)
        }
    }
}

extension MeasureStep.Operation {
    fileprivate func accepts(_ state: MeasureState) -> Bool {
        switch (self, state) {
        case (.count, .count), (.sum, .sum), (.min, .extremum), (.max, .extremum), (.distinct, .distinct),
            (.distinctExact, .distinct), (.quantile, .quantile):
            true
        default:
            false
        }
    }
}
