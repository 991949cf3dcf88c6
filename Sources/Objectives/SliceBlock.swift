/// Sixty slices in a row and their sums: an hour of minutes, the unit in which a ledger is stored and published.
///
/// Counts are kept as they were added up, signed: where total and bad come from different sources, bad may come first
/// and good stand below zero until total has followed. Until then the slice is in no sum.
struct SliceBlock: Sendable {
    static let slots = 60

    private enum Lane {
        static let total = 0
        /// Total less good: among many good records the smaller number.
        static let bad = 1
        static let late = 2
        static let count = 3
    }

    /// Of all slices together.
    private(set) var sum = Tally()
    /// Holds the slices from `index × 60` on.
    let index: Int64
    /// The tail holds the sources.
    private var lanes = PackedLanes(lanes: Lane.count, slots: SliceBlock.slots)
    var version = BlockVersion.none
    /// Something was counted that the last record of this block does not show.
    var isChanged = false
    /// Selectors that matched no record of the block.
    var unmatched: SelectorParts
    /// The earliest slot in which a record of the objective's inputs is known to have been read; `slots` for none.
    private(set) var firstReadSlot = UInt8(SliceBlock.slots)
    /// The highest place among the sources noted; -1 for none.
    private var placeMax: Int32 = -1
    /// By slot, ascending: what sums are beside the whole numbers; few objectives have any.
    private(set) var fractions: [SlotFraction] = []

    struct SlotFraction: Sendable, Equatable {
        let slot: Int
        var rest: SliceFraction
    }

    init(index: Int64, unmatched: SelectorParts) {
        self.index = index
        self.unmatched = unmatched
    }

    /// Takes counts as they stand in a record; slots past the last are empty.
    init(
        index: Int64, slices: [SliceCounts], spans: PackedSpans, unmatched: SelectorParts, firstReadSlot: Int?,
        method: BudgetingMethod
    ) {
        self.index = index
        self.unmatched = unmatched
        self.firstReadSlot = UInt8(clamping: firstReadSlot ?? SliceBlock.slots)
        placeMax = Int32(clamping: spans.placeMax)
        lanes = PackedLanes.make(slots: SliceBlock.slots, lanes: Lane.count, tail: spans.bytes) { lanes in
            for slot in 0..<min(slices.count, SliceBlock.slots) {
                let counts = slices[slot]
                lanes[Lane.total * SliceBlock.slots + slot] = counts.total
                lanes[Lane.bad * SliceBlock.slots + slot] = counts.total.saturatingSubtracting(counts.good)
                lanes[Lane.late * SliceBlock.slots + slot] = counts.late
            }
        }
        sum = method.tally(slices)
    }

    var firstSlice: Int64 { index * Int64(SliceBlock.slots) }
    var slices: Range<Int64> { firstSlice..<firstSlice + Int64(SliceBlock.slots) }

    /// The slot's sums as they stand, which may be below zero.
    func counts(_ slot: Int) -> SliceCounts {
        let total = lanes[Lane.total, slot]
        return SliceCounts(
            good: total.saturatingSubtracting(lanes[Lane.bad, slot]), total: total, late: lanes[Lane.late, slot])
    }

    /// Those of all slots up to the last that holds anything.
    var filledCounts: [SliceCounts] {
        let (totals, bads, lates) = (lanes.lane(Lane.total), lanes.lane(Lane.bad), lanes.lane(Lane.late))
        var counts: [SliceCounts] = []
        counts.reserveCapacity(SliceBlock.slots)
        for slot in 0..<SliceBlock.slots {
            let total = lanes.count(totals, slot)
            counts.append(
                SliceCounts(
                    good: total.saturatingSubtracting(lanes.count(bads, slot)), total: total,
                    late: lanes.count(lates, slot)))
        }
        while counts.last?.isZero == true { counts.removeLast() }
        return counts
    }

