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
    public var excluded: Int64
    /// The selectors that matched a record of the slice, whatever it adds up to: a metric may be 0.
    public var matched: SelectorParts

    public init(
        start: Timestamp, good: Int64 = 0, total: Int64 = 0, late: Int64 = 0, excluded: Int64 = 0,
        matched: SelectorParts = []
    ) {
        self.start = start
        self.good = good
        self.total = total
        self.late = late
        self.excluded = excluded
        self.matched = matched
    }
}
