import TelemetryModel

extension ObjectiveLedger {
    /// Takes a block of this objective as it was published, in any order, before anything is counted in it; false, and
    /// nothing is done, when it belongs to another objective, was counted by another definition, was cut into slices of
    /// another length, or is downsampled and was judged by another method. A record that doesn't say its definition is taken.
    ///
    /// Of several records of a block the one that supersedes the others stays. A block that comes after all others costs
    /// least: it is appended.
    public mutating func adopt(_ record: WindowRecord) -> Bool {
        guard record.terms.name == terms.name, record.terms.group == terms.group, fits(record) else { return false }
        if let definition = record.terms.definition {
            if definition != terms.definition { return false }
            tellsDefinition = true
            if record.terms.adoptsUnbound { terms.adoptsUnbound = true }
        }
        // Records of one that had ended before may be there still.
        if let point = record.terms.foldedFrom { terms.foldedFrom = max(terms.foldedFrom ?? point, point) }
        restore(record)
        return true
    }

    /// Whether the record's counts mean the same here. What a slice's target makes of it is decided again for each slice,
    /// but stays decided where slices were downsampled.
    func fits(_ record: WindowRecord) -> Bool {
        guard record.terms.method.sliceNanoseconds == sliceNanoseconds else { return false }
        return !record.isDownsampled || record.terms.method.name == terms.method.name
    }

    /// Makes the ledger hold what the record says of its block, unless it holds a later version.
    ///
    /// The record must be of this objective and of the same length of slice.
    mutating func restore(_ record: WindowRecord) {
        precondition(record.terms.method.sliceNanoseconds == sliceNanoseconds, "slices of one length make one ledger")
        if let cells = record.cells {
            restoreDownsampled(record, cells)
        } else {
            restoreSlices(record)
        }
    }

    private mutating func restoreSlices(_ record: WindowRecord) {
        let slice = grid.slice(holding: record.start)
        let index = floorDivided(slice, by: Int64(SliceBlock.slots))
        let version = BlockVersion(record)
        let place = blockPlace(slice)
        let isHeld = place < blocks.endIndex && blocks[place].index == index
        if isHeld {
            let isSuperseded = version < blocks[place].version
            if version.epoch != blocks[place].version.epoch {
                outlive(isSuperseded ? record.compactionKey : key(blocks[place]), of: blocks[place].slices)
            }
            if isSuperseded { return }
        }
        var block = SliceBlock(
            index: index, slices: record.slices, spans: sources.packed(record.sources), unmatched: record.unmatched,
            firstReadSlot: record.firstReadSlot, method: terms.method)
        block.version = version
        block.restore(record.fractions)
        replaceUnread(in: index..<index + 1, with: record)
        replaceLater(in: block.slices, with: record)
        if isHeld { blocks[place] = block } else { blocks.insert(block, at: place) }
        if !downsampled.isEmpty, self.place(ofDownsampledHolding: block.firstSlice) != nil { isUnsettled = true }
    }

    private mutating func restoreDownsampled(_ record: WindowRecord, _ cells: DownsampledCells) {
        let slice = grid.slice(holding: record.start)
        let index = floorDivided(slice, by: DownsampledBlock.slices)
        let version = BlockVersion(record)
        let place = downsampledPlace(slice)
        let isHeld = place < downsampled.endIndex && downsampled[place].index == index
        if isHeld {
            let isSuperseded = version < downsampled[place].version
            if version.epoch != downsampled[place].version.epoch {
                outlive(isSuperseded ? record.compactionKey : key(downsampled[place]), of: downsampled[place].slices)
            }
            if isSuperseded { return }
        }
        let first = index * DownsampledBlock.slices
        let block = DownsampledBlock(
            index: index, cells: cells,
            worst: record.worst.map {
                DownsampledBlock.WorstSlot(
                    slot: Int(grid.slice(holding: $0.start) - first), good: $0.good, total: $0.total)
            }, spans: sources.packed(record.sources), unmatched: record.unmatched, version: version,
            method: terms.method)
        replaceUnread(in: block.firstBlock..<block.firstBlock + Int64(DownsampledBlock.blocks), with: record)
        if isHeld { downsampled[place] = block } else { downsampled.insert(block, at: place) }
        if !blocks(touching: block.slices).isEmpty { isUnsettled = true }
    }

    private mutating func replaceUnread(in blocks: Range<Int64>, with record: WindowRecord) {
        if !unread.isEmpty { unread.removeAll { blocks.contains($0.block) } }
        for span in record.gaps { unread.append((blocks.lowerBound, span)) }
    }
}
