import Statistics
import TelemetryModel

/// A measure's value in one group and window.
public enum MeasureValue: Sendable, Equatable {
    /// No event had a value: a sum, minimum, maximum or quantile of nothing. (Nothing counted is `integer(0)`.)
    case none
    case integer(Int128)
    case double(Double)
    /// A number of distinct values, by HyperLogLog.
    case estimate(UInt64)
    /// A sum out of its range: see `ExactSum`.
    case overflow

    /// The nearest double; NaN for `overflow`, `nil` for `none`.
    public var doubleValue: Double? {
        switch self {
        case .none: nil
        // Nearly all integers are of 64 bits, and those convert in one instruction.
        case .integer(let value): Int64(exactly: value).map(Double.init) ?? Double(value)
        case .double(let value): value
        case .estimate(let value): Double(value)
        case .overflow: .nan
        }
    }

    /// The integer, when it is one and exact.
    public var integerValue: Int128? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// Whether this value is before `other` from the largest down: what is out of range first, no value last.
    func isAbove(_ other: MeasureValue) -> Bool {
        if case .integer(let left) = self, case .integer(let right) = other { return left > right }
        return order > other.order
    }

    private var order: Double {
        if case .overflow = self { return .infinity }
        return doubleValue ?? -.infinity
    }
}

/// The groups of one window, in the order of their values as text, an absent value first; with `top` only those that
/// it keeps, in the same order.
///
/// It reads the engine's own cells: valid until the engine is updated again, or for good once the window was taken.
/// It stays on the engine's thread.
public struct RollupWindow {
    public let plan: CompiledRollup
    public let start: Timestamp
    let keys: SeriesKeys
    let cells: WindowCells
    let order: [UInt32]

    init(plan: CompiledRollup, keys: SeriesKeys, cells: WindowCells) {
        self.plan = plan
        self.keys = keys
        self.cells = cells
        start = Timestamp(nanoseconds: unsafe cells.table.pointee.start)
        let count = unsafe cells.table.pointee.count
        let sorted = RollupWindow.sort((0..<UInt32(count)).map { $0 }, of: cells, keys)
        if let top = plan.definition.top, let measure = plan.topMeasure {
            order = RollupWindow.top(top.count, by: plan.steps[measure], plan, cells, sorted)
        } else {
            order = sorted
        }
    }

    public var count: Int { order.count }

    /// Whether it has the group of those that were folded.
    public var hasFolded: Bool { unsafe cells.table.pointee.hasFolded }

    public subscript(index: Int) -> RollupRow {
        RollupRow(window: self, cell: Int(order[index]))
    }

    /// Calls `body` with each row's place and cell.
    ///
    /// Rows are in the order of their groups, and cells in memory in that of their arrival. So some are loaded together before they are
    /// looked at one by one.
    @inline(__always)
    func forEachCell<Failure: Error>(_ body: (_ row: Int, _ cell: Int) throws(Failure) -> Void) throws(Failure) {
        for first in stride(from: 0, to: order.count, by: RollupWindow.cellsTogether) {
            let rows = first..<min(first + RollupWindow.cellsTogether, order.count)
            unsafe cells.table.pointee.touch(cells: order[rows])
            for row in rows { try body(row, Int(order[row])) }
        }
    }

    private static let cellsTogether = 32

    /// Cells in the order of their groups' keys.
    static func sort(_ indexes: [UInt32], of cells: WindowCells, _ keys: SeriesKeys) -> [UInt32] {
        if indexes.count < 2 { return indexes }
        if !keys.hasRanks && indexes.count < keys.count / 8 {
            // Ranking all keys would cost more than comparing these few.
            return indexes.sorted { left, right in
                unsafe keys.table.pointee.precedes(
                    cells.table.pointee.series(Int(left)), cells.table.pointee.series(Int(right)))
            }
        }
        let ranks = keys.rankByKey()
        if indexes.count > ranks.count / 8 {
            // A counting sort: each rank occurs once at most.
            var byRank = [UInt32](repeating: .max, count: ranks.count)
            for index in indexes { byRank[Int(ranks[unsafe cells.table.pointee.series(Int(index))])] = index }
            return byRank.filter { $0 != .max }
        }
        var entries = indexes.map { index in
            UInt64(ranks[unsafe cells.table.pointee.series(Int(index))]) << 32 | UInt64(index)
        }
        entries.sort()
        return entries.map { UInt32(truncatingIfNeeded: $0) }
    }

