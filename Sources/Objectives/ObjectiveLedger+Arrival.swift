import TelemetryModel

// What arrived when its slice was over. Sums hold it like everything else, so that reports have it at once; beside them stands what a
// judgement of before its arrival takes off again. In the usual case there is nothing, and nothing is asked.

extension ObjectiveLedger {
    /// How long after a slice's end its final judgement is made, in slices.
    var finalWait: Int64 { judgement.map { grid.slices(in: $0.latenessNanoseconds) } ?? 0 }

    public var finalWaitNanoseconds: Int64 { finalWait * grid.lengthNanoseconds }

    /// All judgements that are dated by `time` were made before.
    public mutating func restoreDecided(through time: Timestamp) {
        let end = grid.start(of: grid.slice(holding: time) - finalWait)
        evaluation.evaluatedEnd = max(evaluation.evaluatedEnd ?? end, end)
    }

    /// Of an alert that fires: the end of the newest slice of which a judgement said that its condition holds.
    public func burningEnd(ofAlert name: String) -> Timestamp? {
        alerts.firstIndex { $0.name == name }.flatMap { evaluation.burningEnd[$0] }
    }

    /// Whether something of open alerts has changed since the last call that their transitions do not tell.
    public mutating func takeHasBurnt() -> Bool {
        defer { hasBurnt = false }
        return hasBurnt
    }

    // MARK: Keeping apart

    /// Keeps apart what a judgement may have to leave out, and counts what is missing in one that was made.
    ///
    /// - Parameters:
    ///   - cursor: at the delta's slice.
    ///   - lateness: of the delta's input, in slices.
    ///   - finalWait: the ledger's, which is found once for many.
    mutating func noteArrival(
        of delta: SliceDelta, _ cursor: SliceGrid.Cursor, _ lateness: Int64, finalWait: Int64
    ) {
        guard !alerts.isEmpty else { return }
        let slice = cursor.slice
        var arrivals = cursor
        let arrival = delta.arrival.map { arrivals.slice(holding: $0) }.flatMap { $0 > slice ? $0 : nil }
        let arrived = arrival ?? slice
        // The end of the slice in which it arrived is the date of the first judgement that holds it, or of the first final one.
        let first = judgement?.opensProvisionally == true ? arrived : max(slice, arrived - lateness) + finalWait
        if first < reachedSlice, delta.total > 0 { unjudged.missed = unjudged.missed.saturatingAdding(delta.total) }
        guard let arrival, delta.good != 0 || delta.total != 0 || delta.fraction != nil else { return }
        var added = LaterCounts(slice: slice, arrival: arrival, lateness: lateness, counts: SliceCounts())
        let place = laterPlace { LaterCounts.comesBefore($0, added) }
        if place < later.endIndex, !LaterCounts.comesBefore(added, later.whole(place)) {
            later[place].add(delta)
            return
        }
        added.add(delta)
        if place == later.endIndex { later.append(added) } else { later.insert(added, at: place) }
        noteDelay(of: added)
        merge(at: place)
    }

    /// Keeps no more apart than may be: of one slice and lateness, what arrived first joins what arrived next.
    private mutating func merge(at place: Int) {
        if later.count <= LaterCounts.arrivalsMax { return }
        let (slice, lateness) = (later.whole(place).slice, later.whole(place).lateness)
        func isAlike(_ other: LaterCounts) -> Bool { other.slice == slice && other.lateness == lateness }
        // Mostly there are a few.
        var (first, end) = (place, place + 1)
        while first > 0, isAlike(later.whole(first - 1)) { first -= 1 }
        while end < later.count, isAlike(later.whole(end)) { end += 1 }
        guard end - first > LaterCounts.arrivalsMax else { return }
        let earliest = later.remove(at: first)
        unjudged.merged = unjudged.merged.saturatingAdding(max(0, earliest.counts.total))
        var delta = SliceDelta(
            start: grid.start(of: slice), good: earliest.counts.good, total: earliest.counts.total)
        if !earliest.rest.isZero { delta.fraction = earliest.rest }
        later[first].add(delta)
    }

    /// Lets go of what no judgement leaves out any more that is dated later than the end of the slices before `end`: as far as the log
    /// says that event time has come, and not by what was judged, which after a restart is ahead of it.
    mutating func joinLater(before end: Int64) {
        reachedSlice = max(reachedSlice, end)
        if later.isEmpty { return }
        let wait = finalWait
        later.removeAll { $0.arrival + max(0, wait - $0.lateness) <= end }
    }

