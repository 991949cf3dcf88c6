/// Bounds on the groups that a rollup keeps, whatever arrives. Windows have none here: the feeder of an engine takes them
/// when there are many.
public struct RollupLimits: Sendable, Equatable {
    /// Cells in all open windows together; from there on new groups are folded into `other`.
    public var cellsMax: Int
    /// Bytes of group keys; from there on new groups are folded into `other`.
    public var keyBytesMax: Int

    public init(cellsMax: Int = 4_000_000, keyBytesMax: Int = 128 << 20) {
        precondition(cellsMax > 0 && keyBytesMax > 0, "limits are above zero")
        // One more group for each window: `other` itself is always let in.
        self.cellsMax = min(cellsMax, Int(UInt32.max) / 2)
        self.keyBytesMax = min(keyBytesMax, KeyTable.bytesMax / 2)
    }
}

/// What a rollup counted, and what it could not.
public struct RollupCounters: Sendable, Equatable {
    /// Events counted in a cell.
    public var events: UInt64 = 0
    /// Of these, events in the group `other` because a bound was reached.
    public var foldedEvents: UInt64 = 0
    /// Cells of other engines, or that were published, that went into `other` for the same reason.
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

extension RollupEngine {
    /// Open windows. An engine never leaves a row out for want of room, so its feeder looks at this and takes them.
    public var windowCount: Int { starts.count }

    /// Whether so many cells are open that new groups will soon be folded.
    public var isNearlyFull: Bool {
        cellCount >= limits.cellsMax / 2 || (unsafe keys.table.pointee.bytesUsed) >= limits.keyBytesMax / 4 * 3
    }

    /// About what open windows take, in bytes, with what handing them over will take.
    public var heldBytes: Int { windowCount &* RollupEngine.windowBytes &+ cellCount &* plan.heldCellBytes }

    private static let windowBytes = 300
}

extension RollupPlan {
    /// A cell's words, its place in a table, and its form outside of the engine; a set or a sketch starts small.
    var heldCellBytes: Int { cellBytes + 100 + (countsDistinct ? 400 : 0) }
}
