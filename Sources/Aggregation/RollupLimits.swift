/// Bounds on what a rollup keeps, whatever arrives. Each has a counter in `RollupCounters`.
public struct RollupLimits: Sendable, Equatable {
    /// Open windows; an event that would need one more is not counted in the rollup.
    public var windowsMax: Int
    /// Cells in all open windows together; from there on new groups are folded into `other`.
    public var cellsMax: Int
    /// Bytes of group keys; from there on new groups are folded into `other`.
    public var keyBytesMax: Int

    public init(windowsMax: Int = 10_080, cellsMax: Int = 4_000_000, keyBytesMax: Int = 128 << 20) {
        precondition(windowsMax > 0 && cellsMax > 0 && keyBytesMax > 0, "limits are above zero")
        self.windowsMax = windowsMax
        // One more group for each window: `other` itself is always let in.
        self.cellsMax = min(cellsMax, Int(UInt32.max) - windowsMax - 1)
        self.keyBytesMax = min(keyBytesMax, KeyTable.bytesMax / 2)
    }
}

/// What a rollup counted, and what it could not.
public struct RollupCounters: Sendable, Equatable {
    /// Events counted in a cell.
    public var events: UInt64 = 0
    /// Of these, events in the group `other` because a bound was reached.
    public var foldedEvents: UInt64 = 0
    /// Events left out because too many windows were open.
    public var eventsWithoutWindow: UInt64 = 0
    /// Values of a sum, minimum, maximum or quantile that are there but are no finite number.
    public var valuesNotNumeric: UInt64 = 0
    /// Exact sets of distinct values that had to become estimates.
    public var degradedSets: UInt64 = 0

    public init() {}
}
