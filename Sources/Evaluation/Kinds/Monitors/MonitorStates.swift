import Aggregation
import Alerting
import Crypto
import Planning
import Records
import Signals
import TelemetryModel

/// The state of all anomaly monitors, shown each rollup's windows in the order of time.
package struct MonitorStates {
    /// A value that a monitor flagged.
    package struct Flag {
        package let window: Timestamp
        package let group: [String?]
        package let direction: AnomalyDirection
    }

    private var monitors: [AnomalyMonitor]
    /// Beside `monitors`, an index into the plan's rollups.
    private let rollups: [Int]
    /// Beside `monitors`, of their rollups.
    private let windows: [WatchedWindows]
    /// Beside `monitors`: the start of the first window that was not passed yet; `nil` before the first with records.
    private var next: [Timestamp?]
    private let identity: GroupIdentity
    /// Groups of other columns or of another rollup, to be said to be gone.
    private var misfits: [MonitorRecord] = []
    /// Where these are the groups of all shards: which group is whose, by which new groups are judged against others as their shard does.
    private let shards: ShardMap?

    /// As many as `outputs.partitions` makes where nobody says otherwise.
    package static let shardsOfReplay = 12

    /// - Parameters:
    ///   - identity: only with `values` can states be published and restored, and these are a shard's.
    ///   - groupsMax: that each monitor watches.
    ///   - closedBefore: windows that end by then were shown before a restart.
    package init(
        plan: PipelinePlan, identity: GroupIdentity, groupsMax: Int = AnomalyMonitor.defaultGroupsMax,
        closedBefore: EventTimes? = nil
    ) {
        monitors = plan.monitors.map {
            AnomalyMonitor($0.plan, groupsMax: groupsMax, tracksChanges: identity == .values)
        }
        rollups = plan.monitors.map(\.rollup)
        windows = rollups.map { WatchedWindows(of: plan.rollups[$0].plan.definition) }
        next = zip(rollups, windows).map { rollup, windows in
            closedBefore?[plan.rollups[rollup].plan.definition.source]?.windowStart(length: windows.length)
        }
        self.identity = identity
        shards = identity == .values ? nil : ShardMap(count: MonitorStates.shardsOfReplay)
    }

    /// Shows a window to the monitors of its rollup, and before it those between that have no records at all. `flagged` is
    /// called with each flag and the monitor's index.
    package mutating func take(
        _ window: RollupWindow, rollup: Int, flagged: (Int, Flag) -> Void = { _, _ in }
    ) -> [AlertTransition] {
        var transitions: [AlertTransition] = []
        for index in monitors.indices where rollups[index] == rollup {
            transitions += passEmptyWindows(before: window.start, with: index, flagged: flagged)
            var seen = FlaggedWindow(columns: monitors[index].plan.groupColumns)
            observe(window, with: index, &seen, flagged: flagged)
            pass(window.start, windows[index].absence(from: window), with: index, &seen, flagged: flagged)
            transitions += seen.transitions
            next[index] = window.start.advanced(by: windows[index].length)
        }
        return transitions
    }

    /// Event time has come to `time`: a group that is known and has no records in a window that is over is absent from it.
    package mutating func pass(
        through time: Timestamp, rollup: Int, flagged: (Int, Flag) -> Void = { _, _ in }
    ) -> [AlertTransition] {
        monitors.indices.flatMap { index -> [AlertTransition] in
            guard rollups[index] == rollup else { return [] }
            let end = time.windowStart(length: windows[index].length)
            return passEmptyWindows(before: end, with: index, flagged: flagged)
        }
    }

    /// Whether it is windows without records, up to one that ends at `time` or later, that hold the alert of a monitor's group open.
    func isHeldByAbsence(_ group: [String?], of monitor: String, since time: Timestamp) -> Bool {
        monitors.indices.contains { index in
            monitors[index].plan.definition.name == monitor
                && monitors[index].isHeldByAbsence(group, since: time.advanced(by: -windows[index].length))
        }
    }

    /// Passes windows without records that begin before `end`.
    private mutating func passEmptyWindows(
        before end: Timestamp, with index: Int, flagged: (Int, Flag) -> Void
    ) -> [AlertTransition] {
        // Where no window was closed yet before a restart, from those on that the restored states have not seen.
        let first = next[index] ?? monitors[index].oldestWatchedWindow?.advanced(by: windows[index].length)
        guard var start = first, start < end else { return [] }
        var transitions: [AlertTransition] = []
        // However long nothing came: after so many windows nobody is missed any more.
        while start < end, monitors[index].isWatching {
            var seen = FlaggedWindow(columns: monitors[index].plan.groupColumns)
            pass(start, windows[index].absence, with: index, &seen, flagged: flagged)
            transitions += seen.transitions
            start = start.advanced(by: windows[index].length)
        }
        next[index] = end
        return transitions
    }

    private mutating func pass(
        _ start: Timestamp, _ absence: AnomalyMonitor.Absence, with index: Int, _ seen: inout FlaggedWindow,
        flagged: (Int, Flag) -> Void
    ) {
        var observations: [(observation: AnomalyObservation, group: [String?])] = []
        monitors[index].pass(window: start, absence) { observations.append(($0, $1)) }
        for (observation, group) in observations {
            if let direction = observation.direction {
                flagged(index, Flag(window: start, group: group, direction: direction))
            }
            note(observation, start, group, windows[index].emptyMeasures, with: index, &seen)
        }
    }

    /// Takes down what of an observation an alert says, its own or another's.
    private func note(
        _ observation: AnomalyObservation, _ start: Timestamp, _ group: [String?], _ measures: [Double],
        with index: Int, _ seen: inout FlaggedWindow
    ) {
        guard observation.direction != nil || observation.alertChange != nil else { return }
        let monitor = monitors[index].plan
        guard monitor.definition.alert != nil else { return }
        let shard = MonitorStates.shard(of: group, monitor.definition.rollup, among: shards)
        if observation.direction != nil { seen.add(observation, of: group, shard: shard) }
        if let transition = monitors[index].transition(
            of: observation, window: start, group: group, measures: measures)
        {
            let transition = AlertTransition(anomaly: transition, windowNanoseconds: windows[index].length)
            seen.add(transition, of: group, shard: shard)
        }
    }

    private mutating func observe(
        _ window: RollupWindow, with index: Int, _ seen: inout FlaggedWindow, flagged: (Int, Flag) -> Void
    ) {
        var key: [UInt8] = []
        let shards = shards
        window.forEachRow { place, groupNumber, measures in
            key.removeAll(keepingCapacity: true)
            switch identity {
            case .number: MonitorStates.append(groupNumber, to: &key)
            case .values: AnomalyGroupKey.append(window[place].group, to: &key)
            case .digest:
                AnomalyGroupKey.append(window[place].group, to: &key)
                key = Array(SHA256.hash(data: key))
            }
            let observation = monitors[index].observe(
                window: window.start, group: key.span.bytes, measures: measures.span,
                name: { window[place].group },
                shard: { MonitorStates.shard(of: window[place].group, window.plan.definition.name, among: shards) })
            if let direction = observation.direction {
                flagged(index, Flag(window: window.start, group: window[place].group, direction: direction))
            }
            if observation.alertChange != nil || observation.direction != nil {
                note(observation, window.start, window[place].group, measures, with: index, &seen)
            }
        }
    }

    /// By monitor: groups of windows that were not watched, because there are as many as a monitor keeps.
    package var untrackedGroups: [String: Int] {
        Dictionary(
            uniqueKeysWithValues: monitors.map { ($0.plan.definition.name, Int($0.untrackedCount)) })
    }

    /// Among whose groups a group is one of the others. `(other)` is among nobody's: it is no group, and larger than each.
    private static func shard(of group: [String?], _ rollup: String, among shards: ShardMap?) -> Int32 {
        if !group.isEmpty, group.allSatisfy({ $0 == FoldedGroup.name }) { return -1 }
        return Int32(shards?.shard(ofRollup: rollup, group: group) ?? 0)
    }

    /// Four bytes, lowest first.
    private static func append(_ number: Int, to key: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) { key.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    // MARK: Published, and restored

    /// The states that changed since the last call, in the order of monitors and groups.
    mutating func takeChangedRecords() -> [MonitorRecord] {
        defer { misfits = [] }
        return misfits
            + monitors.indices.flatMap { index in
                let name = monitors[index].plan.definition.name
                let grouping = grouping(of: index)
                return monitors[index].takeChangedStates().map {
                    MonitorRecord(monitor: name, state: $0, grouping: grouping)
                }
            }
    }

    /// Takes a state as it was published, before any window is shown. One of a group that the monitor can't have any more, because its
    /// rollup groups by other columns or is another, is forgotten: it would be absent from every window.
    mutating func restore(_ record: MonitorRecord) {
        for index in monitors.indices where monitors[index].plan.definition.name == record.monitor {
            if record.fits(grouping(of: index)) {
                let rollup = monitors[index].plan.definition.rollup
                let shard = MonitorStates.shard(of: record.state.group, rollup, among: shards)
                monitors[index].restore(CollectionOfOne(record.state), shard: shard)
            } else if record.state.course != nil {
                misfits.append(record.forgotten)
            }
        }
    }

    private func grouping(of index: Int) -> MonitorRecord.Grouping {
        let plan = monitors[index].plan
        return MonitorRecord.Grouping(rollup: plan.definition.rollup, columns: plan.groupColumns)
    }

    /// Takes alerts for over that were ended while nothing judged them.
    mutating func endAlerts(unless isOpen: (DedupKey) -> Bool) {
        for index in monitors.indices {
            let plan = monitors[index].plan
            monitors[index].endAlerts { DedupKey.ofAnomaly(plan, group: $0).contains(where: isOpen) }
        }
    }

    /// The alerts that are open by the states of their groups.
    var openAlerts: Set<DedupKey> {
        monitors.reduce(into: []) { keys, monitor in
            for group in monitor.openGroups { keys.formUnion(DedupKey.ofAnomaly(monitor.plan, group: group)) }
        }
    }
}
