import TelemetryModel
import Text

/// Good and total of one objective over one block of slices: what is published to `tidewatch.windows` and written to
/// `windows.ndjson`.
///
/// It carries the objective's terms, so that a report can be made from records alone, by a program that has never seen
/// the settings. A record replaces the one before it with the same key.
///
/// A record of a downsampled block holds a day of quarter hours in place of an hour of minutes: sums where slices were, and of
/// those only how many there were and how they were judged.
public struct WindowRecord: Sendable, Equatable {
    public var terms: ObjectiveTerms
    /// Where the block's first slice starts.
    public var start: Timestamp
    /// For each slice from `start` on; slices after the last one that holds anything are left out. Sums as they stand:
    /// good and total may be below zero for a while, and are in no sum then. Empty in a downsampled block.
    public var slices: [SliceCounts]
    public var sources: [SourceSpan]
    /// Which assignment of the objective its writer had, and the offset of the register log through which the block
    /// includes everything; `nil` in a replay.
    public var epoch: Int64?
    public var stamp: Int64?
    /// Records that were gone before they were read, as noticed in this block.
    public var gaps: [UnreadSpan] = []
    /// What a downsampled block holds.
    public var cells: DownsampledCells?
    /// Of a downsampled block the slices that cost most, the costliest first.
    public var worst: [SLOReport.WorstSlice] = []

    /// Selectors that matched no record of the block; empty in records of before this was known.
    public var unmatched: SelectorParts = []
    /// The slot from which on records of the objective's inputs were read, where that is before the first that holds a
    /// count.
    public var firstReadSlot: Int?
    /// What sums are beside the whole numbers of `slices`.
    var fractions: [SliceBlock.SlotFraction] = []
    /// What of the slices' counts arrived when they were over, and may have to be left out of judgements still.
    var later = LaterArrivals()

    public var isDownsampled: Bool { cells != nil }

    /// The length of what one of the record's first counts stands for: a slice, or sixty in a downsampled block.
    public var countNanoseconds: Int64 {
        terms.method.sliceNanoseconds * (isDownsampled ? Int64(SliceBlock.slots) : 1)
    }

    /// What the record is of: the objective, its group, if it has groups, where the block starts, its length if it is downsampled, to tell it from the first
    /// block that it was made of, and the definition, if it is known.
    public var key: String {
        var key = terms.name
        if let group = terms.group { key += "/" + group.keyText }
        key += "/\(start)"
        if isDownsampled { key += "/" + DurationText.text(countNanoseconds * Int64(DownsampledBlock.blocks)) }
        if let definition = terms.definition { key += "/\(definition)" }
        return key
    }

    /// The key in a compacted topic: with the writer's epoch, so that an owner that was declared dead and still publishes
    /// cannot make compaction drop its successor's record. Of those with one `key`, readers take the one with the highest
    /// stamp, then the highest epoch, then the last.
    public var compactionKey: String { epoch.map { "\(key)/\($0)" } ?? key }
}

extension ObjectiveLedger {
    /// All blocks in event-time order.
    public var records: [WindowRecord] {
        ObjectiveLedger.inOrder(downsampled.map(record) + blocks.map(record))
    }

