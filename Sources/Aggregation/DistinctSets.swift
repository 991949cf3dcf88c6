import Statistics

/// The distinct values of all groups of one window.
///
/// A set is one word in its group's cell. One or two values are in the word itself, which most sets never outgrow; from
/// three on the word names a block of a common arena: an unordered list up to eight values, then an open-addressed
/// table, doubling. A set that is not `exact` turns into a HyperLogLog above `exactMax` values.
///
/// Values are compared as text. An integer from 0 to 2³⁰ − 2, or text that spells one, is its own number; any other value
/// is stored once for the window and numbered. So a set holds 31-bit numbers, never 0, whatever its values are.
///
///     bits 63-62   the rest
///     0            31 bits: the second value or 0; 31 bits: the first value or 0
///     1            5 bits: log2 of the block's capacity; 28 bits: its place in units of 16 bytes; 29 bits: the count
///     2            the index of a HyperLogLog
///
/// Owner: one window, so everything is freed at once when the window is done.
@safe
struct DistinctSets: ~Copyable {
    static let exactMax = 4096

    /// Exact sets that had to become estimates because the arena or the values' table reached its bound.
    private var degraded: UInt64 = 0

    private var blocks = RawStorage(byteCount: 0)
    /// In units of 16 bytes.
    private var blockUnitsUsed = 0
    /// The first free block of each size, linked through their first words; 0 for none.
    private var freeBlocks = [UInt32](repeating: 0, count: 32)
    private(set) var sketches: [HyperLogLog] = []
    private var values = KeyTable(columnCount: 1)
    /// An odd factor that outsiders cannot know, so that nobody can prepare integers that collide.
    private let factor: UInt64

    private static let valueMask: UInt64 = 0x7FFF_FFFF
    private static let smallIntegerCount: Int64 = 1 << 30 - 1
    /// Numbers from here on are places in `values`.
    private static let stored: UInt32 = 1 << 30
    private static let countMask: UInt64 = 1 << 29 - 1
    /// Four values make the smallest block, 16 bytes.
    private static let smallestLog2 = 2
    /// Up to 2³ values are searched one by one.
    private static let listLog2Max = 3
    /// 2²⁸ units of 16 bytes are 4 GiB; a block of 2²⁶ values is the largest.
    private static let blockUnitsMax = 1 << 28
    private static let blockLog2Max = 26
    static let valueBytesMax = 1 << 29

    /// What it takes, in bytes.
    var tableBytes: Int { blocks.byteCount + values.tableBytes + sketches.count * HyperLogLog.registerCount }

    /// The number degraded since the last call.
    @inline(__always)
    mutating func takeDegraded() -> UInt64 {
        if degraded == 0 { return 0 }
        defer { degraded = 0 }
        return degraded
    }

    init() {
        factor = KeyedHash.processLocal.hash(0x6469_7374) | 1
        // Unit 0 stays unused, so that 0 can end a list of free blocks.
        blockUnitsUsed = 1
    }

    /// Adds a whole number.
    @inline(__always)
    mutating func insert(_ value: Int64, into word: inout UInt64, isExact: Bool) {
        if value >= 0 && value < DistinctSets.smallIntegerCount {
            insertNumber(UInt32(truncatingIfNeeded: value &+ 1), into: &word, isExact: isExact)
        } else {
            unsafe withDecimal(value) { bytes, count in
                unsafe insertStored(bytes, count: count, into: &word, isExact: isExact)
            }
        }
    }

    /// Adds text, or any bytes that represent a value.
    @unsafe
    mutating func insert(_ bytes: UnsafeRawPointer, count: Int, into word: inout UInt64, isExact: Bool) {
        if let value = unsafe DistinctSets.smallInteger(bytes, count: count) {
            insertNumber(UInt32(truncatingIfNeeded: value &+ 1), into: &word, isExact: isExact)
        } else {
            unsafe insertStored(bytes, count: count, into: &word, isExact: isExact)
        }
    }

    /// The integer that text spells in its shortest form, if it is small enough to be its own number.
    @unsafe
    private static func smallInteger(_ bytes: UnsafeRawPointer, count: Int) -> Int64? {
        guard count > 0, count <= 10 else { return nil }
        var value: Int64 = 0
        for place in 0..<count {
            let digit = unsafe bytes.load(fromByteOffset: place, as: UInt8.self) &- 0x30
            if digit > 9 || (place == 0 && digit == 0 && count > 1) { return nil }
            value = value &* 10 &+ Int64(digit)
        }
        return value < smallIntegerCount ? value : nil
    }

