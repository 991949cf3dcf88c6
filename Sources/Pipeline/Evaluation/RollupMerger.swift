import Aggregation
import KafkaClient
import TelemetryModel

/// The open windows of one rollup, cell by cell as each source partition last told them.
///
/// Merging is "per source partition the latest cell, then sum", so that a cell told twice counts once.
struct RollupMerger: Sendable {
    let plan: RollupPlan
    private var windows: [Timestamp: [TopicPartition: [[String?]: RollupChange]]] = [:]
    /// Windows that end by then were judged; what comes for them later is counted and dropped.
    private(set) var closedBefore: Timestamp?
    private(set) var lateCells = 0

    init(plan: RollupPlan) {
        self.plan = plan
    }

    mutating func take(_ change: RollupChange, from partition: TopicPartition) {
        let end = change.windowStart.nanoseconds &+ plan.definition.windowNanoseconds
        if let closedBefore, end <= closedBefore.nanoseconds {
            lateCells += 1
            return
        }
        windows[change.windowStart, default: [:]][partition, default: [:]][change.group] = change
    }

    /// Merges the windows that end by `time` and hands them over in their order.
    mutating func close(before time: Timestamp, _ body: (RollupWindow) -> Void) {
        if let closedBefore, time <= closedBefore { return }
        closedBefore = time
        let length = plan.definition.windowNanoseconds
        for start in windows.keys.filter({ $0.nanoseconds &+ length <= time.nanoseconds }).sorted() {
            guard let cells = windows.removeValue(forKey: start) else { continue }
            var engine = RollupEngine(plan)
            for (_, groups) in cells.sorted(by: { $0.key < $1.key }) {
                // The order within a partition only matters where a bound folds groups; then it must be the same on
                // every run.
                let ordered = groups.values.sorted { left, right in
                    left.group.lexicographicallyPrecedes(right.group) { ($0 ?? "") < ($1 ?? "") }
                }
                for change in ordered { engine.restore(change) }
            }
            if let window = engine.takeWindow(start) { body(window) }
        }
    }
}
