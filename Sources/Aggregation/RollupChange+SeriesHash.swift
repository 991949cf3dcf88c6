import Text

extension RollupChange {
    /// A hash of a series, a rollup's name and a group, that is the same in every process and for good: it decides which
    /// shard of a topic a series belongs to. FNV-1a of 64 bits over the name and the values in UTF-8, each value behind a
    /// byte 0xFE and an absent one as a byte 0xFF, neither of which occurs in UTF-8; so an absent value and an empty one
    /// differ, and so do values that are split elsewhere.
    public static func seriesHash(rollup: String, group: [String?]) -> UInt64 {
        var hash = FNV1a(rollup)
        for value in group {
            guard let value else {
                hash.add(0xFF)
                continue
            }
            hash.add(0xFE)
            hash.add(value)
        }
        return hash.hash
    }
}
