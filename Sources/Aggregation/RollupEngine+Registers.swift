import LockFree
import Statistics
import TelemetryModel

extension RollupPlan {
    /// Words of a register: a tag, the window's start, the measures' flags, then the measures as in a cell.
    public var registerWidth: Int { 2 + cellBytes / 8 }

    fileprivate static let registerTag: UInt64 = 1
    /// The word of a register that holds the measures' flags; a cell's words follow from the next one on.
    fileprivate static let registerFlagsWord = 2
}

extension RollupEngine {
    @unsafe @inline(never)
    mutating func noteUnpublished(_ window: UnsafeMutablePointer<WindowTable>) {
        unsafe window.pointee.isUnpublished = true
        unpublished.append(unsafe window.pointee.start)
    }

    /// Shows what was counted so far to readers of the register table: call it after each batch. Does nothing without a
    /// table, and puts it off to a later call when a reader could not get through.
    ///
    /// Complexity: the windows counted into since the last call.
    public mutating func publishRegisters() {
        guard !unpublished.isEmpty, var writer = registers.take() else { return }
        if !writer.shouldPostpone() {
            writer.begin()
            for start in unpublished {
                let index = firstIndex(notBefore: start)
                // A window taken meanwhile is no longer there.
                guard index < starts.count, starts[index] == start else { continue }
                publish(windows[index], to: &writer)
            }
            writer.end()
            unpublished.removeAll(keepingCapacity: true)
        }
        registers = consume writer
    }

    private func publish(_ window: WindowCells, to writer: inout RegisterWriter) {
        let table = unsafe window.table
        unsafe table.pointee.isUnpublished = false
        guard unsafe table.pointee.count > 0 else { return }
        let slot: Int
        if let register = unsafe table.pointee.register {
            slot = register
        } else {
            slot = writer.add(tag: RollupPlan.registerTag)
            unsafe table.pointee.register = slot
            writer.set(slot, 1, UInt64(bitPattern: unsafe table.pointee.start))
        }
        let cell = unsafe table.pointee.cell(0)
        writer.set(slot, RollupPlan.registerFlagsWord, unsafe cell.load(as: UInt64.self))
        for (index, step) in plan.steps.enumerated() {
            let first = RollupPlan.registerFlagsWord + step.offset / 8
            switch step.operation {
            case .count, .sum, .min, .max:
                for word in 0..<step.operation.cellBytes / 8 {
                    let value = unsafe cell.load(fromByteOffset: step.offset + word * 8, as: UInt64.self)
                    writer.set(slot, first + word, value)
                }
            case .distinct, .distinctExact, .quantile:
                // The cell's own word means nothing outside its window.
                let word: UInt64
                switch CellReader(plan: plan, cells: window).value(index, cell: 0) {
                case .integer(let count): word = UInt64(truncatingIfNeeded: count)
                case .estimate(let count): word = count | 1 << 63
                case .double(let value): word = value.bitPattern
                case .none, .overflow: word = Double.nan.bitPattern
                }
                writer.set(slot, first, word)
            }
        }
    }

    @unsafe
    mutating func withdrawRegister(of window: UnsafeMutablePointer<WindowTable>) {
        guard let register = unsafe window.pointee.register, var writer = registers.take() else { return }
        writer.begin()
        writer.remove(register)
        writer.end()
        unsafe window.pointee.register = nil
        registers = consume writer
    }
}

/// The totals of a rollup's windows as its registers showed them at one moment. Any thread.
public struct RegisterSnapshot: Sendable {
    /// By window, ascending; the values in the order of the plan's measures.
    public let windows: [(start: Timestamp, values: [MeasureValue])]
    /// Publications so far.
    public let publications: UInt64

    /// `table` must be the one that the engine of `plan` publishes to.
    public init(of table: RegisterTable, plan: RollupPlan) {
        precondition(table.width == plan.registerWidth, "the table's width is not the plan's")
        let (words, publications) = table.snapshot()
        self.publications = publications
        var windows: [(start: Timestamp, values: [MeasureValue])] = []
        for first in stride(from: 0, to: words.count, by: table.width) {
            let register = words[first..<first + table.width]
            let flags = register[first + RollupPlan.registerFlagsWord]
            let values = plan.steps.map { step in
                let word = first + RollupPlan.registerFlagsWord + step.offset / 8
                return RegisterSnapshot.value(step, register[word...], flags)
            }
            windows.append((Timestamp(nanoseconds: Int64(bitPattern: register[first + 1])), values))
        }
        self.windows = windows.sorted { $0.start < $1.start }
    }

    private static func value(_ step: MeasureStep, _ words: ArraySlice<UInt64>, _ flags: UInt64) -> MeasureValue {
        let word = words[words.startIndex]
        switch step.operation {
        case .count:
            return .integer(Int128(word))
        case .sum:
            if flags & step.hasValue == 0 { return .none }
            return MeasureValue(
                ExactSum(words: word, words[words.startIndex + 1], words[words.startIndex + 2]))
        case .min, .max:
            return switch Extremum.read(word, flags, step) {
            case nil: .none
            case .integer(let value): .integer(Int128(value))
            case .double(let value): .double(value)
            }
        case .distinct, .distinctExact:
            return word >> 63 == 1 ? .estimate(word & ~(1 << 63)) : .integer(Int128(word))
        case .quantile:
            let value = Double(bitPattern: word)
            return value.isNaN ? .none : .double(value)
        }
    }
}
