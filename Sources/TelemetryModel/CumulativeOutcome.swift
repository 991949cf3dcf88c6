/// What became of a point of a cumulative metric that did not simply become the difference to the point before it.
///
/// Raw values are the published codes: add freely, rename never.
public enum CumulativeOutcome: String, CaseIterable, Sendable {
    /// The first point of a series that began before the stream, or whose beginning is not known: what later points are
    /// measured from. It adds nothing itself.
    case base
    /// The value fell, so the series began again: all of the value was added.
    case reset
    /// The point is not later than one of its series that was read before: it adds nothing. What it counts is in the later
    /// point's difference, and dated as that one.
    case outOfOrder = "out_of_order"
    /// Too many series: this one had been forgotten, so its point is a base again and adds nothing.
    case forgotten
    /// Differences can't be made here, so the point's amounts were left out.
    case refused
}