    /// The blocks that changed since the last call, in event-time order.
    ///
    /// They count as published from now on, so a caller that fails to publish them must keep them. Costs nothing when
    /// nothing changed.
    public mutating func takeChangedRecords() -> [WindowRecord] {
        settle()
        if changedBlocks.isEmpty && changedDownsampled.isEmpty { return [] }
        var records: [WindowRecord] = []
        records.reserveCapacity(changedBlocks.count + changedDownsampled.count)
        for index in changedDownsampled {
            // Forgotten since, or downsampled.
            guard let place = place(ofDownsampledHolding: index * DownsampledBlock.slices), downsampled[place].isChanged
            else {
                continue
            }
            downsampled[place].isChanged = false
            if let epoch, downsampled[place].version.epoch != epoch {
                outlive(key(downsampled[place]), of: downsampled[place].slices)
                downsampled[place].version.epoch = epoch
            }
            downsampled[place].version.isBound = tellsDefinition
            records.append(record(downsampled[place]))
        }
        for index in changedBlocks {
            guard let place = place(ofBlockHolding: index * Int64(SliceBlock.slots)), blocks[place].isChanged else {
                continue
            }
            blocks[place].isChanged = false
            if let epoch, blocks[place].version.epoch != epoch {
                // A block that was never published has no record to take back.
                if blocks[place].version.epoch != .min { outlive(key(blocks[place]), of: blocks[place].slices) }
                blocks[place].version.epoch = epoch
            }
            blocks[place].version.isBound = tellsDefinition
            records.append(record(blocks[place]))
        }
        changedBlocks.removeAll(keepingCapacity: false)
        changedDownsampled.removeAll(keepingCapacity: false)
        return ObjectiveLedger.inOrder(records)
    }

    /// The compaction keys whose records nothing needs any more since the last call: downsampled into a day, or past every
    /// window; those of other owners among them.
    ///
    /// To be published as tombstones once the changed records, taken before, are acknowledged. One that gets lost does no
    /// harm: whoever reads the records back finds it superseded and names it again.
    public mutating func takeSupersededKeys() -> [String] {
        if superseded.isEmpty { return [] }
        defer { superseded = [] }
        return superseded
    }

    private static func inOrder(_ records: [WindowRecord]) -> [WindowRecord] {
        records.count < 2
            ? records : records.sorted { ($0.start, $0.isDownsampled ? 0 : 1) < ($1.start, $1.isDownsampled ? 0 : 1) }
    }

    func record(_ block: SliceBlock) -> WindowRecord {
        var record = bare(block)
        record.slices = block.filledCounts
        record.sources = sources.spans(block.spans)
        record.gaps = gaps(in: block.index..<block.index + 1)
        record.unmatched = block.unmatched
        record.firstReadSlot = block.firstReadSlotBeforeCounts
        record.fractions = block.fractions.filter { !$0.rest.isZero }
        record.later = later.part(laterPlaces(in: block.slices))
        return record
    }

    func record(_ block: DownsampledBlock) -> WindowRecord {
        var cells = block.cells
        cells.removeEmptyEnd()
        var record = bare(block)
        record.cells = cells
        record.sources = sources.spans(block.spans)
        record.gaps = gaps(in: block.firstBlock..<block.firstBlock + Int64(DownsampledBlock.blocks))
        record.unmatched = block.unmatched
        record.worst = block.worst.map {
            SLOReport.WorstSlice(
                start: grid.start(of: block.firstSlice + Int64($0.slot)), good: $0.good, total: $0.total)
        }
        return record
    }

    func key(_ block: SliceBlock) -> String { bare(block).compactionKey }
    func key(_ block: DownsampledBlock) -> String { bare(block).compactionKey }

    /// Without what it holds.
    private func bare(_ block: SliceBlock) -> WindowRecord {
        bare(firstSlice: block.firstSlice, block.version, cells: nil)
    }

    private func bare(_ block: DownsampledBlock) -> WindowRecord {
        bare(firstSlice: block.firstSlice, block.version, cells: DownsampledCells([], perBlock: 1))
    }

    private func bare(firstSlice: Int64, _ version: BlockVersion, cells: DownsampledCells?) -> WindowRecord {
        var terms = terms
        if !version.isBound {
            terms.definition = nil
            terms.adoptsUnbound = false
        }
        return WindowRecord(
            terms: terms, start: grid.start(of: firstSlice), slices: [], sources: [],
            epoch: version.epoch == .min ? nil : version.epoch, stamp: version.stamp == .min ? nil : version.stamp,
            cells: cells)
    }

    private func gaps(in blocks: Range<Int64>) -> [UnreadSpan] {
        if unread.isEmpty { return [] }
        return Set(unread.filter { blocks.contains($0.block) }.map(\.span)).sorted()
    }
}
