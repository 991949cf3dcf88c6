/// A fast 64-bit hash of bytes under a secret seed.
///
/// Each step multiplies two 64-bit words into 128 bits and folds the halves together (the technique of the wyhash
/// family). It is no cryptographic hash: a table that holds keys from outside takes a seed that outsiders cannot know,
/// so that colliding keys cannot be prepared. What reaches an output (a HyperLogLog's registers) takes a fixed seed.
/// The same seed and bytes give the same hash in every process and on every little-endian machine.
@frozen
public struct KeyedHash: Sendable, BitwiseCopyable {
    // All derived from the seed: no input word is known to cancel a factor, and a small seed is as good as any.
    @usableFromInline let start: UInt64
    @usableFromInline let first: UInt64
    @usableFromInline let second: UInt64

    /// The seed for hashes that decide what is written.
    public static let fixed = KeyedHash(seed: 0x7469_6465_7761_7463)

    /// A seed of this process alone, for tables whose order never reaches an output.
    public static let processLocal = KeyedHash(seed: UInt64.random(in: .min ... .max))

    public init(seed: UInt64) {
        // The constants are digits of π.
        first = KeyedHash.fold(seed ^ 0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7345) | 1
        second = KeyedHash.fold(seed ^ 0xA409_3822_299F_31D0, 0x082E_FA98_EC4E_6C89) | 1
        start = KeyedHash.fold(first ^ 0x4528_21E6_38D0_1377, second ^ 0xBE54_66CF_34E9_0C6C)
    }

    /// The 128-bit product of two words, its halves combined.
    @inlinable @inline(__always)
    static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    @inlinable @inline(__always)
    public var initial: UInt64 { start }

    /// The hash of one word, going on from `state`.
    @inlinable @inline(__always)
    public func combine(_ word: UInt64, _ state: UInt64) -> UInt64 {
        KeyedHash.fold(word ^ first, state ^ second)
    }

    /// The hash of `count` bytes from `bytes`, which must be readable, going on from `state`. The count is part of it,
    /// so that the hash of a list of values depends on where each ends.
    @unsafe @inlinable @inline(__always)
    public func combine(_ bytes: UnsafeRawPointer, count: Int, _ state: UInt64) -> UInt64 {
        var state = state
        var left: UInt64
        var right: UInt64 = 0
        if count <= 16 {
            if count >= 8 {
                left = unsafe bytes.loadUnaligned(as: UInt64.self)
                right = unsafe bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            } else if count >= 4 {
                left = UInt64(unsafe bytes.loadUnaligned(as: UInt32.self))
                right = UInt64(unsafe bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            } else if count > 0 {
                left = UInt64(unsafe bytes.load(as: UInt8.self))
                left |= UInt64(unsafe bytes.load(fromByteOffset: count / 2, as: UInt8.self)) << 8
                left |= UInt64(unsafe bytes.load(fromByteOffset: count &- 1, as: UInt8.self)) << 16
            } else {
                left = 0
            }
        } else {
            var place = 0
            if count > 48 {
                // Two lanes, so that one multiplication need not wait for the other.
                var lane = state ^ second
                while place &+ 32 < count {
                    state = KeyedHash.fold(unsafe word(bytes, place) ^ first, unsafe word(bytes, place &+ 8) ^ state)
                    lane = KeyedHash.fold(
                        unsafe word(bytes, place &+ 16) ^ second, unsafe word(bytes, place &+ 24) ^ lane)
                    place &+= 32
                }
                state = KeyedHash.fold(state ^ first, lane)
            }
            while place &+ 16 < count {
                state = KeyedHash.fold(unsafe word(bytes, place) ^ first, unsafe word(bytes, place &+ 8) ^ state)
                place &+= 16
            }
            left = unsafe word(bytes, count &- 16)
            right = unsafe word(bytes, count &- 8)
        }
        return KeyedHash.fold(
            KeyedHash.fold(left ^ first, right ^ state) ^ UInt64(truncatingIfNeeded: count), state ^ second)
    }

    @unsafe @inlinable @inline(__always)
    func word(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    /// The hash of a span of bytes.
    @inlinable
    public func hash(_ bytes: RawSpan) -> UInt64 {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return combine(0, combine(0, initial)) }
            return unsafe combine(base, count: buffer.count, initial)
        }
    }

    /// The hash of a span of bytes and of their count, going on from `state`.
    @inlinable @inline(__always)
    public func combine(_ bytes: RawSpan, _ state: UInt64) -> UInt64 {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return combine(0, state) }
            return unsafe combine(base, count: buffer.count, state)
        }
    }

    /// The hash of a whole number.
    @inlinable
    public func hash(_ value: UInt64) -> UInt64 {
        combine(value &* 0x9E37_79B9_7F4A_7C15, combine(value, initial))
    }
}
