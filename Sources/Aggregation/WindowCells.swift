import Statistics

/// One tumbling window of a rollup: a cell for each group seen in it.
///
/// A cell is a head word and the words of the measures, as `CompiledRollup` lays them out. The head's lower half is the
/// group's number in `SeriesKeys`; its upper half holds the measures' flags. All else starts as zero. Cells stay where they
/// are, in the order of their arrival, and an open-addressed table finds a group's cell by its number.
///
/// Owner: one engine, on one thread; after `takeWindow`, the window taken.
@safe
struct WindowTable: ~Copyable {
    let start: Int64
    let cellBytes: Int
    private(set) var count = 0
    private var cells: RawStorage
    /// Group number plus one in the upper half, the cell's index in the lower.
    private var slots: RawStorage
    private var slotsLog2: Int
    /// Only where the rollup counts distinct values: even empty they would be most of a small window.
    ///
    /// Owner: this table, which frees it. A pointer, and no object, for which each value that is counted would pay with reference
    /// counts and an exclusivity check.
    private let sets: UnsafeMutablePointer<DistinctSets>?
    var sketches: [QuantileSketch] = []
    /// Where the values of cells go that are read before they are looked at.
    private var touched: UInt64 = 0
    /// Whether one of the cells is that of the groups that were folded.
    var hasFolded = false

    static let seriesMask: UInt64 = 0xFFFF_FFFF

    /// A window with room for `expected` groups in its table. Zeroed pages cost nothing until they are used; a window of one
    /// group, of which a long history has very many, takes about 200 bytes.
    init(start: Int64, cellBytes: Int, expected: Int, countsDistinct: Bool) {
        self.start = start
        self.cellBytes = cellBytes
        cells = RawStorage(byteCount: cellBytes * (expected == 1 ? 1 : 4))
        unsafe sets = countsDistinct ? .allocate(capacity: 1) : nil
        unsafe sets?.initialize(to: DistinctSets())
        slotsLog2 = expected == 1 ? 1 : 3
        while expected * 4 > 3 << slotsLog2 { slotsLog2 += 1 }
        slots = RawStorage(byteCount: 8 << slotsLog2)
    }

    deinit {
        unsafe sets?.deinitialize(count: 1)
        unsafe sets?.deallocate()
    }

    var distinct: DistinctSets {
        _read {
            guard let sets = unsafe sets else { fatalError("a rollup without distinct counts has no sets") }
            yield unsafe sets.pointee
        }
        _modify {
            guard let sets = unsafe sets else { fatalError("a rollup without distinct counts has no sets") }
            yield unsafe &sets.pointee
        }
    }

    /// What it takes, in bytes; of sketches, which grow with what they have seen, about.
    var tableBytes: Int {
        cells.byteCount + slots.byteCount + (unsafe sets?.pointee.tableBytes ?? 0) + sketches.count
            * WindowTable.sketchBytes
    }

    private static let sketchBytes = 1 << 10

    @unsafe @inline(__always)
    func cell(_ index: Int) -> UnsafeMutableRawPointer { unsafe cells.base + index &* cellBytes }

    @inline(__always)
    func head(_ index: Int) -> UInt64 { unsafe cell(index).load(as: UInt64.self) }

    func series(_ index: Int) -> Int { Int(head(index) & WindowTable.seriesMask) }

    /// Reads the ends of cells that are looked at next.
    mutating func touch(cells indexes: ArraySlice<UInt32>) {
        for index in indexes { touched ^= touch(cell: Int(index)) }
    }

    /// Reads the ends of a cell, which mostly are in two lines of a cache.
    @inline(__always)
    func touch(cell index: Int) -> UInt64 {
        let cell = unsafe cell(index)
        return unsafe cell.load(as: UInt64.self) ^ cell.load(fromByteOffset: cellBytes &- 8, as: UInt64.self)
    }

    /// Reads the first slot that `find` will look at, so that it is in a cache by then; of −1 some slot.
    @inline(__always)
    func touch(_ series: Int) -> UInt64 {
        let index = WindowTable.slot(UInt64(truncatingIfNeeded: series &+ 1), slotsLog2)
        return unsafe slots.base.load(fromByteOffset: index &* 8, as: UInt64.self)
    }

    /// The index of a group's cell, or −1.
    @inline(__always)
    func find(_ series: Int) -> Int {
        let slots = unsafe slots.base.assumingMemoryBound(to: UInt64.self)
        let wanted = UInt64(truncatingIfNeeded: series &+ 1)
        var index = WindowTable.slot(wanted, slotsLog2)
        let mask = 1 << slotsLog2 &- 1
        while true {
            let slot = unsafe slots[index]
            if slot >> 32 == wanted { return Int(slot & 0xFFFF_FFFF) }
            if slot == 0 { return -1 }
            index = (index &+ 1) & mask
        }
    }

    /// Groups are numbered in sequence, so Fibonacci hashing spreads them evenly and nobody outside chooses them.
    @inline(__always)
    private static func slot(_ number: UInt64, _ log2: Int) -> Int {
        Int(truncatingIfNeeded: (number &* 0x9E37_79B9_7F4A_7C15) >> UInt64(truncatingIfNeeded: 64 &- log2))
    }

    /// Adds an empty cell for a group that has none, and returns its index.
    mutating func insert(_ series: Int) -> Int {
        let index = count
        cells.grow(toHold: (index + 1) * cellBytes)
        let cell = unsafe cell(index)
        unsafe cell.initializeMemory(as: UInt8.self, repeating: 0, count: cellBytes)
        unsafe cell.storeBytes(of: UInt64(series), as: UInt64.self)
        count += 1
        if count * 4 > 3 << slotsLog2 {
            slotsLog2 += 1
            slots = RawStorage(byteCount: 8 << slotsLog2)
            for earlier in 0..<count { place(self.series(earlier), earlier) }
        } else {
            place(series, index)
        }
        return index
    }

    private mutating func place(_ series: Int, _ cell: Int) {
        let slots = unsafe slots.base.assumingMemoryBound(to: UInt64.self)
        let number = UInt64(series + 1)
        var index = WindowTable.slot(number, slotsLog2)
        let mask = 1 << slotsLog2 - 1
        while unsafe slots[index] != 0 { index = (index + 1) & mask }
        unsafe slots[index] = number << 32 | UInt64(cell)
    }

    /// Gives every cell its group's new number.
    mutating func renumber(_ numbers: [UInt32]) {
        slots = RawStorage(byteCount: 8 << slotsLog2)
        for index in 0..<count {
            let head = head(index)
            let number = UInt64(numbers[Int(head & WindowTable.seriesMask)])
            unsafe cell(index).storeBytes(of: head & ~WindowTable.seriesMask | number, as: UInt64.self)
            place(Int(number), index)
        }
    }
}

/// Holds a window's table at a fixed address, so that the engine's loop can keep it at hand without reference counts
/// and exclusivity checks. Single-threaded, like its engine.
@safe
final class WindowCells {
    /// Owner: this object, for its whole life.
    let table: UnsafeMutablePointer<WindowTable>

    init(start: Int64, cellBytes: Int, expected: Int = 0, countsDistinct: Bool) {
        unsafe table = .allocate(capacity: 1)
        unsafe table.initialize(
            to: WindowTable(start: start, cellBytes: cellBytes, expected: expected, countsDistinct: countsDistinct))
    }

    deinit {
        unsafe table.deinitialize(count: 1)
        unsafe table.deallocate()
    }
}