    @unsafe
    private mutating func insertStored(
        _ bytes: UnsafeRawPointer, count: Int, into word: inout UInt64, isExact: Bool
    ) {
        if word >> 62 == 2 {
            let index = Int(word & DistinctSets.countMask)
            sketches[index].insert(hash: unsafe DistinctSets.sketchHash(bytes, count: count))
            return
        }
        var column = unsafe KeyColumn(bytes: bytes, count: count)
        let hash = unsafe values.hash(&column)
        var number = unsafe values.find(&column, hash: hash)
        if number < 0 {
            guard unsafe values.bytesUsed + values.recordBytes(&column) <= DistinctSets.valueBytesMax,
                values.count < Int(DistinctSets.stored)
            else {
                degraded &+= 1
                convert(&word)
                let index = Int(word & DistinctSets.countMask)
                sketches[index].insert(hash: unsafe DistinctSets.sketchHash(bytes, count: count))
                return
            }
            number = unsafe values.insert(&column, hash: hash)
        }
        insertNumber(DistinctSets.stored | UInt32(truncatingIfNeeded: number), into: &word, isExact: isExact)
    }

    @unsafe
    private static func sketchHash(_ bytes: UnsafeRawPointer, count: Int) -> UInt64 {
        unsafe KeyedHash.fixed.combine(bytes, count: count, KeyedHash.fixed.initial)
    }

    // MARK: Sets of numbers

    @inline(__always)
    private mutating func insertNumber(_ number: UInt32, into word: inout UInt64, isExact: Bool) {
        let tag = word >> 62
        if tag == 0 {
            let first = UInt32(truncatingIfNeeded: word & DistinctSets.valueMask)
            if first == number { return }
            if first == 0 {
                word = UInt64(number)
                return
            }
            let second = UInt32(truncatingIfNeeded: word >> 31 & DistinctSets.valueMask)
            if second == number { return }
            if second == 0 {
                word |= UInt64(number) << 31
                return
            }
        }
        insertIntoBlock(number, into: &word, isExact: isExact)
    }

    private mutating func insertIntoBlock(_ number: UInt32, into word: inout UInt64, isExact: Bool) {
        switch word >> 62 {
        case 0:
            let first = UInt32(truncatingIfNeeded: word & DistinctSets.valueMask)
            let second = UInt32(truncatingIfNeeded: word >> 31 & DistinctSets.valueMask)
            guard let place = allocate(log2: DistinctSets.smallestLog2) else {
                degraded &+= 1
                convert(&word)
                return insertIntoSketch(number, word)
            }
            let block = unsafe block(place)
            unsafe block[0] = first
            unsafe block[1] = second
            unsafe block[2] = number
            word = DistinctSets.blockWord(log2: DistinctSets.smallestLog2, place: place, count: 3)
        case 1:
            let log2 = Int(word >> 57 & 31)
            let place = Int(word >> 29 & 0xFFF_FFFF)
            let count = Int(word & DistinctSets.countMask)
            let block = unsafe block(place)
            if log2 <= DistinctSets.listLog2Max {
                for index in 0..<count where unsafe block[index] == number { return }
                if count < 1 << log2 {
                    unsafe block[count] = number
                    word &+= 1
                    return
                }
            } else {
                var index = slot(number, log2)
                let mask = 1 << log2 &- 1
                while true {
                    let found = unsafe block[index]
                    if found == number { return }
                    if found == 0 { break }
                    index = (index &+ 1) & mask
                }
                // Three slots of four in use at most.
                if count &* 4 < 3 << log2 {
                    unsafe block[index] = number
                    word &+= 1
                    if !isExact && count &+ 1 > DistinctSets.exactMax { convert(&word) }
                    return
                }
            }
            guard log2 < DistinctSets.blockLog2Max, let wider = allocate(log2: log2 + 1) else {
                degraded &+= 1
                convert(&word)
                return insertIntoSketch(number, word)
            }
            move(from: place, log2: log2, count: count, to: wider)
            free(place, log2: log2)
            word = DistinctSets.blockWord(log2: log2 + 1, place: wider, count: count)
            insertIntoBlock(number, into: &word, isExact: isExact)
        default:
            insertIntoSketch(number, word)
        }
    }

    private static func blockWord(log2: Int, place: Int, count: Int) -> UInt64 {
        1 << 62 | UInt64(log2) << 57 | UInt64(place) << 29 | UInt64(count)
    }

    @inline(__always)
    private func slot(_ number: UInt32, _ log2: Int) -> Int {
        Int((UInt64(number) &* factor) >> UInt64(64 &- log2))
    }

    @unsafe @inline(__always)
    private func block(_ place: Int) -> UnsafeMutablePointer<UInt32> {
        unsafe (blocks.base + place &* 16).assumingMemoryBound(to: UInt32.self)
    }

    private mutating func move(from place: Int, log2: Int, count: Int, to wider: Int) {
        let old = unsafe block(place)
        let new = unsafe block(wider)
        if log2 < DistinctSets.listLog2Max {
            for index in 0..<count { unsafe new[index] = old[index] }
            return
        }
        let mask = 1 << (log2 + 1) - 1
        for index in 0..<1 << log2 {
            let number = unsafe old[index]
            if number == 0 { continue }
            var target = slot(number, log2 + 1)
            while unsafe new[target] != 0 { target = (target + 1) & mask }
            unsafe new[target] = number
        }
    }

