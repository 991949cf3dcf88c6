import Aggregation
import Alerting
import Planning
import Records
import TelemetryModel

/// Anomaly monitors: they are shown the windows of their rollups, and know what is usual of each group.
package struct EvaluatedMonitors: EvaluatedKind {
    package static var stateRecord: (any StateRecord.Type)? { MonitorRecord.self }

    private var states: MonitorStates
    private let plan: PipelinePlan
    private let place: ShardPlace?
    /// Windows that end by then were judged before a restart, and the states of their groups published.
    private let closedBefore: EventTimes?
    package let rollups: Set<Int>
    /// The end of each rollup's newest window that monitors were shown.
    private var newestWindows: [Int: Timestamp] = [:]
    private let keepsFlags: Bool
    private var flags: [(monitor: Int, flag: MonitorStates.Flag)] = []

    package init(_ terms: EvaluationTerms) {
        (plan, place, closedBefore) = (terms.plan, terms.place, terms.closedBefore)
        rollups = Set(plan.monitors.map(\.rollup))
        states = MonitorStates(plan: plan, identity: .values, closedBefore: closedBefore)
        keepsFlags = place == nil && plan.outputs.contains(.anomalies)
    }

    fileprivate var untrackedGroups: [String: Int] { states.untrackedGroups }

    // MARK: Judging

    package mutating func tellGroupsApart(by identity: GroupIdentity) {
        states = MonitorStates(plan: plan, identity: identity, closedBefore: closedBefore)
    }

    package mutating func take(_ window: RollupWindow, rollup: Int) -> [AlertTransition] {
        newestWindows[rollup] = window.start.advanced(by: window.plan.definition.windowNanoseconds)
        return flagging { $0.take(window, rollup: rollup, flagged: $1) }
    }

    package mutating func pass(through time: Timestamp, rollup: Int) -> [AlertTransition] {
        flagging { $0.pass(through: time, rollup: rollup, flagged: $1) }
    }

    private mutating func flagging(
        _ body: (inout MonitorStates, (Int, MonitorStates.Flag) -> Void) -> [AlertTransition]
    ) -> [AlertTransition] {
        var found: [(monitor: Int, flag: MonitorStates.Flag)] = []
        let transitions = body(&states) { [keepsFlags] monitor, flag in
            if keepsFlags { found.append((monitor, flag)) }
        }
        flags += found
        return transitions
    }

    fileprivate mutating func takeFlags() -> [(monitor: Int, flag: MonitorStates.Flag)] {
        defer { flags = [] }
        return flags
    }

    // MARK: Its alerts

    package static let label = "monitor"

    /// 0.1.0 hashed otherwise, see `DedupKey.Form`.
    package func formerKeys(of alert: Alert) -> [DedupKey] {
        guard let monitor = monitor(of: alert) else { return [] }
        let keys = DedupKey.ofAnomaly(monitor.plan, group: group(of: alert, monitor))
        return keys.first == alert.dedupKey ? Array(keys.dropFirst()) : []
    }

    package static func reached(_ times: JudgedTimes) -> EventTimes { times.windows }

    package func isOwn(_ alert: Alert) -> Bool? {
        // Of a monitor that is gone nobody knows the series.
        guard let place, let monitor = monitor(of: alert) else { return nil }
        let rollup = plan.rollups[monitor.rollup].plan.definition.name
        return place.shards.shard(ofRollup: rollup, group: group(of: alert, monitor)) == place.shard
    }

    package func eventKinds(of alert: Alert) -> Set<EventKind>? {
        monitor(of: alert).map { [plan.rollups[$0.rollup].plan.definition.source] }
    }

    package func description(of alert: Alert) -> ResourceDescription? {
        plan.monitors.firstIndex { $0.definition.name == alert.labels[Self.label] }
            .map { plan.description(ofMonitor: $0) }
    }

    package func isBurning(_ alert: Alert, since time: Timestamp, judgedThrough windows: EventTimes) -> Bool {
        guard let monitor = monitor(of: alert) else { return false }
        if let end = newestWindows[monitor.rollup], end >= time { return true }
        return states.isHeldByAbsence(group(of: alert, monitor), of: monitor.definition.name, since: time)
    }

    /// A label is empty where the group's column has no value, and where its value is an empty text: the key tells which.
    private func group(of alert: Alert, _ monitor: PipelinePlan.Monitor) -> [String?] {
        let group = monitor.plan.groupColumns.map { name in alert.labels[name].flatMap { $0.isEmpty ? nil : $0 } }
        let empty = group.indices.filter { group[$0] == nil }
        for texts in 1..<(1 << UInt64(min(empty.count, 8))) {
            var other = group
            for (place, column) in empty.enumerated() where texts >> place & 1 == 1 { other[column] = "" }
            if DedupKey.ofAnomaly(monitor.plan, group: other).first == alert.dedupKey { return other }
        }
        return group
    }

    private func monitor(of alert: Alert) -> PipelinePlan.Monitor? {
        plan.monitors.first { $0.definition.name == alert.labels[Self.label] }
    }

    // MARK: Published, and restored

    package mutating func takeRecords(_ owner: RecordOwner) -> [ResultRecord] {
        states.takeChangedRecords().map { record in
            var record = record
            (record.shard, record.epoch) = (owner.shard, owner.epoch)
            return .state(record)
        }
    }

    package mutating func restore(_ record: any StateRecord) {
        if let record = record as? MonitorRecord { states.restore(record) }
    }

    package func restore(_ standing: AlertStanding) -> AlertRemoval? {
        let alert = standing.transition.alert
        guard let name = alert.labels[Self.label] else { return .unknown }
        guard plan.declaredMonitors.contains(name) else { return .monitor(name) }
        guard let monitor = monitor(of: alert), monitor.definition.alert != nil else { return .monitorAlert(name) }
        // By the key: its labels may have others beside the columns of its monitor then, and a resource's own under their names.
        let group = group(of: alert, monitor)
        return DedupKey.ofAnomaly(monitor.plan, group: group).contains(alert.dedupKey) ? nil : .monitorGroups(name)
    }

    /// An alert that no group's state holds open is judged by nothing, though its monitor is there. One of a window that is read again
    /// is not in the states yet.
    package func forgotten(of open: [Alert]) -> [DedupKey: AlertRemoval] {
        let held = states.openAlerts
        return open.reduce(into: [:]) { forgotten, alert in
            guard let monitor = alert.labels[Self.label], !held.contains(alert.dedupKey),
                let time = closed(for: alert), alert.time <= time
            else { return }
            forgotten[alert.dedupKey] = .monitorReset(monitor)
        }
    }

    private func closed(for alert: Alert) -> Timestamp? {
        guard let closedBefore else { return nil }
        return eventKinds(of: alert).map { closedBefore.least(of: $0) } ?? closedBefore.least
    }

    /// Takes alerts for over that are open by the states of their groups alone: their monitor was gone, or raised no alerts, for a while.
    ///
    /// Where alerts were announced further than these states, one may have ended by a window that is read again, and ends by it again.
    package mutating func finishRestoring(_ restored: RestoredShard) {
        let closed = closedBefore?.least
        let isAhead = EventKind.allCases.contains { kind in
            guard let judged = restored.judged.windows[kind] else { return false }
            return closedBefore?[kind].map { judged > $0 } ?? true
        }
        states.endAlerts { key in
            if isAhead || restored.alerts.isOpen(key) { return true }
            guard let last = restored.changes[key] else { return false }
            return closed.map { last > $0 } ?? true
        }
    }
}

extension EvaluatedKinds {
    /// By monitor: groups of windows that were not watched, because there are as many as a monitor keeps.
    package var untrackedGroups: [String: Int] { self[EvaluatedMonitors.self]?.untrackedGroups ?? [:] }

    /// Values that monitors flagged since the last call, each with the monitor's place in the plan, where that output is asked for.
    package mutating func takeFlags() -> [(monitor: Int, flag: MonitorStates.Flag)] {
        update(EvaluatedMonitors.self) { $0.takeFlags() } ?? []
    }
}

extension EvaluationShard {
    /// By monitor: groups of windows that were not watched, because there are as many as a monitor keeps.
    package var untrackedGroups: [String: Int] { kinds.untrackedGroups }
}
