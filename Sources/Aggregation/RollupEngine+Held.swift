extension RollupEngine {
    /// Open windows. An engine never leaves a row out for want of room, so its feeder looks at this and takes them.
    public var windowCount: Int { starts.count }

    /// About what open windows and the keys of groups take, in bytes, with what handing them over will take. An engine folds no group
    /// for want of room, so its feeder looks at this too.
    public var heldBytes: Int {
        windowCount &* RollupEngine.windowBytes &+ cellCount &* plan.heldCellBytes
            &+ (unsafe keys.table.pointee.heldBytes)
    }

    /// What the tables of open windows and of groups take, in bytes, whatever is in use of them. Looks at each window.
    public var tableBytes: Int {
        windows.reduce(unsafe keys.table.pointee.tableBytes) { unsafe $0 + $1.table.pointee.tableBytes }
    }

    private static let windowBytes = 300
}

extension CompiledRollup {
    /// A cell's words, its place in a table, and its form outside of the engine; a set or a sketch starts small.
    var heldCellBytes: Int { cellBytes + 100 + (countsDistinct ? 400 : 0) }
}

extension KeyTable {
    /// The records, and for each a place and two slots.
    var heldBytes: Int { bytesUsed &+ count &* 20 }
}