    /// The place of a zeroed block, or `nil` when the arena is full.
    private mutating func allocate(log2: Int) -> Int? {
        let size = 4 << log2
        let freed = Int(freeBlocks[log2])
        let place: Int
        if freed != 0 {
            freeBlocks[log2] = unsafe block(freed)[0]
            place = freed
        } else {
            guard blockUnitsUsed + size / 16 <= DistinctSets.blockUnitsMax else { return nil }
            place = blockUnitsUsed
            blockUnitsUsed += size / 16
            blocks.grow(toHold: blockUnitsUsed * 16)
        }
        unsafe UnsafeMutableRawPointer(block(place)).initializeMemory(as: UInt8.self, repeating: 0, count: size)
        return place
    }

    private mutating func free(_ place: Int, log2: Int) {
        unsafe block(place)[0] = freeBlocks[log2]
        freeBlocks[log2] = UInt32(place)
    }

    // MARK: Estimates

    private mutating func insertIntoSketch(_ number: UInt32, _ word: UInt64) {
        let hash = sketchHash(number)
        sketches[Int(word & DistinctSets.countMask)].insert(hash: hash)
    }

    private func sketchHash(_ number: UInt32) -> UInt64 {
        if number < DistinctSets.stored { return KeyedHash.fixed.hash(UInt64(number)) }
        var column = KeyColumn.absent
        unsafe values.read(Int(number ^ DistinctSets.stored), into: &column)
        guard let bytes = unsafe column.bytes else { return 0 }
        return unsafe DistinctSets.sketchHash(bytes, count: column.count)
    }

    /// Turns a set into an estimate, keeping what is in it.
    private mutating func convert(_ word: inout UInt64) {
        var sketch = HyperLogLog()
        forEachNumber(word) { sketch.insert(hash: sketchHash($0)) }
        if word >> 62 == 1 { free(Int(word >> 29 & 0xFFF_FFFF), log2: Int(word >> 57 & 31)) }
        sketches.append(sketch)
        word = 2 << 62 | UInt64(sketches.count - 1)
    }

    private borrowing func forEachNumber(_ word: UInt64, _ body: (UInt32) -> Void) {
        switch word >> 62 {
        case 0:
            let first = UInt32(truncatingIfNeeded: word & DistinctSets.valueMask)
            let second = UInt32(truncatingIfNeeded: word >> 31 & DistinctSets.valueMask)
            if first != 0 { body(first) }
            if second != 0 { body(second) }
        case 1:
            let log2 = Int(word >> 57 & 31)
            let block = unsafe block(Int(word >> 29 & 0xFFF_FFFF))
            // A list's free places and a table's empty slots are all zero.
            for index in 0..<1 << log2 where unsafe block[index] != 0 { body(unsafe block[index]) }
        default:
            break
        }
    }

    // MARK: Reading and merging

    /// How many values a set holds, and whether that is an estimate.
    func count(_ word: UInt64) -> (count: UInt64, isEstimate: Bool) {
        switch word >> 62 {
        case 0:
            (word & DistinctSets.valueMask == 0 ? 0 : word >> 31 == 0 ? 1 : 2, false)
        case 1:
            (word & DistinctSets.countMask, false)
        default:
            (sketches[Int(word & DistinctSets.countMask)].estimate, true)
        }
    }

    /// What a set holds, apart from the window, its values in order.
    func state(_ word: UInt64) -> DistinctState {
        if word >> 62 == 2 { return .estimate(sketches[Int(word & DistinctSets.countMask)]) }
        var found: [[UInt8]] = []
        unsafe forEachValue(word) { bytes, count in
            unsafe found.append([UInt8](UnsafeRawBufferPointer(start: bytes, count: count)))
        }
        found.sort { $0.lexicographicallyPrecedes($1) }
        return .exact(found)
    }

    private borrowing func forEachValue(_ word: UInt64, _ body: (UnsafeRawPointer, Int) -> Void) {
        forEachNumber(word) { number in
            if number < DistinctSets.stored {
                unsafe withDecimal(Int64(number) - 1, body)
            } else {
                var column = KeyColumn.absent
                unsafe values.read(Int(number ^ DistinctSets.stored), into: &column)
                if let bytes = unsafe column.bytes { unsafe body(bytes, column.count) }
            }
        }
    }

    mutating func merge(_ state: DistinctState, into word: inout UInt64, isExact: Bool) {
        switch state {
        case .estimate(let sketch):
            merge(sketch, into: &word)
        case .exact(let found):
            for value in found {
                unsafe value.withUnsafeBytes { buffer in
                    // An empty array may have no address; the empty text is a value all the same.
                    unsafe withUnsafeBytes(of: UInt8(0)) { empty in
                        guard let base = unsafe buffer.baseAddress ?? empty.baseAddress else { return }
                        unsafe insert(base, count: buffer.count, into: &word, isExact: isExact)
                    }
                }
            }
        }
    }

    private mutating func merge(_ sketch: HyperLogLog, into word: inout UInt64) {
        if word >> 62 != 2 { convert(&word) }
        sketches[Int(word & DistinctSets.countMask)].merge(sketch)
    }
}

/// A set of distinct values on its own, as it is published and restored.
public enum DistinctState: Sendable, Equatable {
    /// The values as text, in order.
    case exact([[UInt8]])
    case estimate(HyperLogLog)
}
