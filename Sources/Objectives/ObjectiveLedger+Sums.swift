import TelemetryModel

// Where slices are downsampled, an hour of them is one number, and belongs to a look-back whole as soon as any of its slices
// does: a window then starts with the hour in which it would start, and one that ends in the past, where only hours are
// left, ends with the hour in which it would end. What lies in between is exact as before.

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
        tally.span = Int64(downsampled.isEmpty ? range.count : widened(range).count)
        return tally
    }

    /// `range`, widened to whole hours at an end that lies in an hour of slices that are downsampled, or are old enough to be.
    ///
    /// Whether they are is a matter of who counts: a consumer downsamples, a replay of files keeps every slice. Both begin a window
    /// at the same instant.
    func widened(_ range: Range<Int64>) -> Range<Int64> {
        if range.isEmpty { return range }
        let old = oldEnd
        func cell(_ slice: Int64) -> Range<Int64>? {
            if let place = place(ofDownsampledHolding: slice) {
                let slot = downsampled[place].slot(holding: slice)
                if !downsampled[place].cell(slot).isZero { return downsampled[place].slices(slot) }
            }
            guard let old, slice < old, let place = place(ofBlockHolding: slice) else { return nil }
            let block = blocks[place]
            return DownsampledCell(block, method: terms.method)?.isZero == false ? block.slices : nil
        }
        let lower = cell(range.lowerBound)?.lowerBound ?? range.lowerBound
        return lower..<(cell(range.upperBound - 1)?.upperBound ?? range.upperBound)
    }

    /// The end of the last day that is downsampled once event time is where the data ends.
    private var oldEnd: Int64? {
        guard grid.lengthNanoseconds <= ObjectiveLedger.downsampledSliceNanosecondsMax, let end = dataEnd else {
            return nil
        }
        let days = DownsampledBlock.slices
        return floorDivided(grid.slice(holding: end.advanced(by: -fineNanoseconds)), by: days) * days
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
