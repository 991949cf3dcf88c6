import TelemetryModel

/// What is to be added to one slice of an objective: signed, because a restated count takes back what it said before.
///
/// An objective that counts bad records gives `good` as total less bad, which may be below zero where its bad records
/// come from another source than its total and are read first.
public struct SliceDelta: Sendable, Equatable {
    /// Any time in the slice.
    public var start: Timestamp
    public var good: Int64
    public var total: Int64
    public var late: Int64
    /// The selectors that matched a record of the slice, whatever it adds up to: a metric may be 0.
    public var matched: SelectorParts
    /// What is to be added beyond whole numbers; `nil` where everything is whole.
    public var fraction: SliceFraction?
    /// Of what arrived when its slice was over: the start of the slice in which it did. `nil` for what arrived in time.
    ///
    /// Judgements are made of slices at their ends, some whole slices later for the final ones, so no more has to be known of it.
    public var arrival: Timestamp?

    public init(
        start: Timestamp, good: Int64 = 0, total: Int64 = 0, late: Int64 = 0,
        matched: SelectorParts = [], fraction: SliceFraction? = nil, arrival: Timestamp? = nil
    ) {
        self.start = start
        self.good = good
        self.total = total
        self.late = late
        self.matched = matched
        self.fraction = fraction
        self.arrival = arrival
    }
}

extension SliceDelta {
    /// A sum that has left 64 bits: what good and total both read then.
    public static let outOfRange = SliceCounts.outOfRange

    /// In whole numbers, for sums of which no fraction is kept.
    var rounded: SliceDelta {
        guard var rest = fraction else { return self }
        let whole = rest.takeWhole()
        var rounded = self
        rounded.fraction = nil
        let more = SliceDelta(start: start, good: whole.good, total: whole.total)
        let sums = SliceCounts(good: good, total: total).adding(more)
        (rounded.good, rounded.total) = (sums.good, sums.total)
        return rounded
    }
}
