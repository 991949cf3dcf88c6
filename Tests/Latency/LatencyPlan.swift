import TelemetryModel

/// Which SLO fails in which slice, and when its slice is complete.
///
/// A slice is a minute of event time, as by default, and takes some four seconds here, no multiple of any interval. Event time begins an hour before the clock and ends before it,
/// so that nothing is past, and nothing is ahead of the clock.
struct LatencyPlan {
    /// SLOs of a kind that fail in the same slice, as an outage makes several fail.
    static let failingTogether = 10
    static let failingSlicesMax = 46
    /// An SLO's short look-back has to be counted in whole before it alerts: five minutes, and the one in which that begins.
    static let slicesBefore = 6
    static let slice = Duration.milliseconds(4_170)
    static let partitions = 4
    /// A partition has a record this often.
    static let pause = Duration.milliseconds(100)
    static let minute: Int64 = 60 * Timestamp.nanosecondsPerSecond

    let objectives: Int
    let together: Int
    let start: Timestamp

    init(alerts: Int, secondsSince1970 now: Int64) {
        objectives = (alerts + LatencyKind.allCases.count - 1) / LatencyKind.allCases.count
        together = max(
            Self.failingTogether, (objectives + Self.failingSlicesMax - 1) / Self.failingSlicesMax)
        start = Timestamp(nanoseconds: (now / 60 - 58) * Self.minute)
    }

    /// Slices in which something fails.
    var failingSlices: Int { (objectives + together - 1) / together }
    /// The last is complete when the one behind it begins.
    var slices: Int { Self.slicesBefore + failingSlices + LatencyKind.allCases.map(\.slicesUntilJudged).max()! + 1 }

    func begin(of slice: Int) -> Timestamp { start.advanced(by: Int64(slice) * Self.minute) }

    func failing(in slice: Int) -> Range<Int> {
        let place = slice - Self.slicesBefore
        return place < 0 ? 0..<0 : min(objectives, place * together)..<min(objectives, (place + 1) * together)
    }

    /// The slice whose beginning in all partitions decides about an SLO.
    func sliceThatDecides(_ number: Int, _ kind: LatencyKind) -> Int {
        Self.slicesBefore + number / together + 1 + kind.slicesUntilJudged
    }

    var resources: String {
        """
        apiVersion: openslo/v1
        kind: Service
        metadata: {name: shop}
        spec: {description: A shop}

        """ + LatencyKind.allCases.flatMap { kind in (0..<objectives).map { kind.objective($0) } }.joined()
    }
}
