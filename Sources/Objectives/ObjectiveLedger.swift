import TelemetryModel

/// Good and total of one objective, slice by slice of event time, and the state of its burn-rate alerts.
///
/// A value type without clock or I/O: what it answers is a function of the counts it was given, and not of the order or
/// the number of calls that gave them.
///
/// Blocks are kept sorted and only where there is data, so that memory follows the data and not the span of time between
/// its first and last event. Thirty days of minutes in use are 720 blocks of 680 bytes: 490 KB.
/// Sums over a look-back take whole blocks at once, about 190 additions for three days.
public struct ObjectiveLedger: Sendable {
    public let terms: ObjectiveTerms
    public let alerts: [BurnRateAlert]
    let grid: SliceGrid
    /// In event-time order.
    private(set) var blocks: [SliceBlock] = []
    public var evaluation: BurnRateEvaluation

    public init(objective: ServiceLevelObjective) {
        self.init(terms: objective.terms, alerts: objective.alerts)
    }

    /// The window is above 0 and a time slice has a second or more.
    public init(terms: ObjectiveTerms, alerts: [BurnRateAlert] = []) {
        precondition(terms.window.nanoseconds > 0, "a compliance window is longer than nothing")
        self.terms = terms
        self.alerts = alerts
        grid = SliceGrid(lengthNanoseconds: terms.method.sliceNanoseconds)
        evaluation = BurnRateEvaluation(alerts: alerts.count)
    }

    public var sliceNanoseconds: Int64 { grid.lengthNanoseconds }

    /// The end of the newest slice that holds data, at which a report shows all there is; `nil` without data.
    public var dataEnd: Timestamp? {
        for block in blocks.reversed() where block.sum.slices > 0 {
            for slot in stride(from: SliceBlock.slots - 1, through: 0, by: -1) where block.packed.total(slot) > 0 {
                return grid.start(of: block.firstSlice + Int64(slot) + 1)
            }
        }
        return nil
    }

    /// Counts of the slice that holds `time`.
    public func counts(at time: Timestamp) -> SliceCounts {
        let slice = grid.slice(holding: time)
        let place = blockPlace(slice)
        guard place < blocks.endIndex, blocks[place].slices.contains(slice) else { return SliceCounts() }
        return blocks[place].counts(Int(slice - blocks[place].firstSlice))
    }

    /// Restates the slice that holds `time`: the counts replace what was there, however often they are given.
    public mutating func set(_ counts: SliceCounts, at time: Timestamp) throws(LedgerError) {
        if counts.hasNegative { throw .negative(counts) }
        let slice = grid.slice(holding: time)
        let place = blockPlace(slice)
        if place == blocks.endIndex || !blocks[place].slices.contains(slice) {
            if counts.isZero { return }
            insertBlock(holding: slice, at: place)
        }
        let slot = Int(slice - blocks[place].firstSlice)
        if blocks[place].counts(slot) != counts { blocks[place].set(slot, counts, method: terms.method) }
    }

    /// Adds to the slice that holds `time`.
    public mutating func add(_ counts: SliceCounts, at time: Timestamp) throws(LedgerError) {
        if counts.hasNegative { throw .negative(counts) }
        let held = self.counts(at: time)
        guard let sum = held.adding(counts) else { throw .overflow(held: held, added: counts) }
        try set(sum, at: time)
    }

    /// Remembers that records of `span` were counted in the block of slices that holds `time`.
    public mutating func note(_ span: SourceSpan, at time: Timestamp) {
        let slice = grid.slice(holding: time)
        let place = blockPlace(slice)
        if place == blocks.endIndex || !blocks[place].slices.contains(slice) { insertBlock(holding: slice, at: place) }
        blocks[place].note(span)
    }

    /// Forgets the blocks that end at `time` or earlier.
    public mutating func removeBlocks(endingBy time: Timestamp) {
        let slice = grid.slice(holding: time)
        blocks.removeFirst(blocks.firstIndex { $0.slices.upperBound > slice } ?? blocks.count)
    }

    /// Memory held by the counts, in bytes.
    public var bytes: Int {
        blocks.reduce((blocks.capacity - blocks.count) * MemoryLayout<SliceBlock>.stride + 32) { $0 + $1.bytes }
    }

    /// The place of the first block that ends after `slice`: the one that holds it, or where that belongs.
    func blockPlace(_ slice: Int64) -> Int {
        // Nearly all counts belong to the newest block.
        if let newest = blocks.last {
            if slice >= newest.slices.upperBound { return blocks.endIndex }
            if slice >= newest.firstSlice { return blocks.endIndex - 1 }
        }
        var (low, high) = (0, blocks.count)
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].slices.upperBound > slice { high = middle } else { low = middle + 1 }
        }
        return low
    }

    mutating func replaceBlock(_ block: SliceBlock) {
        let place = blockPlace(block.firstSlice)
        if place < blocks.endIndex, blocks[place].index == block.index {
            blocks[place] = block
        } else {
            blocks.insert(block, at: place)
        }
    }

    mutating func markPublished() {
        for place in blocks.indices { blocks[place].isChanged = false }
    }

    private mutating func insertBlock(holding slice: Int64, at place: Int) {
        blocks.insert(SliceBlock(index: floorDivided(slice, by: Int64(SliceBlock.slots))), at: place)
    }
}