    mutating func replaceLater(in slices: Range<Int64>, with record: WindowRecord) {
        guard judgement != nil, !alerts.isEmpty else { return }
        if !later.isEmpty { later.removeAll { slices.contains($0.slice) } }
        if record.later.isEmpty { return }
        later.insert(contentsOf: record.later, at: laterPlace { $0.slice < slices.lowerBound })
        for counts in record.later { noteDelay(of: counts) }
    }

    private mutating func noteDelay(of counts: LaterCounts) {
        laterDelayMax = max(laterDelayMax, counts.arrival - counts.slice - min(0, counts.lateness))
    }

    func laterPlaces(in slices: Range<Int64>) -> Range<Int> {
        if later.isEmpty { return 0..<0 }
        return laterPlace { $0.slice < slices.lowerBound }..<laterPlace { $0.slice < slices.upperBound }
    }

    /// The place of the first that does not come before what is looked for.
    private func laterPlace(_ comesBefore: (LaterCounts) -> Bool) -> Int {
        // Nearly all belong to the end.
        if later.isEmpty || comesBefore(later.whole(later.count - 1)) { return later.count }
        var (low, high) = (0, later.count)
        while low < high {
            let middle = (low + high) / 2
            if comesBefore(later.whole(middle)) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Leaving out

    /// Whether the slice holds records whose good is a part of their total, as the judgement at hand sees it.
    func isKnown(_ slice: Int64) -> Bool {
        guard let place = place(ofBlockHolding: slice) else { return false }
        let slot = Int(slice - blocks[place].firstSlice)
        guard let view, !later.isEmpty, let places = placesLeft(by: view, in: slice) else {
            return blocks[place].isKnown(slot)
        }
        let counts = judged(place, slot, places, view)
        return counts.total > 0 && counts.isConsistent
    }

    /// The first slice from `slice` on of which the judgement at hand does not leave everything out.
    func firstSeen(_ view: JudgementView, from slice: Int64) -> Int64? {
        if placesLeft(by: view, in: slice) == nil { return slice }
        for place in blocks.indices {
            let first = blocks[place].firstSlice
            for next in blocks[place].slices.clamped(to: slice..<view.endSlice)
            where blocks[place].isFilled(Int(next - first)) {
                guard let places = placesLeft(by: view, in: next) else { return next }
                if !judged(place, Int(next - first), places, view).isZero { return next }
            }
        }
        return nil
    }

    /// Takes off what the judgement leaves out of the slices in `range`.
    func leaveOut(_ view: JudgementView, of range: Range<Int64>, from tally: inout Tally) {
        // What is long past arrived long ago.
        let recent = max(range.lowerBound, view.endSlice - laterDelayMax)
        if recent >= range.upperBound { return }
        let places = laterPlaces(in: recent..<range.upperBound)
        var next = places.lowerBound
        while next < places.upperBound {
            let (first, slice) = (next, later.whole(next).slice)
            var takesAll = true
            while next < places.upperBound, later.whole(next).slice == slice {
                if !view.takes(later.whole(next)) { takesAll = false }
                next += 1
            }
            if takesAll { continue }
            guard let place = place(ofBlockHolding: slice) else { continue }
            let slot = Int(slice - blocks[place].firstSlice)
            let held = blocks[place].counts(slot)
            let judged = judged(place, slot, first..<next, view)
            tally -= terms.method.tally(good: held.good, total: held.total)
            tally += terms.method.tally(good: judged.good, total: judged.total)
        }
    }

    /// Where all that arrived later in a slice lies, if a judgement leaves some of it out.
    private func placesLeft(by view: JudgementView, in slice: Int64) -> Range<Int>? {
        let places = laterPlaces(in: slice..<slice + 1)
        return places.allSatisfy { view.takes(later.whole($0)) } ? nil : places
    }

    /// What a judgement sees of a slot of a block, of which those at `places` arrived later.
    private func judged(_ block: Int, _ slot: Int, _ places: Range<Int>, _ view: JudgementView) -> SliceCounts {
        var counts = blocks[block].counts(slot)
        // Sums that have left 64 bits say nothing of what they would be without a part.
        if counts.isOutOfRange { return counts }
        var rest = blocks[block].rest(slot)
        for place in places where !view.takes(later.whole(place)) {
            let off = later[place]
            counts.good = counts.good &- off.counts.good
            counts.total = counts.total &- off.counts.total
            if off.rest.isZero { continue }
            rest = rest + SliceFraction(good: -off.rest.good, total: -off.rest.total)
            let whole = rest.takeWhole()
            counts.good = counts.good &+ whole.good
            counts.total = counts.total &+ whole.total
        }
        return counts
    }
}
