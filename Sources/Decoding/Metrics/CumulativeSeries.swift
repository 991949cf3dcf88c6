import TelemetryModel

/// One point of a cumulative metric.
struct CumulativePoint {
    /// The series, without its start time.
    var key: SeriesKey
    /// Since when the value counts; `nil` when it is not known.
    var start: Timestamp?
    var time: Timestamp
    var sum: Double?
    /// Of a histogram or a summary, whose count is cumulative too; `nil` for a number, which counts as one point.
    var count: Double?
    /// Whether the value only falls when the series begins again.
    var isMonotonic = true
}

/// The last point of each cumulative series, from which the next one's difference follows.
///
/// A series with another start time is one of its own: it counts from 0, and two processes that write under one name do not
/// disturb each other. A value that falls under the same start time is a beginning too. The first point of a series counts
/// from 0 where it is known to have begun in the stream: at most `reachNanoseconds` before the stream's earliest point. Else
/// it is the base of those that follow: what it counts happened at a time that nobody knows.
struct CumulativeSeries {
    /// Series held; about 50 bytes each. At the bound the half with the oldest points is forgotten. A forgotten series
    /// that comes again begins with a base, which is reported to its consumer.
    static let seriesMax = 500_000

    /// How long before the stream's earliest point a series may have begun for its first value to count. The first point of a
    /// process that just started comes up to an interval of collection later, and intervals are a few minutes.
    static let reachNanoseconds = 3600 * Timestamp.nanosecondsPerSecond

    /// What a point adds; both `nil` when it adds nothing.
    struct Amounts: Equatable {
        var sum: Double?
        var count: Double?
    }

    private struct Last {
        var time: Timestamp
        var sum: Double
        var count: Double
    }

    private let seriesMax: Int
    private var series: [SeriesKey: Last] = [:]
    private var streamStart: Timestamp?
    /// The latest point of a series that was forgotten.
    private var forgottenUntil: Timestamp?

    init(seriesMax: Int = CumulativeSeries.seriesMax) {
        self.seriesMax = max(2, seriesMax)
    }

    /// Notes the time of a point of any kind: the stream reaches back to there.
    mutating func see(_ time: Timestamp) {
        streamStart = min(streamStart ?? time, time)
    }

    /// The difference to the series' point before, and what is to be said of it.
    mutating func advance(_ point: CumulativePoint) -> (Amounts, CumulativeOutcome?) {
        see(point.time)
        var key = point.key
        // A start after the point says nothing; one at its very time says that the beginning is not known.
        let start = point.start.flatMap { $0 <= point.time ? $0 : nil }
        if let start { key.add(.start, UInt64(bitPattern: start.nanoseconds)) }
        let value = Last(time: point.time, sum: point.sum ?? 0, count: point.count ?? 0)
        guard let last = series[key] else { return begin(point, key, start: start, value) }
        guard point.time > last.time else {
            // The same point delivered again changes nothing.
            let isRepeated = point.time == last.time && value.sum == last.sum && value.count == last.count
            return (Amounts(), isRepeated ? nil : .outOfOrder)
        }
        series[key] = value
        let hasFallen = point.isMonotonic && (point.count == nil ? value.sum < last.sum : value.count < last.count)
        if hasFallen { return (Amounts(sum: point.sum, count: point.count), .reset) }
        return (
            Amounts(sum: point.sum.map { $0 - last.sum }, count: point.count.map { $0 - last.count }), nil
        )
    }

    private mutating func begin(
        _ point: CumulativePoint, _ key: SeriesKey, start: Timestamp?, _ value: Last
    ) -> (Amounts, CumulativeOutcome?) {
        if series.count >= seriesMax { forgetOldest() }
        series[key] = value
        if let forgottenUntil, start.map({ $0 <= forgottenUntil }) ?? true { return (Amounts(), .forgotten) }
        guard let start, start < point.time, let streamStart,
            start >= streamStart.advanced(by: -CumulativeSeries.reachNanoseconds)
        else { return (Amounts(), .base) }
        return (Amounts(sum: point.sum, count: point.count), nil)
    }

    private mutating func forgetOldest() {
        let times = series.values.map(\.time).sorted()
        let middle = times[times.count / 2]
        forgottenUntil = max(forgottenUntil ?? middle, middle)
        series = series.filter { $0.value.time > middle }
    }
}
