import TelemetryModel

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
        for block in blocks(touching: range) { tally += block.tally(range, method: terms.method) }
        return tally
    }

    func blocks(touching range: Range<Int64>) -> ArraySlice<SliceBlock> {
        let first = blockPlace(range.lowerBound)
        let end = blocks[first...].firstIndex { $0.firstSlice >= range.upperBound } ?? blocks.endIndex
        return blocks[first..<end]
    }

    /// Excluded and late records in `range`.
    func exceptions(_ range: Range<Int64>) -> (excluded: Int128, late: Int128) {
        var (excluded, late) = (Int128(0), Int128(0))
        for block in blocks(touching: range) {
            for exception in block.exceptions where range.contains(block.firstSlice + Int64(exception.slot)) {
                excluded += Int128(exception.excluded)
                late += Int128(exception.late)
            }
        }
        return (excluded, late)
    }

    /// The sources of the blocks that touch `range`, merged, in their own order.
    func sources(_ range: Range<Int64>) -> [SourceSpan] {
        var merged: [SourceSpan.Source: SourceSpan] = [:]
        for block in blocks(touching: range) {
            for span in block.sources {
                guard let held = merged[span.source] else {
                    merged[span.source] = span
                    continue
                }
                merged[span.source] = SourceSpan(
                    source: span.source, first: min(held.first, span.first), last: max(held.last, span.last))
            }
        }
        return merged.values.sorted { $0.source < $1.source }
    }
}
