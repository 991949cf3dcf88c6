/// How often durations were how long: counts below fixed bounds, and the sum of all, both exact.
///
/// The bounds are those of all families, so that their quantiles can be compared: from 5 ms, which is about what a broker's acknowledgement takes,
/// to five minutes, and half as much again to two and a half times between two. A value without lock or clock; 160 bytes.
package struct DurationHistogram: Sendable, Equatable {
    /// The buckets' upper bounds, each included in its bucket; above the last is one without a bound.
    package static let bounds: [Duration] = [
        .milliseconds(5), .milliseconds(10), .milliseconds(25), .milliseconds(50), .milliseconds(100),
        .milliseconds(250),
        .milliseconds(500), .seconds(1), .milliseconds(2_500), .seconds(5), .seconds(10), .seconds(30), .seconds(60),
        .seconds(300),
    ]

    /// Those of each bucket alone.
    private var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    package private(set) var sum = Duration.zero
    package private(set) var count: UInt64 = 0

    package init() {}

    /// - Parameter duration: one below zero counts as none: it is the difference of two hosts' clocks.
    package mutating func observe(_ duration: Duration) {
        let duration = max(duration, .zero)
        counts[DurationHistogram.bounds.firstIndex { duration <= $0 } ?? DurationHistogram.bounds.count] += 1
        sum += duration
        count += 1
    }

    /// As Prometheus wants them: each with all that is in those before, the last one without a bound.
    package var buckets: [(bound: Duration?, count: UInt64)] {
        var below: UInt64 = 0
        return counts.enumerated().map { index, count in
            below += count
            return (index < DurationHistogram.bounds.count ? DurationHistogram.bounds[index] : nil, below)
        }
    }
}
