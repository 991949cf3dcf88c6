import Planning
import TelemetryModel

/// The event times at which something is judged: ends of slices of objectives, and of the windows that monitors watch.
///
/// A slice is judged when its lateness is over, too, which is the end of a later slice. A watched window is judged that much behind its end; where its
/// input's `allowedLateness` is no whole number of windows, that is no end here, and its counts wait for the next flush.
struct JudgedEnds: Sendable {
    /// In nanoseconds.
    private let lengths: [Int64]

    init(_ plan: PipelinePlan) {
        let slices = plan.indicatorParts.map(\.plan.definition.windowNanoseconds)
        let windows = plan.monitors.map { plan.rollups[$0.rollup].plan.definition.windowNanoseconds }
        let all = Set(slices + windows)
        // What ends with a whole number of shorter ones ends with one of them.
        lengths = all.filter { length in !all.contains { $0 < length && length % $0 == 0 } }.sorted()
    }

    /// The newest end that is not behind `time`; `nil` where nothing is judged.
    func last(through time: Timestamp) -> Timestamp? {
        lengths.lazy.map { length in
            let rest = time.nanoseconds % length
            return time.advanced(by: rest < 0 ? -(rest + length) : -rest)
        }.max()
    }
}
