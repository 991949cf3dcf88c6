/// Some of 256 rows of a batch, a bit each.
@frozen
public struct RowMask: BitwiseCopyable, Sendable, Equatable {
    /// As many as a batch has by default.
    public static let rowsMax = 256

    @usableFromInline var words: SIMD4<UInt64>

    @inlinable
    init(words: SIMD4<UInt64>) {
        self.words = words
    }

    @inlinable
    public init() {
        words = .zero
    }

    /// The rows below `count`, which is at most `rowsMax`.
    public init(below count: Int) {
        words = .zero
        for word in 0..<4 {
            let bits = min(max(count - word * 64, 0), 64)
            words[word] = bits == 64 ? .max : 1 << UInt64(bits) - 1
        }
    }

    @inlinable @inline(__always)
    public var isEmpty: Bool { words[0] | words[1] | words[2] | words[3] == 0 }

    /// Of all words at once, as not every processor that this runs on has an instruction for it.
    @inlinable @inline(__always)
    public var count: Int {
        var sums = words &- ((words &>> 1) & 0x5555_5555_5555_5555)
        sums = (sums & 0x3333_3333_3333_3333) &+ ((sums &>> 2) & 0x3333_3333_3333_3333)
        sums = (sums &+ (sums &>> 4)) & 0x0F0F_0F0F_0F0F_0F0F
        // 32 at most in each byte, and 256 in all, which a byte does not hold.
        let bytes = sums[0] &+ sums[1] &+ sums[2] &+ sums[3]
        let pairs = (bytes & 0x00FF_00FF_00FF_00FF) &+ ((bytes &>> 8) & 0x00FF_00FF_00FF_00FF)
        return Int(truncatingIfNeeded: (pairs &* 0x0001_0001_0001_0001) &>> 48)
    }

    @inlinable
    public func contains(_ row: Int) -> Bool { words[row >> 6] >> UInt64(truncatingIfNeeded: row & 63) & 1 != 0 }

    @inlinable
    public mutating func insert(_ row: Int) {
        words[row >> 6] |= 1 << UInt64(truncatingIfNeeded: row & 63)
    }

    /// The 32 rows from `row` on, the first the lowest bit; `row` is a multiple of 32.
    @inlinable
    public func bits(from row: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: words[row >> 6] >> UInt64(truncatingIfNeeded: row & 32))
    }

    @inlinable @inline(__always)
    public static func == (left: RowMask, right: RowMask) -> Bool { RowMask(words: left.words ^ right.words).isEmpty }

    @inlinable @inline(__always)
    public static func & (left: RowMask, right: RowMask) -> RowMask { RowMask(words: left.words & right.words) }

    @inlinable @inline(__always)
    public static func | (left: RowMask, right: RowMask) -> RowMask { RowMask(words: left.words | right.words) }

    @inlinable @inline(__always)
    public func subtracting(_ other: RowMask) -> RowMask { RowMask(words: words & ~other.words) }

    /// Calls `body` with each row, the lowest first.
    @inlinable @inline(__always)
    public func forEach(_ body: (Int) -> Void) {
        for word in 0..<4 {
            var rest = words[word]
            while rest != 0 {
                body(word &* 64 &+ rest.trailingZeroBitCount)
                rest &= rest &- 1
            }
        }
    }
}
