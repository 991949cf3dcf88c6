/// Why an anomaly's alert opened or resolved.
public enum AnomalyCause: Sendable, Equatable {
    /// The value is not what the method expects.
    case unusual
    /// It is above a limit, or below one.
    case above(Double)
    case below(Double)
    /// Nothing has called for the alert any more, for as long as it is kept.
    case usual
    /// Too little is known of a new group, and of the others that it was judged against.
    case unjudged
    /// It has deviated for so many windows: what was unusual is usual from now on.
    case accepted(windows: Int64)
    /// There was no record of the group for so many windows.
    case gone(windows: Int)
    /// There was none with a value for so many windows, and some without.
    case valueless(windows: Int)
    /// It was not among the groups that are shown for so many windows: in some of them there may have been records of it.
    case notShown(windows: Int)
}
