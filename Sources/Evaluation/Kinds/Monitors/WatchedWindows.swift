import Aggregation
import Signals

/// The windows of a rollup, as a monitor sees those in which a group has no records.
struct WatchedWindows: Sendable {
    /// In nanoseconds.
    let length: Int64
    /// The rollup's measures of nothing, in their order; NaN for one without a value.
    let emptyMeasures: [Double]
    private let showsAll: Bool

    init(of rollup: RollupDefinition) {
        length = rollup.windowNanoseconds
        emptyMeasures = rollup.measures.map { measure in
            switch measure.kind {
            case .count, .sum, .distinct: 0
            case .min, .max, .quantile: .nan
            }
        }
        showsAll = rollup.top == nil
    }

    /// Of a window without records of any group.
    var absence: AnomalyMonitor.Absence { showsAll ? .measures(emptyMeasures) : .unknown }

    /// Of a group that has no row in a window: with `top`, and where groups were folded, it may have had records.
    func absence(from window: RollupWindow) -> AnomalyMonitor.Absence {
        window.hasFolded ? .unknown : absence
    }
}
