import TelemetryModel

// What is known beside the counts: since when records were read at all, and which selectors ever matched one.

extension ObjectiveLedger {
    /// When counting began: the start of the earliest slice in which a record of the objective's inputs was read, whether
    /// it matched or not; of its cell where slices were downsampled. `nil` where nothing is known.
    ///
    /// So minutes without a matching record in front of the first one do not make a history look short, as long as other
    /// records of those inputs were read. Of inputs that were silent altogether nothing tells that they were read.
    public var countingBegan: Timestamp? {
        let fine = blocks.first.map { $0.firstSlice + Int64($0.firstFilledSlot) }
        let coarse = downsampled.first.map { $0.slices($0.firstFilledSlot).lowerBound }
        guard var slice = [fine, coarse].compactMap(\.self).min() else { return nil }
        if let view, !later.isEmpty { slice = firstSeen(view, from: slice) ?? slice }
        let began = grid.start(of: slice)
        return inputsReadSince.map { min($0, began) } ?? began
    }

    /// The selectors that matched no record in the blocks that touch `range`; where no block is known, total alone, which all
    /// else depends on.
    func unmatched(_ range: Range<Int64>) -> SelectorParts {
        let known = downsampled(touching: range).map(\.unmatched) + blocks(touching: range).map(\.unmatched)
        guard let first = known.first else { return selectorParts.intersection(.total) }
        return known.reduce(first) { $0.intersection($1) }
    }

    /// The end of the slices that are closed, beyond which counts of different sources may still be on their way; `nil`
    /// where all are.
    var closedEnd: Int64? { evaluation.evaluatedEnd.map(grid.slice(holding:)) }
}
