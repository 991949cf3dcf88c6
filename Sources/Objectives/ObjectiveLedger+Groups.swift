import TelemetryModel

extension ObjectiveLedger {
    /// The ledger of a group that begins: what this one of the whole objective has, without counts.
    ///
    /// - Parameter point: where the group is that of what is counted together.
    public func ledger(of group: ObjectiveGroup, foldedFrom point: FoldPoint? = nil) -> ObjectiveLedger {
        var ledger = self
        ledger.terms = terms.of(group)
        ledger.terms.foldedFrom = point
        // Which selector matches nothing is said of all groups together.
        ledger.selectorParts = []
        ledger.blocks = []
        ledger.downsampled = []
        ledger.sources = SourceTable()
        ledger.unread = []
        ledger.later = LaterArrivals()
        ledger.changedBlocks = []
        ledger.changedDownsampled = []
        ledger.superseded = []
        ledger.outlived = []
        ledger.isUnsettled = false
        return ledger
    }

    /// The ledger of a group as it was restored, with the terms and the alerts of this one of the whole objective.
    public func ledger(restored: ObjectiveLedger, of group: ObjectiveGroup) -> ObjectiveLedger {
        var ledger = ledger(of: group, foldedFrom: restored.terms.foldedFrom)
        ledger.tellsDefinition = restored.tellsDefinition || tellsDefinition
        ledger.blocks = restored.blocks
        ledger.downsampled = restored.downsampled
        ledger.sources = restored.sources
        ledger.unread = restored.unread
        ledger.later = restored.later
        ledger.laterDelayMax = restored.laterDelayMax
        ledger.changedBlocks = restored.changedBlocks
        ledger.changedDownsampled = restored.changedDownsampled
        ledger.superseded = restored.superseded
        ledger.outlived = restored.outlived
        ledger.isUnsettled = restored.isUnsettled
        return ledger
    }

    /// The first instant whose whole window holds nothing of this group, when its last slice is judged for good: it ends there, unless something
    /// comes before.
    ///
    /// Of one that has nothing but an alert, which was restored before what brought it is read again, that is seen from the alert.
    public var silenceEnd: Timestamp {
        let newest = dataEnd ?? blocksEnd ?? evaluation.firingSince.compactMap(\.self).max()
        return newest.map(silenceEnd(since:)) ?? Timestamp(nanoseconds: .max)
    }

    private func silenceEnd(since time: Timestamp) -> Timestamp {
        max(terms.window.end(of: time), time.advanced(by: finalWaitNanoseconds))
    }

    /// The resolutions of a group's alerts when it ends.
    public mutating func endAlerts() -> [ObjectiveAlertTransition] { endAlerts(at: silenceEnd) }

    /// Those of a group that had no records for a whole window before a slice that has some: it ended then, and began anew.
    mutating func endAlerts(silentFrom end: Int64?, to slice: Int64) -> [ObjectiveAlertTransition] {
        guard terms.group != nil, let end else { return [] }
        let time = silenceEnd(since: grid.start(of: end))
        return time <= grid.start(of: slice) ? endAlerts(at: time) : []
    }

    private mutating func endAlerts(at time: Timestamp) -> [ObjectiveAlertTransition] {
        alerts.indices.compactMap { place in
            guard let since = evaluation.firingSince[place] else { return nil }
            evaluation.firingSince[place] = nil
            evaluation.burningEnd[place] = nil
            let alert = alerts[place]
            let endSlice = grid.slice(holding: time)
            return ObjectiveAlertTransition(
                objective: terms, alert: alert, isFiring: false, time: time, sliceEnd: time, firingSince: since,
                findings: alert.condition.leaves.compactMap { finding($0, endSlice: endSlice) }, isEndOfGroup: true)
        }
    }

    /// Some group has counts, so that nothing can be said any more of what its selectors match.
    public mutating func noteMatched() {
        selectorParts = []
        for place in blocks.indices where !blocks[place].unmatched.isEmpty {
            blocks[place].unmatched = []
            markChanged(place)
        }
        for place in downsampled.indices where !downsampled[place].unmatched.isEmpty {
            downsampled[place].unmatched = []
            markDownsampledChanged(place)
        }
    }

    /// Whether an alert of it is open.
    public var isFiring: Bool { evaluation.firingSince.contains { $0 != nil } }

    /// Remembers for the hours of this group which records another ledger of the same inputs was read from.
    public mutating func noteSources(of inputs: ObjectiveLedger) {
        for record in inputs.records {
            guard let place = place(ofBlockHolding: grid.slice(holding: record.start)) else { continue }
            // The slice that it was read in is known; to note it for the block's start would say that it was read since then.
            let time = grid.start(of: blocks[place].firstSlice + Int64(blocks[place].firstFilledSlot))
            for span in record.sources { note(span, at: time) }
        }
    }

    /// Takes it down that records of its inputs were read since then, whether they were of this group or not.
    func reading(since time: Timestamp?) -> ObjectiveLedger {
        var ledger = self
        ledger.inputsReadSince = time
        return ledger
    }
}
