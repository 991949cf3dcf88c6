/// FNV-1a (Fowler, Noll, Vo) in 64 bits: the same on every machine and in every release, for what is written down and
/// compared later. Those who choose the bytes can give two texts one hash; a table in memory uses a hash with a key instead.
public struct FNV1a: Sendable, Equatable {
    public private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    public init() {}

    public init(_ text: String) {
        add(text)
    }

    public mutating func add(_ byte: UInt8) {
        hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// Its UTF-8.
    public mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
    }
}
