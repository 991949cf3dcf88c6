import TelemetryModel

// Where blocks are, and which of them have changed. Ten thousand ledgers are asked at every flush, so that a ledger in
// which nothing happened must answer at once: changed blocks are listed, not looked for.

extension ObjectiveLedger {
    /// The place of the first block that ends after `slice`: the one that holds it, or where that belongs.
    func blockPlace(_ slice: Int64) -> Int {
        // Nearly all counts belong to the newest block.
        let newest = blocks.endIndex - 1
        if newest >= 0 {
            if slice >= blocks[newest].slices.upperBound { return blocks.endIndex }
            if slice >= blocks[newest].firstSlice { return newest }
        }
        var (low, high) = (0, blocks.count)
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].slices.upperBound > slice { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func place(ofBlockHolding slice: Int64) -> Int? {
        let place = blockPlace(slice)
        return place < blocks.endIndex && blocks[place].slices.contains(slice) ? place : nil
    }

    /// The place of the first downsampled block that ends after `slice`.
    func downsampledPlace(_ slice: Int64) -> Int {
        if downsampled.isEmpty || slice >= downsampled[downsampled.endIndex - 1].slices.upperBound {
            return downsampled.endIndex
        }
        var (low, high) = (0, downsampled.count)
        while low < high {
            let middle = (low + high) / 2
            if downsampled[middle].slices.upperBound > slice { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func place(ofDownsampledHolding slice: Int64) -> Int? {
        let place = downsampledPlace(slice)
        return place < downsampled.endIndex && downsampled[place].slices.contains(slice) ? place : nil
    }

    /// The place of the block that holds `slice`, which is made where there is none.
    mutating func insertedPlace(ofBlockHolding slice: Int64) -> Int {
        let place = blockPlace(slice)
        if place == blocks.endIndex || !blocks[place].slices.contains(slice) {
            let index = floorDivided(slice, by: Int64(SliceBlock.slots))
            blocks.insert(SliceBlock(index: index, unmatched: selectorParts), at: place)
        }
        return place
    }

    mutating func markChanged(_ place: Int) {
        if blocks[place].isChanged { return }
        blocks[place].isChanged = true
        changedBlocks.append(blocks[place].index)
    }

    mutating func markDownsampledChanged(_ place: Int) {
        if downsampled[place].isChanged { return }
        downsampled[place].isChanged = true
        changedDownsampled.append(downsampled[place].index)
    }

    func blocks(touching range: Range<Int64>) -> ArraySlice<SliceBlock> {
        let first = blockPlace(range.lowerBound)
        var end = first
        while end < blocks.endIndex, blocks[end].firstSlice < range.upperBound { end += 1 }
        return blocks[first..<end]
    }

    func downsampled(touching range: Range<Int64>) -> ArraySlice<DownsampledBlock> {
        if downsampled.isEmpty { return [] }
        let first = downsampledPlace(range.lowerBound)
        var end = first
        while end < downsampled.endIndex, downsampled[end].firstSlice < range.upperBound { end += 1 }
        return downsampled[first..<end]
    }
}
