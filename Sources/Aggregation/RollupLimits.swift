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
