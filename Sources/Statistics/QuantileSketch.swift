/// Quantiles of many numbers within a stated relative error, by counting them in buckets of growing width.
///
/// A bucket is the numbers that agree in sign, exponent and the first seven bits of the significand: 128 buckets to
/// each power of two, by masking bits, so that no logarithm's rounding can differ between machines. A bucket's middle is
/// within 1/256 (0.39 %) of all that it holds. Like DDSketch it counts in integers, merges exactly, and depends on the
/// set of values alone, not on their order.
///
/// At most `bucketsMax` buckets are kept: with more, pairs of neighbours are joined, all over, and the error doubles.
/// How often that happens is decided by the values alone as well (the number of distinct buckets only grows), so it
/// does not break the promise.
public struct QuantileSketch: Sendable, Equatable {
    public static let bucketsMax = 2049
    private static let significandBits = 7
    /// 2047 × 128 buckets of each sign are 1024 after eight halvings, and zero is by itself: no ninth is needed.
    public static let joinsMax = 8

    /// Bucket indexes, ascending; negative for negative numbers, 0 for zero.
    public private(set) var indexes: [Int32] = []
    /// Values in each bucket.
    public private(set) var counts: [UInt64] = []
    public private(set) var count: UInt64 = 0
    /// How often neighbours were joined, from 0 to `joinsMax`.
    public private(set) var joins = 0

    public init() {}

    /// A sketch as it was published; `nil` when it could not have come from one.
    public init?(indexes: [Int32], counts: [UInt64], joins: Int) {
        guard indexes.count == counts.count, indexes.count <= QuantileSketch.bucketsMax,
            (0...QuantileSketch.joinsMax).contains(joins),
            zip(indexes, indexes.dropFirst()).allSatisfy({ $0 < $1 }), !counts.contains(0)
        else { return nil }
        let largest = QuantileSketch.bucket(of: .greatestFiniteMagnitude)
        let indexMax = QuantileSketch.join(largest, times: joins).magnitude
        guard indexes.allSatisfy({ $0.magnitude <= indexMax }) else { return nil }
        for part in counts {
            let (sum, overflow) = count.addingReportingOverflow(part)
            if overflow { return nil }
            count = sum
        }
        self.indexes = indexes
        self.counts = counts
        self.joins = joins
    }

    /// Adds a value; false, and nothing is done, when it is not finite.
    @discardableResult
    public mutating func insert(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        add(1, at: QuantileSketch.join(QuantileSketch.bucket(of: value), times: joins))
        return true
    }

    public mutating func merge(_ other: QuantileSketch) {
        while joins < other.joins { joinNeighbours() }
        for (index, count) in zip(other.indexes, other.counts) {
            // `joins` may grow on the way.
            add(count, at: QuantileSketch.join(index, times: joins - other.joins))
        }
    }

    /// The value at `quantile` (0 to 1) of the values in order, the lower one where it falls between two; `nil` when
    /// there are none.
    public func value(at quantile: Double) -> Double? {
        guard count > 0 else { return nil }
        let share = min(max(quantile, 0), 1)
        // The rank counts from 0, and rounding down keeps it within the values.
        let rank = min(UInt64(Double(count - 1) * share), count - 1)
        var seen: UInt64 = 0
        for (index, count) in zip(indexes, counts) {
            seen &+= count
            if seen > rank { return QuantileSketch.middle(of: index, joins: joins) }
        }
        return nil
    }

    private mutating func add(_ more: UInt64, at index: Int32) {
        count &+= more
        var (low, high) = (0, indexes.count)
        while low < high {
            let middle = (low + high) / 2
            if indexes[middle] < index { low = middle + 1 } else { high = middle }
        }
        if low < indexes.count, indexes[low] == index {
            counts[low] &+= more
            return
        }
        indexes.insert(index, at: low)
        counts.insert(more, at: low)
        while indexes.count > QuantileSketch.bucketsMax { joinNeighbours() }
    }

    private mutating func joinNeighbours() {
        joins += 1
        var kept = 0
        for place in indexes.indices {
            let index = QuantileSketch.join(indexes[place], times: 1)
            if kept > 0, indexes[kept - 1] == index {
                counts[kept - 1] &+= counts[place]
            } else {
                indexes[kept] = index
                counts[kept] = counts[place]
                kept += 1
            }
        }
        indexes.removeLast(indexes.count - kept)
        counts.removeLast(counts.count - kept)
    }

    /// The bucket before any joining: the magnitude's leading bits, counted from 1, with the value's sign.
    private static func bucket(of value: Double) -> Int32 {
        if value == 0 { return 0 }
        let leading = Int32(truncatingIfNeeded: value.magnitude.bitPattern >> UInt64(52 - significandBits)) + 1
        return value < 0 ? -leading : leading
    }

    /// The bucket that holds `index` after joining. Zero stays alone at any width.
    private static func join(_ index: Int32, times: Int) -> Int32 {
        if index == 0 { return 0 }
        let leading = ((index.magnitude - 1) >> UInt32(times)) + 1
        return index < 0 ? -Int32(leading) : Int32(leading)
    }

    private static func middle(of index: Int32, joins: Int) -> Double {
        if index == 0 { return 0 }
        let shift = UInt64(52 - significandBits + joins)
        let lowest = UInt64(index.magnitude - 1) << shift
        let bits = lowest + (1 << (shift - 1))
        // The topmost bucket's middle may lie past the largest number.
        let magnitude = min(Double(bitPattern: bits), .greatestFiniteMagnitude)
        return index < 0 ? -magnitude : magnitude
    }
}
