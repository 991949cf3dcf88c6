import Statistics

/// One value of a key, as bytes somewhere else.
///
/// Whoever makes one keeps the bytes alive while it is in use: for one event, or until the next insertion.
@safe
struct KeyColumn: BitwiseCopyable {
    /// Readable for `count` bytes; meaningless when absent.
    var bytes: UnsafeRawPointer?
    /// −1 for a value that is not there.
    var count: Int

    static var absent: KeyColumn { unsafe KeyColumn(bytes: nil, count: -1) }
    @inline(__always) var isAbsent: Bool { count < 0 }
}

/// Keys of one or more values, each stored once and numbered in the order of their arrival.
///
/// Open addressing over 64-bit slots: 32 bits of the key's hash and the place of its record. The hash is seeded for each
/// process, so colliding keys cannot be prepared; every hit compares the key's bytes, so a collision costs time and
/// never an answer.
///
/// A record is the key's number, the length of each value, then for each value a byte 1, its bytes and a byte 0, or a
/// single 0 where the value is absent. In this form comparing bytes orders keys value by value, the absent value first.
///
/// Owner: one thread. Lifetime: records move when the arena grows, so no address outlives the next `insert`.
@safe
struct KeyTable: ~Copyable {
    let columnCount: Int
    private(set) var count = 0
    private(set) var bytesUsed = 0
    private var records: RawStorage
    /// The place of each record in units of eight bytes, by the key's number.
    private var places: RawStorage
    private var slots: RawStorage
    private var mask: UInt32
    private let hash: KeyedHash

    /// Places are 32 bits in units of eight bytes; the last is left unused.
    static let bytesMax = (Int(UInt32.max) - 1) * 8
    private static let lengthsOffset = 4

    init(columnCount: Int, hash: KeyedHash = .processLocal) {
        self.columnCount = columnCount
        self.hash = hash
        records = RawStorage(byteCount: 256)
        places = RawStorage(byteCount: 16)
        slots = RawStorage(byteCount: 8 * 8)
        mask = 7
    }

    /// What it takes, in bytes.
    var tableBytes: Int { records.byteCount + places.byteCount + slots.byteCount }

    /// The hash of no value yet.
    var emptyState: UInt64 { hash.initial }

    /// The hash of one value more.
    @inline(__always)
    func combine(_ column: KeyColumn, _ state: UInt64) -> UInt64 {
        if let bytes = unsafe column.bytes, !column.isAbsent {
            return unsafe hash.combine(bytes, count: column.count, state)
        }
        return hash.combine(0x616273656E74, state)
    }