    private mutating func set(_ slot: Int, _ counts: SliceCounts, inPlaceOf held: SliceCounts, method: BudgetingMethod)
    {
        if held.good != counts.good || held.total != counts.total {
            if held.good != 0 || held.total != 0 { sum -= method.tally(good: held.good, total: held.total) }
            sum += method.tally(good: counts.good, total: counts.total)
        }
        if held.total != counts.total { lanes[Lane.total, slot] = counts.total }
        lanes[Lane.bad, slot] = counts.total.saturatingSubtracting(counts.good)
        if held.late != counts.late { lanes[Lane.late, slot] = counts.late }
    }

    mutating func add(_ slot: Int, _ delta: SliceDelta, method: BudgetingMethod) {
        unmatched.subtract(delta.matched)
        if case .occurrences = method, addCounts(slot, delta) { return }
        let held = counts(slot)
        let sums = held.adding(delta)
        guard let part = delta.fraction else { return set(slot, sums, inPlaceOf: held, method: method) }
        let place = fractions.firstIndex { $0.slot >= slot } ?? fractions.count
        let isHeld = place < fractions.count && fractions[place].slot == slot
        var rest = isHeld ? fractions[place].rest + part : part
        let whole = rest.takeWhole()
        if isHeld {
            fractions[place].rest = rest
        } else {
            fractions.insert(SlotFraction(slot: slot, rest: rest), at: place)
        }
        let wholes = sums.adding(SliceDelta(start: delta.start, good: whole.good, total: whole.total))
        set(slot, wholes, inPlaceOf: held, method: method)
    }

    /// Adds where records are judged and are simply more, and lanes have room for them, which most are: files and logs bring many
    /// counts of a few records.
    ///
    /// - Returns: false, with nothing added, where more is to be looked at.
    private mutating func addCounts(_ slot: Int, _ delta: SliceDelta) -> Bool {
        let (more, moreBad) = (delta.total, delta.total.saturatingSubtracting(delta.good))
        guard delta.fraction == nil, delta.late == 0, more > 0, more <= UInt32.max, moreBad >= 0, moreBad <= more
        else { return false }
        let (totals, bads) = (lanes.lane(Lane.total), lanes.lane(Lane.bad))
        guard totals.isShort, bads.isShort else { return false }
        let (total, bad) = (lanes.count(totals, slot), lanes.count(bads, slot))
        guard bad <= total, totals.holds(total &+ more), bads.holds(bad &+ moreBad) else { return false }
        lanes.set(totals, slot, total &+ more)
        if moreBad > 0 { lanes.set(bads, slot, bad &+ moreBad) }
        if total == 0 { sum.slices &+= 1 }
        sum.total &+= Int128(more)
        sum.good &+= Int128(delta.good)
        sum.score &+= Int128(delta.good)
        return true
    }

    /// What the slot's sums are beside whole numbers.
    func rest(_ slot: Int) -> SliceFraction {
        fractions.isEmpty ? SliceFraction() : fractions.first { $0.slot == slot }?.rest ?? SliceFraction()
    }

    mutating func restore(_ fractions: [SlotFraction]) { self.fractions = fractions }

    /// Restates a slice: the counts are whole.
    mutating func restate(_ slot: Int, _ counts: SliceCounts, method: BudgetingMethod) {
        set(slot, counts, inPlaceOf: self.counts(slot), method: method)
        fractions.removeAll { $0.slot == slot }
    }

    var spans: PackedSpans { PackedSpans(lanes.tail) }

    /// Whether anything is new in the span.
    mutating func note(_ span: PackedSpans.Span) -> Bool {
        // An hour of an organisation's CloudTrail is thousands of files, which come in the order of their places, each in a
        // few parts: were all unpacked for each, it would be millions of steps.
        if span.place > Int(placeMax) {
            placeMax = Int32(clamping: span.place)
            lanes.appendTail(PackedSpans.bytes(of: span))
            return true
        }
        let tail = lanes.tail
        let start = PackedSpans.startOfLast(in: tail)
        var last = PackedSpans(tail[start...])
        if last.placeMax == span.place {
            guard last.note(span) else { return false }
            lanes.replaceTail(tail[..<start] + last.bytes)
            return true
        }
        var spans = spans
        guard spans.note(span) else { return false }
        lanes.replaceTail(spans.bytes)
        return true
    }

