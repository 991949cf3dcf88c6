import Aggregation
import Alerting
import Signals
import TelemetryModel

/// The state of all anomaly monitors, shown each rollup's windows in the order of time.
struct MonitorBook {
    /// How a monitor tells groups apart between windows.
    enum GroupIdentity {
        /// By the group's number in the engine that all windows come from.
        case number
        /// By the values of the group's columns, for windows of different engines.
        case values
    }

    /// A value that a monitor flagged.
    struct Flag {
        let window: Timestamp
        let group: [String?]
        let direction: AnomalyDirection
    }

    private var monitors: [AnomalyMonitor]
    /// Beside `monitors`, an index into the plan's rollups.
    private let rollups: [Int]
    private let identity: GroupIdentity

    init(plan: PipelinePlan, identity: GroupIdentity) {
        monitors = plan.monitors.map { AnomalyMonitor($0.plan) }
        rollups = plan.monitors.map(\.rollup)
        self.identity = identity
    }

    /// Shows a window to the monitors of its rollup. `flagged` is told of each flag, with the monitor's index.
    mutating func take(
        _ window: RollupWindow, rollup: Int, flagged: (Int, Flag) -> Void = { _, _ in }
    ) -> [AlertTransition] {
        var transitions: [AlertTransition] = []
        for index in monitors.indices where rollups[index] == rollup {
            transitions += observe(window, with: index, flagged: flagged)
        }
        return transitions
    }

    private mutating func observe(
        _ window: RollupWindow, with index: Int, flagged: (Int, Flag) -> Void
    ) -> [AlertTransition] {
        var transitions: [AlertTransition] = []
        var measures = [Double](repeating: .nan, count: window.plan.measureNames.count)
        var key: [UInt8] = []
        for place in 0..<window.count {
            let row = window[place]
            for measure in measures.indices { measures[measure] = row.value(measure).doubleValue ?? .nan }
            MonitorBook.write(row, identity, to: &key)
            let observation = monitors[index].observe(
                window: window.start, group: key.span.bytes, measures: measures.span)
            if let direction = observation.direction {
                flagged(index, Flag(window: window.start, group: row.group, direction: direction))
            }
            if observation.alertChange != nil,
                let transition = monitors[index].transition(
                    of: observation, window: window.start, group: row.group, measures: measures)
            {
                let length = window.plan.definition.windowNanoseconds
                transitions.append(AlertTransition(anomaly: transition, windowNanoseconds: length))
            }
        }
        return transitions
    }

    private static func write(_ row: RollupRow, _ identity: GroupIdentity, to key: inout [UInt8]) {
        key.removeAll(keepingCapacity: true)
        switch identity {
        case .number:
            var number = row.groupNumber
            for _ in 0..<4 {
                key.append(UInt8(truncatingIfNeeded: number))
                number >>= 8
            }
        case .values:
            // Lengths, so that no two groups' bytes are alike; −1 is an absent value.
            for value in row.group {
                let count = value?.utf8.count ?? -1
                for shift in stride(from: 0, to: 32, by: 8) { key.append(UInt8(truncatingIfNeeded: count >> shift)) }
                if let value { key.append(contentsOf: value.utf8) }
            }
        }
    }
}
