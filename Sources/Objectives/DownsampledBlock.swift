/// Twenty-four blocks of slices in a row, of which only the sums of cells are left: a day of quarter hours where slices are minutes.
struct DownsampledBlock: Sendable {
    /// Blocks of slices in one of these.
    static let blocks = 24
    static let slices = Int64(blocks * SliceBlock.slots)
    static let worstMax = 5

    /// One of the block's slices that cost most.
    struct WorstSlot: Sendable, Equatable {
        /// From 0 to 1439.
        var slot: Int
        var good: Int64
        var total: Int64
    }

    private enum Lane {
        static let total = 0
        /// Total less good: among many good records the smaller number.
        static let bad = 1
        static let known = 2
        static let score = 3
        static let scoreFraction = 4
        static let late = 5
        static let inconsistent = 6
        static let count = 7
    }

    private(set) var sum = Tally()
    /// Holds the slices from `index × 1440` on.
    let index: Int64
    /// The tail holds the sources.
    private var lanes: PackedLanes
    /// At most `worstMax`, the costliest first.
    let worst: [WorstSlot]
    var version: BlockVersion
    /// Something was counted that the last record of this block does not show.
    var isChanged = false
    /// Selectors that matched no record of the block.
    var unmatched: SelectorParts
    /// Cells of each block of slices: 1 in days that were restored from records of 0.1.0, whatever the slices' length.
    let cellsPerBlock: Int8

    init(
        index: Int64, cells: DownsampledCells, worst: [WorstSlot], spans: PackedSpans, unmatched: SelectorParts,
        version: BlockVersion, method: BudgetingMethod
    ) {
        self.index = index
        self.unmatched = unmatched
        self.worst = worst
        self.version = version
        cellsPerBlock = Int8(cells.perBlock)
        lanes = DownsampledBlock.packed(cells, tail: spans.bytes)
        for cell in cells.cells { sum += cell.tally(method) }
    }

    static func index(ofBlock block: Int64) -> Int64 { floorDivided(block, by: Int64(blocks)) }

    var firstSlice: Int64 { index * DownsampledBlock.slices }
    var slices: Range<Int64> { firstSlice..<firstSlice + DownsampledBlock.slices }
    var firstBlock: Int64 { index * Int64(DownsampledBlock.blocks) }
    var cellCount: Int { DownsampledBlock.blocks * Int(cellsPerBlock) }
    private var slicesPerCell: Int { SliceBlock.slots / Int(cellsPerBlock) }

    func cell(_ slot: Int) -> DownsampledCell {
        let total = lanes[Lane.total, slot]
        return DownsampledCell(
            counts: SliceCounts(
                good: total.saturatingSubtracting(lanes[Lane.bad, slot]), total: total, late: lanes[Lane.late, slot]),
            known: lanes[Lane.known, slot], score: lanes[Lane.score, slot],
            scoreFraction: lanes[Lane.scoreFraction, slot], inconsistent: lanes[Lane.inconsistent, slot])
    }

    func isZero(_ slot: Int) -> Bool { cell(slot).isZero }

    /// The earliest cell that holds a slice; the first where none does.
    var firstFilledSlot: Int { (0..<cellCount).first { cell($0).isFilled } ?? 0 }

    var cells: DownsampledCells { DownsampledCells((0..<cellCount).map(cell), perBlock: Int(cellsPerBlock)) }

    mutating func set(_ slot: Int, _ cell: DownsampledCell, method: BudgetingMethod) {
        replace(slot..<slot + 1, with: [cell], method: method)
    }

    /// Puts other cells in the place of as many.
    mutating func replace(_ slots: Range<Int>, with others: [DownsampledCell], method: BudgetingMethod) {
        var cells = cells
        for (slot, cell) in zip(slots, others) {
            sum -= cells.cells[slot].tally(method)
            sum += cell.tally(method)
            cells.cells[slot] = cell
        }
        lanes = DownsampledBlock.packed(cells, tail: Array(lanes.tail))
    }

    /// The slices of a cell.
    func slices(_ slot: Int) -> Range<Int64> {
        let first = firstSlice + Int64(slot * slicesPerCell)
        return first..<first + Int64(slicesPerCell)
    }

    func slot(holding slice: Int64) -> Int { Int(slice - firstSlice) / slicesPerCell }

    /// The cells that `range` touches, each of them whole.
    func slots(touching range: Range<Int64>) -> Range<Int> {
        let part = slices.clamped(to: range)
        return part.isEmpty ? 0..<0 : slot(holding: part.lowerBound)..<slot(holding: part.upperBound - 1) + 1
    }

    func tally(touching range: Range<Int64>, method: BudgetingMethod) -> Tally {
        let slots = slots(touching: range)
        if slots.count == cellCount { return sum }
        return slots.reduce(into: Tally()) { $0 += cell($1).tally(method) }
    }

    var spans: PackedSpans { PackedSpans(lanes.tail) }

    /// Whether anything is new in the span.
    mutating func note(_ span: PackedSpans.Span) -> Bool {
        var spans = spans
        guard spans.note(span) else { return false }
        lanes.replaceTail(spans.bytes)
        return true
    }

    /// Memory held, in bytes, as allocated.
    var bytes: Int {
        MemoryLayout<DownsampledBlock>.stride + lanes.allocatedBytes
            + (worst.isEmpty ? 0 : worst.capacity * MemoryLayout<WorstSlot>.stride + 32)
    }

    private static func packed(_ cells: DownsampledCells, tail: [UInt8]) -> PackedLanes {
        let slots = blocks * cells.perBlock
        return PackedLanes.make(slots: slots, lanes: Lane.count, tail: tail) { lanes in
            for (slot, cell) in cells.cells.prefix(slots).enumerated() {
                let counts = cell.counts
                lanes[Lane.total * slots + slot] = counts.total
                lanes[Lane.bad * slots + slot] = counts.total.saturatingSubtracting(counts.good)
                lanes[Lane.known * slots + slot] = cell.known
                lanes[Lane.score * slots + slot] = cell.score
                lanes[Lane.scoreFraction * slots + slot] = cell.scoreFraction
                lanes[Lane.late * slots + slot] = counts.late
                lanes[Lane.inconsistent * slots + slot] = cell.inconsistent
            }
        }
    }
}
