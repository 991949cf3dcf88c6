import Statistics

/// Tells values that came before from those that did not, by their hashes: of what a million records have a name is made once.
///
/// Two values of one hash, of 63 bits under a seed of this process, would be taken for one.
struct SeenHashes: Sendable {
    static let hash = KeyedHash.processLocal
    /// Half a megabyte. Of more values each is taken for new, however often it comes.
    private static let countMax = 1 << 15

    private var slots = [UInt64](repeating: 0, count: 64)
    private var count = 0

    /// Whether it is new.
    mutating func insert(_ hash: UInt64) -> Bool {
        // 0 is a slot without a hash.
        let hash = hash | 1
        var place = place(of: hash)
        if slots[place] == hash { return false }
        if count == SeenHashes.countMax { return true }
        if count * 2 >= slots.count {
            grow()
            place = self.place(of: hash)
        }
        slots[place] = hash
        count += 1
        return true
    }

    private func place(of hash: UInt64) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash >> 32) & mask
        while slots[place] != 0, slots[place] != hash { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let before = slots
        slots = [UInt64](repeating: 0, count: before.count * 2)
        for hash in before where hash != 0 { slots[place(of: hash)] = hash }
    }
}
