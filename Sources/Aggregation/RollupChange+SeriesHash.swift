extension RollupChange {
    /// A hash of a series, a rollup's name and a group, that is the same in every process and for good: it decides which
    /// shard of a topic a series belongs to. FNV-1a of 64 bits over the name and the values in UTF-8, each value behind a
    /// byte 0xFE and an absent one as a byte 0xFF, neither of which occurs in UTF-8; so an absent value and an empty one
    /// differ, and so do values that are split elsewhere.
    public static func seriesHash(rollup: String, group: [String?]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        for byte in rollup.utf8 { add(byte) }
        for value in group {
            guard let value else {
                add(0xFF)
                continue
            }
            add(0xFE)
            for byte in value.utf8 { add(byte) }
        }
        return hash
    }
}
