import TelemetryModel

/// What is kept of some slices in a row once they are downsampled: their sums, and how they were judged.
///
/// Good and total are added up over the slices that were consistent. A slice's own numbers are gone, so its verdict is
/// final: `known`, `inconsistent` and `score` stay what they were.
public struct DownsampledCell: Sendable, Equatable {
    public var counts = SliceCounts()
    /// Slices that held a record.
    public var known: Int64 = 0
    /// Good slices for Timeslices; for RatioTimeslices the whole part of the sum of the slices' ratios; else 0.
    public var score: Int64 = 0
    /// For RatioTimeslices what that sum has behind the point, in 10^-18.
    public var scoreFraction: Int64 = 0
    /// Slices whose good or bad exceeded their total.
    public var inconsistent: Int64 = 0

    var isFilled: Bool { known > 0 || inconsistent > 0 }
    var isZero: Bool { self == DownsampledCell() }

    /// The cell of a block's slices in `range`, `nil` where their sums leave 64 bits and the block must stay as it is.
    init?(_ block: SliceBlock, _ range: Range<Int64>, method: BudgetingMethod) {
        let sum = block.tally(range, method: method)
        guard let good = Int64(exactly: sum.good), let total = Int64(exactly: sum.total),
            let late = Int64(exactly: block.late(range))
        else { return nil }
        self.init(
            counts: SliceCounts(good: good, total: total, late: late), known: sum.slices,
            inconsistent: sum.inconsistent)
        switch method {
        case .occurrences: break
        case .timeslices: score = Int64(sum.score)
        case .ratioTimeslices:
            // Sixty slices score at most 60 × 10^18.
            let (whole, fraction) = sum.score.quotientAndRemainder(dividingBy: BudgetingMethod.ratioUnit)
            score = Int64(whole)
            scoreFraction = Int64(fraction)
        }
    }

    init(
        counts: SliceCounts = SliceCounts(), known: Int64 = 0, score: Int64 = 0, scoreFraction: Int64 = 0,
        inconsistent: Int64 = 0
    ) {
        self.counts = counts
        self.known = known
        self.score = score
        self.scoreFraction = scoreFraction
        self.inconsistent = inconsistent
    }

    func tally(_ method: BudgetingMethod) -> Tally {
        // What came after the slices were downsampled may contradict the rest of its cell, which then is in no sum.
        if !counts.isConsistent {
            return Tally(inconsistent: max(1, known + inconsistent))
        }
        let score =
            switch method {
            case .occurrences: Int128(counts.good)
            case .timeslices: Int128(score)
            case .ratioTimeslices: Int128(score) * BudgetingMethod.ratioUnit + Int128(scoreFraction)
            }
        return Tally(
            good: Int128(counts.good), total: Int128(counts.total), slices: known, inconsistent: inconsistent,
            score: score)
    }

    /// The cell of the slices of both.
    func joined(with other: DownsampledCell) -> DownsampledCell {
        var joined = self
        let more = SliceDelta(
            start: Timestamp(nanoseconds: 0), good: other.counts.good, total: other.counts.total,
            late: other.counts.late)
        joined.counts = counts.adding(more)
        joined.known += other.known
        joined.inconsistent += other.inconsistent
        let unit = Int64(BudgetingMethod.ratioUnit)
        let fraction = scoreFraction + other.scoreFraction
        joined.score += other.score + fraction / unit
        joined.scoreFraction = fraction % unit
        if joined.counts.isOutOfRange {
            return DownsampledCell(
                counts: SliceCounts(late: joined.counts.late), inconsistent: max(1, joined.known + joined.inconsistent))
        }
        return joined
    }

    /// Counts what comes for one of the cell's slices after they were downsampled.
    ///
    /// For Occurrences good and total stay exact. Whether the slice held a record before is not known any more, so that it
    /// makes one slice known only where none was. The other two methods judge slices, and none can be judged anew, nor can
    /// an inconsistent one be told from the rest of its cell: the records are counted as late, which reports show, and
    /// nowhere else.
    mutating func add(_ delta: SliceDelta, method: BudgetingMethod) {
        let sums = counts.adding(delta)
        counts.late = sums.late
        if case .occurrences = method, inconsistent == 0 {
            if sums.isOutOfRange {
                // The cell's sums can't be told any more.
                self = DownsampledCell(
                    counts: SliceCounts(late: sums.late), inconsistent: max(1, known))
                return
            }
            counts = sums
            if known == 0 && counts.total > 0 { known = 1 }
        } else {
            // Good or bad records may come without their total, which is another source's.
            counts.late = counts.late.saturatingAdding(
                delta.total == SliceCounts.outOfRange
                    ? .max : max(0, delta.total, delta.good, delta.total.saturatingSubtracting(delta.good)))
        }
    }
}
