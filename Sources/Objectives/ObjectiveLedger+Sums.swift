import TelemetryModel

// Where slices are downsampled, a quarter of an hour of them is one number (a cell), and belongs to a look-back whole as soon as any of
// its slices does: a window then starts with the cell in which it would start, and one that ends in the past, where only cells are
// left, ends with the cell in which it would end. What lies in between is exact as before.

extension ObjectiveLedger {
    /// The slices that the compliance window covers, asked at the end of the slice in which `time` lies, or at `time` where a
    /// slice ends there.
    ///
    /// That slice belongs to it whole, so that no record that was counted before `time` is left out; so does the one in which the
    /// window begins.
    func covered(at time: Timestamp) -> Range<Int64> {
        let range = terms.window.range(at: grid.start(of: grid.end(at: time)))
        return grid.slice(holding: range.lowerBound)..<grid.end(at: range.upperBound)
    }

    /// Whole blocks at once, the two at the ends slice by slice.
    func tally(_ range: Range<Int64>) -> Tally {
        var tally = Tally()
        for block in downsampled(touching: range) { tally += block.tally(touching: range, method: terms.method) }
        for block in blocks(touching: range) { tally += block.tally(range, method: terms.method) }
        if let view, !later.isEmpty { leaveOut(view, of: range, from: &tally) }
        tally.span = Int64(downsampled.isEmpty ? range.count : widened(range, old: nil).count)
        return tally
    }

    /// `range`, widened to whole cells at an end that lies in a cell of slices that are downsampled, or are old enough to be.
    ///
    /// Whether they are is a matter of who counts: a consumer downsamples, a replay of files keeps every slice. Both begin a window
    /// at the same instant.
    ///
    /// - Parameter newest: how far event time is known to have come, where that is later than this objective's data.
    func widened(_ range: Range<Int64>, newest: Timestamp? = nil) -> Range<Int64> {
        // Not by what alerts look back on, which a ledger that was made from records doesn't know.
        let fine = min(fineNanoseconds, ObjectiveLedger.fineNanosecondsDefault)
        return widened(range, old: [dataEnd, newest].compactMap(\.self).max().flatMap { oldEnd($0, fine: fine) })
    }

    /// `range`, as a judgement at the end of the slice `end` widens it: what was counted behind it is nothing to it, whether it was read
    /// before the judgement, as in a replay, or later.
    func widened(_ range: Range<Int64>, judgedAt end: Int64) -> Range<Int64> {
        widened(range, old: oldEnd(grid.start(of: end), fine: fineNanoseconds))
    }

    /// - Parameter old: the end of the slices that are old enough to be downsampled.
    private func widened(_ range: Range<Int64>, old: Int64?) -> Range<Int64> {
        if range.isEmpty { return range }
        func cell(_ slice: Int64) -> Range<Int64>? {
            if let place = place(ofDownsampledHolding: slice) {
                let slot = downsampled[place].slot(holding: slice)
                if !downsampled[place].isZero(slot) { return downsampled[place].slices(slot) }
            }
            guard let old, slice < old, let place = place(ofBlockHolding: slice) else { return nil }
            let block = blocks[place]
            let count = DownsampledCells.perBlock(sliceNanoseconds: grid.lengthNanoseconds)
            let length = SliceBlock.slots / count
            let slot = Int(slice - block.firstSlice) / length
            guard let cells = DownsampledCells.of(block, count: count, method: terms.method), !cells[slot].isZero else {
                return nil
            }
            let first = block.firstSlice + Int64(slot * length)
            return first..<first + Int64(length)
        }
        let lower = cell(range.lowerBound)?.lowerBound ?? range.lowerBound
        return lower..<(cell(range.upperBound - 1)?.upperBound ?? range.upperBound)
    }

    /// The end of the last day that is downsampled once event time is at `end`; `nil` where none ever is.
    private func oldEnd(_ end: Timestamp, fine: Int64) -> Int64? {
        guard grid.lengthNanoseconds <= ObjectiveLedger.downsampledSliceNanosecondsMax else { return nil }
        let days = DownsampledBlock.slices
        return floorDivided(grid.slice(holding: end.advanced(by: -fine)), by: days) * days
    }

    /// Late records in `range`.
    func late(_ range: Range<Int64>) -> Int128 {
        var sum: Int128 = 0
        for block in downsampled(touching: range) {
            for slot in block.slots(touching: range) { sum += Int128(max(0, block.cell(slot).counts.late)) }
        }
        for block in blocks(touching: range) { sum += block.late(range) }
        return sum
    }

    /// The sources of the blocks that touch `range`, merged, in their own order; those of a downsampled block are of all of it.
    func sources(_ range: Range<Int64>) -> [SourceSpan] {
        var merged: [SourceSpan?] = Array(repeating: nil, count: sources.sources.count)
        func merge(_ spans: PackedSpans) {
            for packed in spans.spans {
                let span = sources.span(packed)
                merged[packed.place] = merged[packed.place]?.merged(with: span) ?? span
            }
        }
        for block in downsampled(touching: range) { merge(block.spans) }
        for block in blocks(touching: range) { merge(block.spans) }
        return merged.compactMap(\.self).sorted { $0.source < $1.source }
    }

    /// The sources of what findings look back on. Complexity: O(n) in the blocks of it.
    func sources(of findings: [AlertFinding], endSlice: Int64) -> [SourceSpan] {
        let ranges = findings.compactMap { finding -> Range<Int64>? in
            switch finding {
            case .burnRate(_, let long, let short, _):
                slices(max(long.lookbackNanoseconds, short.lookbackNanoseconds), before: endSlice)
            case .budgetDrop(_, _, let burnRate), .timeToExhaustion(_, _, _, let burnRate):
                slices(burnRate.lookbackNanoseconds, before: endSlice)
            case .budgetLeft: covered(at: grid.start(of: endSlice))
            case .noData: nil
            }
        }
        guard let first = ranges.map(\.lowerBound).min(), first < endSlice else { return [] }
        return sources(first..<endSlice)
    }

    /// What was gone before it was read, as noticed in the blocks that touch `range`, in order.
    func unread(_ range: Range<Int64>) -> [UnreadSpan] {
        if unread.isEmpty { return [] }
        let spans = unread.filter { entry in
            let first = entry.block * Int64(SliceBlock.slots)
            let slices =
                place(ofDownsampledHolding: first).map { downsampled[$0].slices } ?? first..<first
                + Int64(SliceBlock.slots)
            return slices.overlaps(range)
        }
        return Set(spans.map(\.span)).sorted()
    }
}
