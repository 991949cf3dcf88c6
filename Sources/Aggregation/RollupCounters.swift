/// What a rollup counted, and what it could not.
public struct RollupCounters: Sendable, Equatable {
    /// Events counted in a cell.
    public var events: UInt64 = 0
    /// Of these, events in the group `(other)`, because there were as many groups as may be.
    public var foldedEvents: UInt64 = 0
    /// Cells of other engines, or that were published, that went into `(other)` for the same reason.
    public var foldedCells: UInt64 = 0
    /// Values of a sum, minimum, maximum or quantile that are there but are no finite number.
    public var valuesNotNumeric: UInt64 = 0
    /// Values of groups and of distinct sets that are kept as their beginning and a hash, because they are long.
    public var shortenedValues: UInt64 = 0
    /// Exact sets of distinct values that had to become estimates.
    public var degradedSets: UInt64 = 0
    /// Sums that were no whole numbers when they were taken for an objective, and were rounded.
    public var roundedSums: UInt64 = 0

    public init() {}
}

extension RollupCounters {
    /// Whether all that was seen went where it belongs.
    public var isUntroubled: Bool {
        foldedEvents == 0 && foldedCells == 0 && valuesNotNumeric == 0 && degradedSets == 0 && shortenedValues == 0
            && roundedSums == 0
    }
}

extension RollupCounters {
    public mutating func add(_ other: RollupCounters) {
        events &+= other.events
        foldedEvents &+= other.foldedEvents
        foldedCells &+= other.foldedCells
        valuesNotNumeric &+= other.valuesNotNumeric
        degradedSets &+= other.degradedSets
        shortenedValues &+= other.shortenedValues
        roundedSums &+= other.roundedSums
    }

    public func adding(_ other: RollupCounters) -> RollupCounters {
        var sum = self
        sum.add(other)
        return sum
    }

    /// What was counted since `earlier`.
    public func since(_ earlier: RollupCounters) -> RollupCounters {
        var difference = RollupCounters()
        difference.events = events &- earlier.events
        difference.foldedEvents = foldedEvents &- earlier.foldedEvents
        difference.foldedCells = foldedCells &- earlier.foldedCells
        difference.valuesNotNumeric = valuesNotNumeric &- earlier.valuesNotNumeric
        difference.degradedSets = degradedSets &- earlier.degradedSets
        difference.shortenedValues = shortenedValues &- earlier.shortenedValues
        difference.roundedSums = roundedSums &- earlier.roundedSums
        return difference
    }
}
