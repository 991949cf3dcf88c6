import TelemetryModel

// Resolution follows age. Slices are kept for as long as anything can still touch them: data within the lateness horizon,
// and the look-backs of alerts. What is older matters to the sums over the compliance window alone, and twenty-four
// blocks of sixty slices become one block of ninety-six sums: a day of quarter hours, where slices are minutes (shorter slices have
// fewer sums for sixty of them: see `DownsampledCells`).
//
// Slices longer than a minute stay as they are: thirty days of them are 360 blocks at most, and a quarter of an hour would
// hold too few of them.

extension ObjectiveLedger {
    /// Takes notice that event time has reached `time`, which no record within the lateness can change any more: downsamples
    /// what is old, and forgets what no window reaches.
    ///
    /// A day is downsampled once it ended `fineNanoseconds` before `time` and alerts have been judged through it. Downsampled and
    /// other blocks are forgotten once they ended a day before the oldest slice of the window and of what is kept fine.
    /// Nothing is looked at but the oldest blocks, so that it may be called at every flush.
    ///
    /// Downsampled days are then among the changed records, and the keys of the records that they took the place of, and of
    /// what was forgotten, among the superseded ones.
    public mutating func advance(to time: Timestamp) {
        settle()
        let oldest = min(terms.window.range(at: time).lowerBound, time.advanced(by: -fineNanoseconds))
        forget(before: grid.slice(holding: oldest.advanced(by: -ObjectiveLedger.marginNanoseconds)))
        guard grid.lengthNanoseconds <= ObjectiveLedger.downsampledSliceNanosecondsMax else { return }
        var end = grid.slice(holding: time.advanced(by: -fineNanoseconds))
        if !alerts.isEmpty { end = min(end, evaluation.evaluatedEnd.map(grid.slice(holding:)) ?? .min) }
        downsample(before: end)
    }

    /// As above, and no further than the newest data.
    public mutating func advanceWithinData(to time: Timestamp) {
        if let end = dataEnd { advance(to: min(time, end)) }
    }

    /// A day more than the window is kept, for reports at a time a little in the past.
    static let marginNanoseconds: Int64 = 86_400_000_000_000
    static let downsampledSliceNanosecondsMax: Int64 = 60_000_000_000

    /// Downsamples the days that end at the slice `end` or earlier.
    private mutating func downsample(before end: Int64) {
        var place = 0
        while place < blocks.endIndex {
            let index = DownsampledBlock.index(ofBlock: blocks[place].index)
            guard (index + 1) * DownsampledBlock.slices <= end else { return }
            var next = place
            while next < blocks.endIndex, DownsampledBlock.index(ofBlock: blocks[next].index) == index { next += 1 }
            // Sums that leave 64 bits stay where they are exact.
            if let block = downsampling(blocks[place..<next], index: index) {
                for block in blocks[place..<next] { superseded.append(key(block)) }
                takeBackOutlived(in: block.slices)
                blocks.removeSubrange(place..<next)
                let insertion = downsampledPlace(block.firstSlice)
                downsampled.insert(block, at: insertion)
                markDownsampledChanged(insertion)
            } else {
                place = next
            }
        }
    }

    /// The downsampled block of all blocks of a day; `nil` where it cannot hold their sums.
    private func downsampling(_ blocks: ArraySlice<SliceBlock>, index: Int64) -> DownsampledBlock? {
        let first = index * DownsampledBlock.slices
        guard place(ofDownsampledHolding: first) == nil else { return nil }
        let perBlock = DownsampledCells.perBlock(sliceNanoseconds: grid.lengthNanoseconds)
        var cells = Array(repeating: DownsampledCell(), count: DownsampledBlock.blocks * perBlock)
        var version = BlockVersion.none
        var spans = PackedSpans()
        var worst = WorstSlices(method: terms.method, countMax: DownsampledBlock.worstMax)
        var unmatched = SelectorParts.all
        for block in blocks {
            guard let own = DownsampledCells.of(block, count: perBlock, method: terms.method) else { return nil }
            let place = Int(block.index - index * Int64(DownsampledBlock.blocks)) * perBlock
            cells.replaceSubrange(place..<place + perBlock, with: own)
            version = max(version, block.version)
            for span in block.spans.spans { _ = spans.note(span) }
            unmatched.formIntersection(block.unmatched)
            worst.take(block, in: block.slices)
        }
        // Written by this ledger's owner, and under no epoch before.
        version.epoch = epoch ?? .min
        return DownsampledBlock(
            index: index, cells: DownsampledCells(cells, perBlock: perBlock),
            worst: worst.slices.map {
                DownsampledBlock.WorstSlot(slot: Int($0.slice - first), good: $0.good, total: $0.total)
            }, spans: spans, unmatched: unmatched, version: version, method: terms.method)
    }

    private mutating func forget(before slice: Int64) {
        while let oldest = downsampled.first, oldest.slices.upperBound <= slice {
            superseded.append(key(oldest))
            downsampled.removeFirst()
        }
        let count = blocks.firstIndex { $0.slices.upperBound > slice } ?? blocks.count
        if count > 0 {
            for block in blocks[..<count] { superseded.append(key(block)) }
            blocks.removeFirst(count)
        }
        takeBackOutlived(before: slice)
        if !unread.isEmpty { unread.removeAll { ($0.block + 1) * Int64(SliceBlock.slots) <= slice } }
    }

    /// Leaves each slice in one place, after records were restored in which it is both downsampled and not.
    ///
    /// A process may end between publishing a downsampled day and taking back the records that it replaced, and one that was
    /// declared dead may downsample a day for which its successor still counts. A block whose stamp is above the downsampled day's
    /// holds more than the day's sum of it, and replaces that; any other is contained in it.
    mutating func settle() {
        guard isUnsettled else { return }
        isUnsettled = false
        for place in downsampled.indices {
            let stamp = downsampled[place].version.stamp
            for block in blocks(touching: downsampled[place].slices) {
                let slots = downsampled[place].slots(touching: block.slices)
                var isKept = false
                if block.version.stamp > stamp {
                    // Where sums leave 64 bits the block stays, and the cells are empty.
                    let cells = DownsampledCells.of(block, count: slots.count, method: terms.method)
                    isKept = cells == nil
                    downsampled[place].replace(
                        slots, with: cells ?? Array(repeating: DownsampledCell(), count: slots.count),
                        method: terms.method)
                    downsampled[place].version.stamp = max(downsampled[place].version.stamp, block.version.stamp)
                    for span in block.spans.spans { _ = downsampled[place].note(span) }
                    downsampled[place].unmatched.formIntersection(block.unmatched)
                    markDownsampledChanged(place)
                } else if slots.allSatisfy(downsampled[place].isZero) {
                    // Left out of the day on purpose.
                    isKept = block.sum.good > Int128(Int64.max) || block.sum.total > Int128(Int64.max)
                }
                if !isKept {
                    superseded.append(key(block))
                    takeBackOutlived(in: downsampled[place].slices)
                    if let held = self.place(ofBlockHolding: block.firstSlice) { blocks.remove(at: held) }
                }
            }
        }
    }

    /// A copy in which each slice is in one place, for those who only read.
    var settled: ObjectiveLedger {
        guard isUnsettled else { return self }
        var settled = self
        settled.settle()
        return settled
    }
}
