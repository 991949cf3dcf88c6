import TelemetryModel

/// Good and total of one objective over one block of slices: what is published to `tidewatch.windows` and written to
/// `windows.ndjson`.
///
/// It carries the objective's terms, so that a report can be made from records alone, by a program that has never seen
/// the settings. A record replaces the one before it with the same key.
public struct WindowRecord: Sendable, Equatable {
    public var terms: ObjectiveTerms
    /// Where the block's first slice starts.
    public var start: Timestamp
    /// For each slice from `start` on; slices after the last one that holds anything are left out.
    public var slices: [SliceCounts]
    public var sources: [SourceSpan]
    /// Which assignment of the objective its writer had, and the last source offset included; `nil` in a replay.
    public var epoch: Int64?
    public var stamp: Int64?

    /// The record's key in a compacted topic.
    public var key: String { "\(terms.name)/\(start)" }
}

extension ObjectiveLedger {
    /// All blocks in event-time order.
    public var records: [WindowRecord] { blocks.map(record) }

    /// The blocks that changed since the last call, in event-time order.
    ///
    /// They count as published from now on, so a caller that fails to publish them must keep them.
    public mutating func takeChangedRecords() -> [WindowRecord] {
        let changed = blocks.filter(\.isChanged).map(record)
        markPublished()
        return changed
    }

    /// Makes the ledger hold what the record says of its block, whatever was there.
    ///
    /// The record must be of this objective and of the same length of slice.
    mutating func restore(_ record: WindowRecord) {
        precondition(record.terms.method.sliceNanoseconds == sliceNanoseconds, "slices of one length make one ledger")
        var block = SliceBlock(
            index: floorDivided(grid.slice(holding: record.start), by: Int64(SliceBlock.slots)))
        for (slot, counts) in record.slices.enumerated() where !counts.isZero {
            block.set(slot, counts, method: terms.method)
        }
        for span in record.sources { block.note(span) }
        block.isChanged = false
        replaceBlock(block)
    }

    private func record(_ block: SliceBlock) -> WindowRecord {
        var slices = (0..<SliceBlock.slots).map(block.counts)
        while slices.last?.isZero == true { slices.removeLast() }
        return WindowRecord(
            terms: terms, start: grid.start(of: block.firstSlice), slices: slices, sources: block.sources)
    }
}
