import TelemetryModel

extension ObjectiveLedger {
    /// Adds what the register log holds at offset `stamp`.
    ///
    /// Each block knows up to which offset it includes the log. One whose stamp is `stamp` or above holds these deltas
    /// already, from before a restart, and is left as it is; the others get this stamp, so that applying the log from
    /// any earlier offset on leads to the same counts. All deltas of one offset have to come in one call.
    ///
    /// A slice's sums may fall below zero until the rest of what belongs to it has come; they are kept so, and are in no
    /// sum until then.
    /// Files are no log, and are read once: without a stamp everything is added.
    ///
    /// - Parameter latenessNanoseconds: the `allowedLateness` of the input that the deltas are of; `nil` takes the longest of the
    ///   objective's.
    public mutating func apply(_ deltas: [SliceDelta], stamp: Int64?, latenessNanoseconds: Int64? = 0) {
        settle()
        let lateness = grid.slices(in: latenessNanoseconds ?? judgement?.latenessNanoseconds ?? 0)
        let wait = finalWait
        func isNews(_ version: BlockVersion) -> Bool { stamp.map { version.stamp < $0 } ?? true }
        // Room for all at once: nearly all of what a replay keeps apart of an objective comes in one call.
        if judgement != nil, !alerts.isEmpty, later.isEmpty {
            let count = deltas.count { $0.arrival != nil }
            if count > 0 { later.reserveCapacity(count) }
        }
        var cursor = SliceGrid.Cursor(grid)
        // The block of the delta before, which nearly all have in common, and its slices.
        var (block, held): (Int, Range<Int64>) = (0, 0..<0)
        for delta in deltas where !delta.isZero {
            let slice = cursor.slice(holding: delta.start)
            if !held.contains(slice) {
                if !downsampled.isEmpty, place(ofBlockHolding: slice) == nil,
                    let place = place(ofDownsampledHolding: slice)
                {
                    guard isNews(downsampled[place].version) else { continue }
                    let slot = downsampled[place].slot(holding: slice)
                    var cell = downsampled[place].cell(slot)
                    cell.add(delta.rounded, method: terms.method)
                    downsampled[place].set(slot, cell, method: terms.method)
                    downsampled[place].unmatched.subtract(delta.matched)
                    markDownsampledChanged(place)
                    continue
                }
                block = insertedPlace(ofBlockHolding: slice)
                held = blocks[block].slices
            }
            guard isNews(blocks[block].version) else { continue }
            blocks[block].add(Int(slice - held.lowerBound), delta, method: terms.method)
            markChanged(block)
            // What arrived in time, and before a judgement was made, is in all of them.
            let isSeenByAll = delta.arrival == nil && slice >= reachedSlice
            if judgement != nil, !isSeenByAll { noteArrival(of: delta, cursor, lateness, finalWait: wait) }
        }
        guard let stamp else { return }
        // Only now, because the first delta's stamp would keep the second from the same block.
        for delta in deltas where !delta.isZero {
            let slice = grid.slice(holding: delta.start)
            if let place = place(ofBlockHolding: slice) {
                blocks[place].version.stamp = max(blocks[place].version.stamp, stamp)
            } else if let place = place(ofDownsampledHolding: slice) {
                downsampled[place].version.stamp = max(downsampled[place].version.stamp, stamp)
            }
        }
    }
}

extension SliceDelta {
    var isZero: Bool { good == 0 && total == 0 && late == 0 && matched.isEmpty && fraction == nil }
}