    /// Remembers that a record was read in the slot; whether that is news.
    mutating func noteRead(_ slot: Int) -> Bool {
        guard slot < firstReadSlot else { return false }
        firstReadSlot = UInt8(slot)
        return true
    }

    /// The earliest slot in which a record was read, matching or not; the first where that is not known.
    var firstFilledSlot: Int {
        let filled = (0..<SliceBlock.slots).first(where: isFilled) ?? SliceBlock.slots
        let first = min(filled, Int(firstReadSlot))
        return first < SliceBlock.slots ? first : 0
    }

    /// What a record has to say of `firstReadSlot`: nothing where the counts tell it.
    var firstReadSlotBeforeCounts: Int? {
        let filled = (0..<SliceBlock.slots).first(where: isFilled) ?? SliceBlock.slots
        return Int(firstReadSlot) < filled ? Int(firstReadSlot) : nil
    }

    /// Good and total as they stand, of the slots that hold anything, for a caller that looks at many.
    func forEachSlot(in range: Range<Int64>, _ body: (_ slot: Int, _ good: Int64, _ total: Int64) -> Void) {
        let (totals, bads) = (lanes.lane(Lane.total), lanes.lane(Lane.bad))
        if totals.isZero && bads.isZero { return }
        for slice in slices.clamped(to: range) {
            let slot = Int(slice - firstSlice)
            let total = lanes.count(totals, slot)
            let bad = lanes.count(bads, slot)
            if total != 0 || bad != 0 { body(slot, total.saturatingSubtracting(bad), total) }
        }
    }

    /// Whether the slot holds records, be they consistent or not.
    func isFilled(_ slot: Int) -> Bool { lanes[Lane.total, slot] != 0 || lanes[Lane.bad, slot] != 0 }

    /// Whether the slot holds records whose good is a part of their total.
    func isKnown(_ slot: Int) -> Bool {
        let counts = counts(slot)
        return counts.total > 0 && counts.isConsistent
    }

    /// The sums of the block's slices that lie in `range`.
    func tally(_ range: Range<Int64>, method: BudgetingMethod) -> Tally {
        if slices.clamped(to: range) == slices { return sum }
        if case .occurrences = method, let tally = countTally(range) { return tally }
        var tally = Tally()
        forEachSlot(in: range) { tally += method.tally(good: $1, total: $2) }
        return tally
    }

    /// The same where records are judged and no count is long, which most blocks are: judgements ask for a few slices of many objectives.
    private func countTally(_ range: Range<Int64>) -> Tally? {
        let (totals, bads) = (lanes.lane(Lane.total), lanes.lane(Lane.bad))
        guard totals.isShort, bads.isShort else { return nil }
        var tally = Tally()
        if totals.isZero && bads.isZero { return tally }
        var (total, bad): (Int64, Int64) = (0, 0)
        let own = slices.clamped(to: range)
        for slot in Int(own.lowerBound &- firstSlice)..<Int(own.upperBound &- firstSlice) {
            let (slotTotal, slotBad) = (lanes.count(totals, slot), lanes.count(bads, slot))
            // Of counts that are not below zero this is all that consistency asks.
            if slotBad > slotTotal {
                tally.inconsistent &+= 1
            } else if slotTotal > 0 {
                total &+= slotTotal
                bad &+= slotBad
                tally.slices &+= 1
            }
        }
        (tally.total, tally.good) = (Int128(total), Int128(total &- bad))
        tally.score = tally.good
        return tally
    }

    /// Late records of the slices in `range`.
    func late(_ range: Range<Int64>) -> Int128 {
        let late = lanes.lane(Lane.late)
        if late.isZero { return 0 }
        return slices.clamped(to: range).reduce(0) { $0 + Int128(max(0, lanes.count(late, Int($1 - firstSlice)))) }
    }

    /// Memory held, in bytes, as allocated.
    var bytes: Int {
        MemoryLayout<SliceBlock>.stride + lanes.allocatedBytes
            + (fractions.isEmpty ? 0 : fractions.capacity * MemoryLayout<SlotFraction>.stride + 32)
    }
}
