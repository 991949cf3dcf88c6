import TelemetryModel

/// That event time has passed an end at which something is judged, in the range of a flush: the beginning of a page's way. For
/// metrics and the headers of updates alone.
package struct EndPassage: Sendable, Equatable {
    /// When the record that passed it was read, by the trusted clock.
    package let arrivedAt: Timestamp
    /// From then until the range was sealed.
    package let counted: Duration
    /// When it was, by the counting threads' clock.
    package let sealedAt: Duration
}
