/// Sixty slices in a row and their sums: an hour of minutes, the unit in which a ledger is stored and published.
struct SliceBlock: Sendable {
    static let slots = 60

    /// An excluded or late count. Most slices have neither, so they are kept on the side.
    struct Exception: Sendable, Equatable {
        var slot: UInt8
        var excluded: Int64
        var late: Int64
    }

    /// Holds the slices from `index × 60` on.
    let index: Int64
    private(set) var packed = PackedCounts(slots: SliceBlock.slots)
    /// In the slots' order.
    private(set) var exceptions: [Exception] = []
    private(set) var sum = Tally()
    /// In their sources' order.
    private(set) var sources: [SourceSpan] = []
    /// Something was counted that the last record of this block does not show.
    var isChanged = false

    init(index: Int64) {
        self.index = index
    }

    var firstSlice: Int64 { index * Int64(SliceBlock.slots) }
    var slices: Range<Int64> { firstSlice..<firstSlice + Int64(SliceBlock.slots) }

    func counts(_ slot: Int) -> SliceCounts {
        let exception = exceptions.first { $0.slot == slot }
        return SliceCounts(
            good: packed.good(slot), total: packed.total(slot), excluded: exception?.excluded ?? 0,
            late: exception?.late ?? 0)
    }

    mutating func set(_ slot: Int, _ counts: SliceCounts, method: BudgetingMethod) {
        sum -= method.tally(good: packed.good(slot), total: packed.total(slot))
        sum += method.tally(good: counts.good, total: counts.total)
        packed.set(slot, good: counts.good, total: counts.total)
        let place = exceptions.firstIndex { $0.slot >= slot } ?? exceptions.endIndex
        if place < exceptions.endIndex, exceptions[place].slot == slot { exceptions.remove(at: place) }
        if counts.excluded != 0 || counts.late != 0 {
            exceptions.insert(
                Exception(slot: UInt8(slot), excluded: counts.excluded, late: counts.late), at: place)
        }
        isChanged = true
    }

    mutating func note(_ span: SourceSpan) {
        let place = sources.firstIndex { $0.source >= span.source } ?? sources.endIndex
        if place == sources.endIndex || sources[place].source != span.source {
            sources.insert(span, at: place)
        } else if span.first < sources[place].first || span.last > sources[place].last {
            sources[place].first = min(span.first, sources[place].first)
            sources[place].last = max(span.last, sources[place].last)
        } else {
            return
        }
        isChanged = true
    }

    /// The sums of the block's slices that lie in `range`.
    func tally(_ range: Range<Int64>, method: BudgetingMethod) -> Tally {
        let part = slices.clamped(to: range)
        if part == slices { return sum }
        var tally = Tally()
        for slice in part {
            let slot = Int(slice - firstSlice)
            tally += method.tally(good: packed.good(slot), total: packed.total(slot))
        }
        return tally
    }

    /// Memory held, in bytes, as allocated.
    var bytes: Int {
        MemoryLayout<SliceBlock>.stride + packed.bytes
            + (exceptions.isEmpty ? 0 : exceptions.capacity * MemoryLayout<Exception>.stride + 32)
            + (sources.isEmpty ? 0 : sources.capacity * MemoryLayout<SourceSpan>.stride + 32)
    }
}
