import Alerting

/// In which partition of the feed an alert's records lie: by its dedup key, as Java's default partitioner and that of this project's
/// producer choose by a record's key. Records whose key has an epoch too have to lie where those without one do: a
/// sink's log goes with the partition, and the order of an alert's records is that of one.
package enum FeedPartition {
    package static func partition(of key: DedupKey, among count: Int) -> Int32 {
        Int32(Int(murmur2(Array(key.text.utf8)) & 0x7FFF_FFFF) % max(1, count))
    }

    /// MurmurHash2 in 32 bits with Kafka's seed.
    static func murmur2(_ bytes: [UInt8]) -> UInt32 {
        let factor: UInt32 = 0x5BD1_E995
        var hash: UInt32 = 0x9747_B28C ^ UInt32(truncatingIfNeeded: bytes.count)
        let whole = bytes.count / 4 * 4
        for place in stride(from: 0, to: whole, by: 4) {
            var word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
            word &*= factor
            word ^= word >> 24
            word &*= factor
            hash &*= factor
            hash ^= word
        }
        if whole < bytes.count {
            for place in whole..<bytes.count { hash ^= UInt32(bytes[place]) << UInt32(8 * (place - whole)) }
            hash &*= factor
        }
        hash ^= hash >> 13
        hash &*= factor
        return hash ^ hash >> 15
    }
}
