import TelemetryModel

extension RollupEngine {
    /// The starts of the open windows, ascending.
    public var windowStarts: [Timestamp] { starts.map { Timestamp(nanoseconds: $0) } }

    /// An open window, as it is now.
    public func peekWindow(_ start: Timestamp) -> RollupWindow? {
        let index = firstIndex(notBefore: start.nanoseconds)
        guard index < starts.count, starts[index] == start.nanoseconds else { return nil }
        return RollupWindow(plan: plan, keys: keys, cells: windows[index])
    }

    /// Closes a window and gives what it holds. An event for it that comes later opens it anew, empty.
    public mutating func takeWindow(_ start: Timestamp) -> RollupWindow? {
        let index = firstIndex(notBefore: start.nanoseconds)
        guard index < starts.count, starts[index] == start.nanoseconds else { return nil }
        let cells = windows.remove(at: index)
        starts.remove(at: index)
        forgetRecentWindows()
        cellCount -= unsafe cells.table.pointee.count
        let window = RollupWindow(plan: plan, keys: keys, cells: cells)
        dropUnusedKeys()
        return window
    }

    /// Forgets keys that no open window uses, once they are most of the keys.
    ///
    /// Without it an endless run would keep every group that it ever saw. The work is proportional to the keys dropped,
    /// each of which was once added. Windows taken earlier keep the old table.
    private mutating func dropUnusedKeys() {
        guard keys.count > 1024, keys.count > 2 * cellCount else { return }
        let kept = SeriesKeys(columnCount: plan.groupSlots.count)
        var numbers = [UInt32](repeating: .max, count: keys.count)
        for window in windows {
            for cell in 0..<(unsafe window.table.pointee.count) {
                let series = unsafe window.table.pointee.series(cell)
                if numbers[series] != .max { continue }
                numbers[series] = unsafe keys.withColumns(series) { columns in
                    guard let base = columns.baseAddress else { return 0 }
                    let hash = unsafe kept.table.pointee.hash(base)
                    return UInt32(unsafe kept.table.pointee.insert(base, hash: hash))
                }
            }
            unsafe window.table.pointee.renumber(numbers)
        }
        keys = kept
    }

    /// Forgets all keys, when no window is left, once most of them did not appear in the cells last taken.
    mutating func dropStaleKeys(cellsTaken: Int) {
        guard keys.count > 1024, keys.count > 8 * cellsTaken else { return }
        forgetKeys()
    }

    /// Forgets all keys, when no window is left. Windows taken earlier keep the old table.
    mutating func forgetKeys() {
        keys = SeriesKeys(columnCount: plan.groupSlots.count)
    }
}
