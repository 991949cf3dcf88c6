/// The group keys of a rollup, shared by its engine and by the windows read from it.
///
/// Single-threaded: an engine and the windows that it hands out stay on one thread.
@safe
final class SeriesKeys {
    /// Owner: this object, for its whole life. A pointer, and no stored property, so that the engine's loop pays
    /// neither for reference counts nor for exclusivity checks on every event.
    let table: UnsafeMutablePointer<KeyTable>
    private var ranks: [UInt32] = []

    init(columnCount: Int) {
        unsafe table = .allocate(capacity: 1)
        unsafe table.initialize(to: KeyTable(columnCount: columnCount))
    }

    deinit {
        unsafe table.deinitialize(count: 1)
        unsafe table.deallocate()
    }

    var count: Int { unsafe table.pointee.count }

    /// The place of each key, by its number, when all keys are sorted. Sorted again only when keys were added.
    func rankByKey() -> [UInt32] {
        if ranks.count == count { return ranks }
        let order = unsafe table.pointee.sorted((0..<UInt32(count)).map { $0 })
        ranks = [UInt32](repeating: 0, count: order.count)
        for (rank, key) in order.enumerated() { ranks[Int(key)] = UInt32(rank) }
        return ranks
    }

    /// Whether ranks are at hand, so that sorting a few keys by them is free.
    var hasRanks: Bool { ranks.count == count }

    /// The values of a key.
    func values(_ key: Int) -> [String?] {
        unsafe withColumns(key) { columns in
            unsafe columns.map { column in
                guard let bytes = unsafe column.bytes, !column.isAbsent else { return nil }
                return unsafe String(
                    decoding: UnsafeRawBufferPointer(start: bytes, count: column.count), as: UTF8.self)
            }
        }
    }

    /// Lends the values of a key as bytes.
    func withColumns<Result>(_ key: Int, _ body: (UnsafeBufferPointer<KeyColumn>) -> Result) -> Result {
        let columnCount = unsafe table.pointee.columnCount
        return unsafe withUnsafeTemporaryAllocation(of: KeyColumn.self, capacity: max(1, columnCount)) { columns in
            guard let base = columns.baseAddress else { return unsafe body(UnsafeBufferPointer(start: nil, count: 0)) }
            unsafe table.pointee.read(key, into: base)
            return unsafe body(UnsafeBufferPointer(start: base, count: columnCount))
        }
    }
}
