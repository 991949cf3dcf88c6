import Aggregation
import KafkaClient
import TelemetryModel

/// The open windows of one rollup, cell by cell as each source partition last told them.
///
/// Merging is "per source partition the latest cell, then sum", so that a cell told twice counts once. A partition that
/// was released and comes back counts from zero on top of what was told before, so each stay is a source of its own.
struct RollupMerger: Sendable {
    let plan: RollupPlan
    private var windows: [Timestamp: [Source: [[String?]: RollupChange]]] = [:]
    /// How often each partition was released.
    private var releases: [TopicPartition: Int] = [:]
    /// Windows that end by then were judged; what comes for them later is counted and dropped.
    private(set) var closedBefore: Timestamp?
    private(set) var lateCells = 0

    /// A partition during one of its stays.
    private struct Source: Hashable, Comparable {
        let partition: TopicPartition
        let stay: Int

        static func < (left: Source, right: Source) -> Bool {
            left.partition == right.partition ? left.stay < right.stay : left.partition < right.partition
        }
    }

    init(plan: RollupPlan) {
        self.plan = plan
    }

    /// The partition's counter is gone: what it told stays, and what comes later is added to it.
    mutating func release(_ partition: TopicPartition) {
        releases[partition, default: 0] += 1
    }

    mutating func take(_ change: RollupChange, from partition: TopicPartition) {
        if let closedBefore, end(of: change.windowStart) <= closedBefore {
            lateCells += 1
            return
        }
        let source = Source(partition: partition, stay: releases[partition] ?? 0)
        windows[change.windowStart, default: [:]][source, default: [:]][change.group] = change
    }

    private func end(of start: Timestamp) -> Timestamp {
        start.advanced(by: plan.definition.windowNanoseconds)
    }

    /// Merges the windows that end by `time` and hands them over in their order.
    mutating func close(before time: Timestamp, _ body: (RollupWindow) -> Void) {
        if let closedBefore, time <= closedBefore { return }
        closedBefore = time
        for start in windows.keys.filter({ end(of: $0) <= time }).sorted() {
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
