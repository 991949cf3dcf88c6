/// Twenty-four blocks of slices in a row, of which only their sums are left: a day of hours where slices are minutes.
struct DownsampledBlock: Sendable {
    /// Blocks of slices in one of these.
    static let cells = 24
    static let slices = Int64(cells * SliceBlock.slots)
    static let worstMax = 5

    /// One of the block's slices that cost most.
    struct WorstSlot: Sendable, Equatable {
        /// From 0 to 1439.
        var slot: Int
        var good: Int64
        var total: Int64
    }

    private static let laneCount = 7

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

    init(
        index: Int64, cells: [DownsampledCell], worst: [WorstSlot], spans: PackedSpans, unmatched: SelectorParts,
        version: BlockVersion, method: BudgetingMethod
    ) {
        self.index = index
        self.unmatched = unmatched
        self.worst = worst
        self.version = version
        lanes = DownsampledBlock.packed(cells, tail: spans.bytes)
        for cell in cells { sum += cell.tally(method) }
    }

    static func index(ofBlock block: Int64) -> Int64 { floorDivided(block, by: Int64(cells)) }

    var firstSlice: Int64 { index * DownsampledBlock.slices }
    var slices: Range<Int64> { firstSlice..<firstSlice + DownsampledBlock.slices }
    var firstBlock: Int64 { index * Int64(DownsampledBlock.cells) }

    func cell(_ slot: Int) -> DownsampledCell {
        DownsampledCell(
            counts: SliceCounts(
                good: lanes[0, slot], total: lanes[1, slot], late: lanes[5, slot]),
            known: lanes[2, slot], score: lanes[3, slot], scoreFraction: lanes[4, slot], inconsistent: lanes[6, slot])
    }

    /// The earliest cell that holds a slice; the first where none does.
    var firstFilledSlot: Int { (0..<DownsampledBlock.cells).first { cell($0).isFilled } ?? 0 }

    var cells: [DownsampledCell] { (0..<DownsampledBlock.cells).map(cell) }

    mutating func set(_ slot: Int, _ cell: DownsampledCell, method: BudgetingMethod) {
        var cells = cells
        sum -= cells[slot].tally(method)
        sum += cell.tally(method)
        cells[slot] = cell
        lanes = DownsampledBlock.packed(cells, tail: Array(lanes.tail))
    }

    /// The slices of a cell.
    func slices(_ slot: Int) -> Range<Int64> {
        let first = firstSlice + Int64(slot * SliceBlock.slots)
        return first..<first + Int64(SliceBlock.slots)
    }

    func slot(holding slice: Int64) -> Int { Int(slice - firstSlice) / SliceBlock.slots }

    /// The cells that `range` touches, each of them whole.
    func slots(touching range: Range<Int64>) -> Range<Int> {
        let part = slices.clamped(to: range)
        return part.isEmpty ? 0..<0 : slot(holding: part.lowerBound)..<slot(holding: part.upperBound - 1) + 1
    }

    func tally(touching range: Range<Int64>, method: BudgetingMethod) -> Tally {
        let slots = slots(touching: range)
        if slots.count == DownsampledBlock.cells { return sum }
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

    private static func packed(_ cells: [DownsampledCell], tail: [UInt8]) -> PackedLanes {
        PackedLanes.make(slots: DownsampledBlock.cells, lanes: laneCount, tail: tail) { lanes in
            for (slot, cell) in cells.prefix(DownsampledBlock.cells).enumerated() {
                let counts: SIMD8<Int64> = [
                    cell.counts.good, cell.counts.total, cell.known, cell.score, cell.scoreFraction,
                    cell.counts.late, cell.inconsistent, 0,
                ]
                for lane in 0..<laneCount { lanes[lane * DownsampledBlock.cells + slot] = counts[lane] }
            }
        }
    }
}