    /// Of all values the part that is kept.
    @inline(__always)
    static func hash(_ state: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: state >> 32) }

    @unsafe @inline(__always)
    func hash(_ columns: UnsafePointer<KeyColumn>) -> UInt32 {
        var state = emptyState
        for index in 0..<columnCount { state = combine(unsafe columns[index], state) }
        return KeyTable.hash(state)
    }

    /// Reads the first slot that `find` will look at, so that it is in a cache by then.
    @inline(__always)
    func touch(hash: UInt32) -> UInt64 {
        unsafe slots.base.load(fromByteOffset: Int(hash & mask) &* 8, as: UInt64.self)
    }

    /// Reads the start of the record that a slot names, if it is likely the one sought.
    @inline(__always)
    func touchRecord(_ slot: UInt64, hash: UInt32) -> UInt64 {
        guard UInt32(truncatingIfNeeded: slot >> 32) == hash, slot != 0 else { return 0 }
        return unsafe records.base.load(fromByteOffset: Int(slot & 0xFFFF_FFFF &- 1) &* 8, as: UInt64.self)
    }

    /// The number of a key, or −1.
    @unsafe @inline(__always)
    func find(_ columns: UnsafePointer<KeyColumn>, hash: UInt32) -> Int {
        var index = hash & mask
        let slots = unsafe slots.base.assumingMemoryBound(to: UInt64.self)
        while true {
            let slot = unsafe slots[Int(index)]
            if slot == 0 { return -1 }
            if UInt32(truncatingIfNeeded: slot >> 32) == hash {
                let record = unsafe UnsafeRawPointer(records.base) + Int(slot & 0xFFFF_FFFF &- 1) &* 8
                if unsafe matches(record, columns) {
                    return Int(unsafe record.load(as: UInt32.self))
                }
            }
            index = (index &+ 1) & mask
        }
    }

    @unsafe @inline(__always)
    private func matches(_ record: UnsafeRawPointer, _ columns: UnsafePointer<KeyColumn>) -> Bool {
        var place = KeyTable.lengthsOffset &+ columnCount &* 4
        for index in 0..<columnCount {
            let column = unsafe columns[index]
            // An absent value's −1 is the stored length's largest value.
            guard
                unsafe record.load(fromByteOffset: KeyTable.lengthsOffset &+ index &* 4, as: UInt32.self)
                    == UInt32(truncatingIfNeeded: column.count)
            else { return false }
            if let bytes = unsafe column.bytes, !column.isAbsent {
                guard unsafe equalBytes(record + (place &+ 1), bytes, count: column.count) else { return false }
                place &+= column.count &+ 2
            } else {
                place &+= 1
            }
        }
        return true
    }

    /// Bytes that a key's record takes.
    @unsafe
    func recordBytes(_ columns: UnsafePointer<KeyColumn>) -> Int {
        var size = KeyTable.lengthsOffset + columnCount * 4
        for index in 0..<columnCount { size += max(unsafe columns[index].count, -1) + 2 }
        return (size + 7) & ~7
    }

    /// Adds a key that `find` did not find, and returns its number. The record must fit below `bytesMax`.
    @unsafe
    mutating func insert(_ columns: UnsafePointer<KeyColumn>, hash: UInt32) -> Int {
        let size = unsafe recordBytes(columns)
        precondition(bytesUsed + size <= KeyTable.bytesMax && count < Int(UInt32.max), "the key table is full")
        records.grow(toHold: bytesUsed + size)
        let record = unsafe records.base + bytesUsed
        unsafe record.storeBytes(of: UInt32(count), as: UInt32.self)
        var place = KeyTable.lengthsOffset + columnCount * 4
        for index in 0..<columnCount {
            let column = unsafe columns[index]
            unsafe record.storeBytes(
                of: UInt32(truncatingIfNeeded: column.count), toByteOffset: KeyTable.lengthsOffset + index * 4,
                as: UInt32.self)
            if let bytes = unsafe column.bytes, !column.isAbsent {
                unsafe record.storeBytes(of: 1, toByteOffset: place, as: UInt8.self)
                unsafe (record + place + 1).copyMemory(from: bytes, byteCount: column.count)
                unsafe record.storeBytes(of: 0, toByteOffset: place + 1 + column.count, as: UInt8.self)
                place += column.count + 2
            } else {
                unsafe record.storeBytes(of: 0, toByteOffset: place, as: UInt8.self)
                place += 1
            }
        }
        let unit = bytesUsed / 8
        places.grow(toHold: (count + 1) * 4)
        unsafe places.base.storeBytes(of: UInt32(unit), toByteOffset: count * 4, as: UInt32.self)
        bytesUsed += size
        count += 1
        // Three slots of four in use at most: probes stay short, and an empty slot always ends them.
        if count * 4 > (Int(mask) + 1) * 3 { rehash() }
        unsafe KeyTable.place(UInt64(hash) << 32 | UInt64(unit + 1), slots.base, mask)
        return count - 1
    }

    @unsafe @inline(__always)
    private static func place(_ slot: UInt64, _ slots: UnsafeMutableRawPointer, _ mask: UInt32) {
        let slots = unsafe slots.assumingMemoryBound(to: UInt64.self)
        var index = UInt32(truncatingIfNeeded: slot >> 32) & mask
        while unsafe slots[Int(index)] != 0 { index = (index &+ 1) & mask }
        unsafe slots[Int(index)] = slot
    }

    private mutating func rehash() {
        let old = Int(mask) + 1
        let wider = RawStorage(byteCount: old * 2 * 8)
        let widerMask = UInt32(old * 2 - 1)
        for index in 0..<old {
            let slot = unsafe slots.base.load(fromByteOffset: index * 8, as: UInt64.self)
            if slot != 0 { unsafe KeyTable.place(slot, wider.base, widerMask) }
        }
        slots = wider
        mask = widerMask
    }

    // MARK: Reading keys back

    @unsafe @inline(__always)
    private func record(_ key: Int) -> UnsafeRawPointer {
        precondition(key >= 0 && key < count, "no such key")
        let unit = unsafe places.base.load(fromByteOffset: key &* 4, as: UInt32.self)
        return unsafe UnsafeRawPointer(records.base) + Int(unit) &* 8
    }

    /// Points `columns` at the values of a key, until the next `insert`.
    @unsafe
    func read(_ key: Int, into columns: UnsafeMutablePointer<KeyColumn>) {
        let record = unsafe record(key)
        var place = KeyTable.lengthsOffset + columnCount * 4
        for index in 0..<columnCount {
            let length = unsafe record.load(fromByteOffset: KeyTable.lengthsOffset + index * 4, as: UInt32.self)
            if length == .max {
                unsafe columns[index] = .absent
                place += 1
            } else {
                unsafe columns[index] = KeyColumn(bytes: record + place + 1, count: Int(length))
                place += Int(length) + 2
            }
        }
    }

    /// The part of a record that orders it, and its length in bytes.
    @unsafe @inline(__always)
    private func orderedBytes(_ key: Int) -> (UnsafeRawPointer, Int) {
        let record = unsafe record(key)
        var size = 0
        for index in 0..<columnCount {
            let length = unsafe record.load(fromByteOffset: KeyTable.lengthsOffset &+ index &* 4, as: UInt32.self)
            size &+= length == .max ? 1 : Int(length) &+ 2
        }
        return unsafe (record + (KeyTable.lengthsOffset &+ columnCount &* 4), size)
    }

    /// Whether one key sorts before another: value by value as bytes, an absent value first.
    func precedes(_ left: Int, _ right: Int) -> Bool {
        let (leftBytes, leftCount) = unsafe orderedBytes(left)
        let (rightBytes, rightCount) = unsafe orderedBytes(right)
        let order = unsafe compareBytes(leftBytes, rightBytes, count: min(leftCount, rightCount))
        if order != 0 { return order < 0 }
        if leftCount != rightCount { return leftCount < rightCount }
        // Only values that hold zero bytes can be equal so far and yet differ; their lengths decide.
        for index in 0..<columnCount {
            let offset = KeyTable.lengthsOffset + index * 4
            let leftLength = unsafe record(left).load(fromByteOffset: offset, as: UInt32.self)
            let rightLength = unsafe record(right).load(fromByteOffset: offset, as: UInt32.self)
            if leftLength != rightLength { return leftLength < rightLength }
        }
        return false
    }

    /// The keys' numbers in the keys' order.
    func sorted(_ keys: [UInt32]) -> [UInt32] {
        guard let first = keys.first else { return [] }
        // Most comparisons are settled by the eight bytes after what all keys have in common.
        var common = Int.max
        let (firstBytes, firstCount) = unsafe orderedBytes(Int(first))
        for key in keys {
            let (bytes, count) = unsafe orderedBytes(Int(key))
            common = min(common, firstCount, count)
            if unsafe compareBytes(firstBytes, bytes, count: common) == 0 { continue }
            var place = 0
            while unsafe firstBytes.load(fromByteOffset: place, as: UInt8.self)
                == bytes.load(fromByteOffset: place, as: UInt8.self)
            {
                place += 1
            }
            common = place
        }
        var entries: [(prefix: UInt64, key: UInt32)] = []
        entries.reserveCapacity(keys.count)
        for key in keys {
            let (bytes, count) = unsafe orderedBytes(Int(key))
            var prefix: UInt64 = 0
            for offset in common..<common + 8 {
                prefix = prefix << 8
                if offset < count { prefix |= UInt64(unsafe bytes.load(fromByteOffset: offset, as: UInt8.self)) }
            }
            entries.append((prefix, key))
        }
        entries.sort { left, right in
            left.prefix != right.prefix
                ? left.prefix < right.prefix : precedes(Int(left.key), Int(right.key))
        }
        return entries.map(\.key)
    }
}
