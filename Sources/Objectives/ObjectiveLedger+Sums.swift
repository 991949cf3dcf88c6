import TelemetryModel

// Where slices were folded, an hour of them is one number, and belongs to a look-back whole as soon as any of its slices
// does: a window then starts with the hour in which it would start, and one that ends in the past, where only hours are
// left, ends with the hour in which it would end. What lies in between is exact as before.

extension ObjectiveLedger {
    /// The slices of a look-back that ends with the slice in which `time` lies, or at `time` where a slice ends there.
    ///
    /// That slice belongs to it whole, so that no record that was counted before `time` is left out.
    func lookback(_ nanoseconds: Int64, endingAt time: Timestamp) -> Range<Int64> {
        let end = grid.end(at: time)
        return end - grid.slices(in: nanoseconds)..<end
    }

    /// Whole blocks at once, the two at the ends slice by slice.
    func tally(_ range: Range<Int64>) -> Tally {
        var tally = Tally()
        for block in folded(touching: range) { tally += block.tally(touching: range, method: terms.method) }
        for block in blocks(touching: range) { tally += block.tally(range, method: terms.method) }
        tally.span = Int64(folded.isEmpty ? range.count : widened(range).count)
        return tally
    }

    /// `range`, widened to whole hours at an end that lies in an hour of folded slices.
    func widened(_ range: Range<Int64>) -> Range<Int64> {
        func cell(_ slice: Int64) -> Range<Int64>? {
            guard let place = place(ofFoldedHolding: slice) else { return nil }
            let slot = folded[place].slot(holding: slice)
            return folded[place].cell(slot).isZero ? nil : folded[place].slices(slot)
        }
        if folded.isEmpty || range.isEmpty { return range }
        let lower = cell(range.lowerBound)?.lowerBound ?? range.lowerBound
        return lower..<(cell(range.upperBound - 1)?.upperBound ?? range.upperBound)
    }

    /// Excluded and late records in `range`.
    func exceptions(_ range: Range<Int64>) -> (excluded: Int128, late: Int128) {
        var sums = (excluded: Int128(0), late: Int128(0))
        for block in folded(touching: range) {
            for slot in block.slots(touching: range) {
                let cell = block.cell(slot)
                sums.excluded += Int128(max(0, cell.excluded))
                sums.late += Int128(max(0, cell.late))
            }
        }
        for block in blocks(touching: range) {
            let (excluded, late) = block.exceptions(range)
            sums.excluded += excluded
            sums.late += late
        }
        return sums
    }

    /// The sources of the blocks that touch `range`, merged, in their own order; those of a folded block are of all of it.
    func sources(_ range: Range<Int64>) -> [SourceSpan] {
        var merged: [SourceSpan?] = Array(repeating: nil, count: sources.sources.count)
        func merge(_ spans: PackedSpans) {
            for packed in spans.spans {
                let span = sources.span(packed)
                merged[packed.place] = merged[packed.place]?.merged(with: span) ?? span
            }
        }
        for block in folded(touching: range) { merge(block.spans) }
        for block in blocks(touching: range) { merge(block.spans) }
        return merged.compactMap(\.self).sorted { $0.source < $1.source }
    }

    /// What was gone before it was read, as noticed in the blocks that touch `range`, in order.
    func unread(_ range: Range<Int64>) -> [UnreadSpan] {
        if unread.isEmpty { return [] }
        let spans = unread.filter { entry in
            let first = entry.block * Int64(SliceBlock.slots)
            let slices =
                place(ofFoldedHolding: first).map { folded[$0].slices } ?? first..<first + Int64(SliceBlock.slots)
            return slices.overlaps(range)
        }
        return Set(spans.map(\.span)).sorted()
    }
}
