import Statistics
import Text

/// Numbers groups by their keys' bytes: open addressing with linear probing, keys in one buffer.
///
/// Numbers are given out in the order in which groups are first seen and never change until `keep`. Only the places in
/// the table depend on the process's hash seed, and no output does.
struct GroupTable: Sendable {
    private struct Entry: Sendable {
        var hash: UInt64
        var keyOffset: Int
        var keyLength: Int
    }

    private var entries: [Entry] = []
    private var keys: [UInt8] = []
    /// Number plus one of the group at each place, 0 where it is free; at most half full. A power of two.
    private var places: [UInt32]
    private let hash = KeyedHash.processLocal

    init() {
        places = [UInt32](repeating: 0, count: 64)
    }

    var count: Int { entries.count }

    /// The number of the group with this key, if it is known.
    func find(_ key: RawSpan) -> Int? {
        let number = places[place(of: key, hashOf(key))]
        return number == 0 ? nil : Int(number) - 1
    }

    /// The key of the group with this number.
    func key(_ number: Int) -> [UInt8] {
        let entry = entries[number]
        return Array(keys[entry.keyOffset..<(entry.keyOffset + entry.keyLength)])
    }

    /// Adds a group that is not known, giving its number: the count before.
    mutating func add(_ key: RawSpan) -> Int {
        if (entries.count + 1) * 2 > places.count { rebuild(placeCount: places.count * 2) }
        let hash = hashOf(key)
        let offset = keys.count
        for index in 0..<key.byteCount { keys.append(key.byte(index)) }
        places[place(of: key, hash)] = UInt32(entries.count + 1)
        entries.append(Entry(hash: hash, keyOffset: offset, keyLength: key.byteCount))
        return entries.count - 1
    }

    /// Forgets the groups for which `isKept` is false; the others close up in their order.
    mutating func keep(_ isKept: (Int) -> Bool) {
        var keptEntries: [Entry] = []
        var keptKeys: [UInt8] = []
        for (number, entry) in entries.enumerated() where isKept(number) {
            var kept = entry
            kept.keyOffset = keptKeys.count
            keptKeys += keys[entry.keyOffset..<(entry.keyOffset + entry.keyLength)]
            keptEntries.append(kept)
        }
        entries = keptEntries
        keys = keptKeys
        rebuild(placeCount: places.count)
    }

    private mutating func rebuild(placeCount: Int) {
        places = [UInt32](repeating: 0, count: placeCount)
        for (number, entry) in entries.enumerated() {
            var place = Int(truncatingIfNeeded: entry.hash) & (placeCount - 1)
            while places[place] != 0 { place = (place + 1) & (placeCount - 1) }
            places[place] = UInt32(number + 1)
        }
    }

    /// The place that holds the key, or the free one where it belongs.
    private func place(of key: RawSpan, _ hash: UInt64) -> Int {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != 0, !isKey(entries[Int(places[place]) - 1], key, hash) { place = (place + 1) & mask }
        return place
    }

    private func isKey(_ entry: Entry, _ key: RawSpan, _ hash: UInt64) -> Bool {
        guard entry.hash == hash, entry.keyLength == key.byteCount else { return false }
        let known = unsafe keys.span.bytes.extracting(entry.keyOffset..<(entry.keyOffset + entry.keyLength))
        var place = 0
        while place <= key.byteCount - 8 {
            if GroupTable.word(known, place) != GroupTable.word(key, place) { return false }
            place += 8
        }
        while place < key.byteCount {
            if known.byte(place) != key.byte(place) { return false }
            place += 1
        }
        return true
    }

    private func hashOf(_ key: RawSpan) -> UInt64 {
        unsafe key.withUnsafeBytes { bytes in
            // The pointer stays in this closure. An empty span may have none.
            guard let base = bytes.baseAddress else { return hash.initial }
            return unsafe hash.combine(base, count: bytes.count, hash.initial)
        }
    }

    /// Eight bytes, unaligned; bounds are checked.
    private static func word(_ key: RawSpan, _ place: Int) -> UInt64 {
        unsafe key.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
    }
}