    /// The `count` cells with the largest measure, ties to the earlier ones; in the order given.
    private static func top(
        _ count: Int, by step: MeasureStep, _ plan: CompiledRollup, _ cells: WindowCells, _ sorted: [UInt32]
    ) -> [UInt32] {
        if sorted.count <= count { return sorted }
        // The best so far, best first. A later cell goes behind an equal one, so ties fall to the group that sorts first.
        var best: [(value: MeasureValue, place: Int)] = []
        best.reserveCapacity(count + 1)
        for (place, cell) in sorted.enumerated() {
            let value = CellReader(plan: plan, cells: cells).value(step, quantile: nil, cell: Int(cell))
            if best.count == count, let last = best.last, !value.isAbove(last.value) { continue }
            var (low, high) = (0, best.count)
            while low < high {
                let middle = (low + high) / 2
                if value.isAbove(best[middle].value) { high = middle } else { low = middle + 1 }
            }
            best.insert((value, place), at: low)
            if best.count > count { best.removeLast() }
        }
        return best.map(\.place).sorted().map { sorted[$0] }
    }
}

/// One group of a window.
public struct RollupRow {
    let window: RollupWindow
    let cell: Int

    /// The values of the group columns, `nil` where the event had none.
    public var group: [String?] {
        window.keys.values(unsafe window.cells.table.pointee.series(cell))
    }

    /// The group's number in its engine: the same for the same group in every window that is peeked at, until the engine
    /// is updated or a window is taken.
    public var groupNumber: Int { unsafe window.cells.table.pointee.series(cell) }

    /// The value of the measure at `index` of the plan's measures.
    public func value(_ index: Int) -> MeasureValue {
        CellReader(plan: window.plan, cells: window.cells).value(index, cell: cell)
    }

    public var values: [MeasureValue] { window.plan.steps.indices.map(value) }
}

/// Reads measures out of cells.
struct CellReader {
    let plan: CompiledRollup
    let cells: WindowCells

    func value(_ index: Int, cell: Int) -> MeasureValue {
        var quantile: Double?
        if case .quantile(_, let wanted) = plan.definition.measures[index].kind { quantile = wanted }
        return value(plan.steps[index], quantile: quantile, cell: cell)
    }

    @inline(__always)
    func value(_ step: MeasureStep, quantile: Double?, cell index: Int) -> MeasureValue {
        let cell = unsafe cells.table.pointee.cell(index)
        let words = unsafe (cell + step.offset).assumingMemoryBound(to: UInt64.self)
        let flags = unsafe cell.load(as: UInt64.self)
        switch step.operation {
        case .count:
            return .integer(Int128(unsafe words[0]))
        case .sum:
            if flags & step.hasValue == 0 { return .none }
            return MeasureValue(unsafe ExactSum(words: words[0], words[1], words[2]))
        case .min, .max:
            switch unsafe Extremum.read(words[0], flags, step) {
            case nil: return .none
            case .integer(let value): return .integer(Int128(value))
            case .double(let value): return .double(value)
            }
        case .distinct, .distinctExact:
            let (count, isEstimate) = unsafe cells.table.pointee.distinct.count(words[0])
            return isEstimate ? .estimate(count) : .integer(Int128(count))
        case .quantile:
            let number = unsafe Int(words[0])
            guard number > 0, let quantile,
                let value = unsafe cells.table.pointee.sketches[number - 1].value(at: quantile)
            else { return .none }
            return .double(value)
        }
    }
}

extension MeasureValue {
    public init(_ sum: ExactSum) {
        if sum.isOverflowed {
            self = .overflow
        } else if let value = sum.integerValue {
            self = .integer(value)
        } else {
            self = .double(sum.doubleValue)
        }
    }
}
