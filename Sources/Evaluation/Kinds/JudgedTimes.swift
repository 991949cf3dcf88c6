import TelemetryModel

/// Event times up to which a shard has judged.
package struct JudgedTimes: Sendable, Equatable {
    /// Windows that end by then were judged, of what reads those kinds of event.
    package var windows: EventTimes
    /// All judgements of slices that are dated by then were made.
    package var slices: EventTimes

    package mutating func advance(to other: JudgedTimes) {
        windows.advance(to: other.windows)
        slices.advance(to: other.slices)
    }
}
