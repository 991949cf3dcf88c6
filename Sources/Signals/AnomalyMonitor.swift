import Expressions
import Statistics
import TelemetryModel

/// The state of an anomaly monitor: for each group of its rollup, what is usual and whether its alert is open.
///
/// Pure: the same windows and groups in the same order give the same observations. Each group's windows come in the
/// order of time; one that comes late is reported and changes nothing.
/// Memory: about 120 bytes and the key for each group, up to `groupsMax`; nothing is allocated for a known group.
public struct AnomalyMonitor: Sendable {
    public static let defaultGroupsMax = 200_000
    /// When there is no room for a new group, those without a value for this long make it.
    public static let idleNanosecondsMax: Int64 = 86_400 * Timestamp.nanosecondsPerSecond

    struct GroupState: Sendable {
        var series = EWMA()
        var lastWindow: Timestamp
        /// The window that opened the alert, while it is open.
        var openedAt: Timestamp?
        /// Whether the group is among those to publish.
        var isChanged = false
        /// Whether a restored state says that the group is gone.
        var isForgotten = false
    }

    public let plan: CompiledMonitor
    public let groupsMax: Int
    /// Whether changed groups are remembered for `takeChangedStates`.
    public let tracksChanges: Bool
    var table = GroupTable()
    var groups: [GroupState] = []
    /// The numbers of the groups that changed since they were last taken, each once.
    var changed: [Int] = []
    /// The keys of groups forgotten since then.
    var forgotten: [[UInt8]] = []
    private var row: [FieldValue]
    /// The window in which room was last looked for, so that a full monitor looks once for each window.
    private var sweptAt: Timestamp?
    /// Observations of groups that there was no room for.
    public private(set) var untrackedCount: Int64 = 0

    public init(
        _ plan: CompiledMonitor, groupsMax: Int = AnomalyMonitor.defaultGroupsMax, tracksChanges: Bool = false
    ) {
        self.tracksChanges = tracksChanges
        self.plan = plan
        self.groupsMax = max(1, min(groupsMax, Int(UInt32.max) / 4))
        row = [FieldValue](repeating: .absent, count: plan.measures.count)
    }

    /// Takes in one group of one window.
    ///
    /// - Parameters:
    ///   - window: the window's start.
    ///   - group: bytes that are the same for the same group and different for every other.
    ///   - measures: the rollup's measures in their order; NaN for one without a value.
    public mutating func observe(window: Timestamp, group: RawSpan, measures: Span<Double>) -> AnomalyObservation {
        guard let value = value(measures) else { return .without(.noValue) }
        guard let number = number(of: group, window) else {
            untrackedCount += 1
            return .without(.untracked, value: value)
        }
        let isNew = groups[number].series.count == 0
        guard isNew || window > groups[number].lastWindow else { return .without(.outOfOrder, value: value) }
        groups[number].lastWindow = window
        if tracksChanges, !groups[number].isChanged {
            groups[number].isChanged = true
            changed.append(number)
        }
        let before = groups[number].series
        let judged = groups[number].series.observe(value, plan.parameters)
        var observation = AnomalyObservation(
            verdict: AnomalyMonitor.verdict(judged), value: value, score: before.score(of: value, plan.parameters),
            mean: isNew ? .nan : before.mean, deviation: isNew ? .nan : before.deviation)
        updateAlert(number, window, &observation)
        return observation
    }

    /// What an observation's alert change says; `nil` when it has none.
    ///
    /// - Parameters:
    ///   - group: the values of the group columns, as text.
    ///   - measures: as they were observed.
    public func transition(
        of observation: AnomalyObservation, window: Timestamp, group: [String?], measures: [Double]
    ) -> AnomalyAlertTransition? {
        guard let change = observation.alertChange, let alert = plan.definition.alert, let summary = plan.summary else {
            return nil
        }
        return AnomalyAlertTransition(
            change: change, monitor: plan.definition.name, severity: alert.severity,
            group: zip(plan.groupColumns, group).map { AnomalyAlertTransition.Column(name: $0, value: $1) },
            window: window, openedAt: observation.openedAt ?? window, direction: observation.direction,
            value: observation.value, expected: observation.mean, deviation: observation.deviation,
            score: observation.score,
            summary: summary.text(group: group, measures: measures, value: observation.value))
    }

    // MARK: Inside

    private mutating func value(_ measures: Span<Double>) -> Double? {
        precondition(measures.count == row.count, "a value for each of the rollup's measures")
        for index in 0..<measures.count {
            row[index] = measures[index].isNaN ? .absent : .double(measures[index])
        }
        guard let value = plan.value.number(measures: row.span), value.isFinite else { return nil }
        return value
    }

    private mutating func number(of group: RawSpan, _ window: Timestamp) -> Int? {
        if let known = table.find(group) { return known }
        if groups.count >= groupsMax { makeRoom(window) }
        guard groups.count < groupsMax else { return nil }
        groups.append(GroupState(lastWindow: window))
        return table.add(group)
    }

    /// Forgets groups that had no value for a day; never one whose alert is open, which would stay open for ever.
    private mutating func makeRoom(_ window: Timestamp) {
        if let sweptAt, sweptAt >= window { return }
        sweptAt = window
        let (limit, underflow) = window.nanoseconds.subtractingReportingOverflow(AnomalyMonitor.idleNanosecondsMax)
        if underflow { return }
        keep { $0.openedAt != nil || $0.lastWindow.nanoseconds >= limit }
    }

    /// Forgets the groups for which `isKept` is false.
    mutating func keep(_ isKept: (GroupState) -> Bool) {
        let states = groups
        if tracksChanges {
            for (number, state) in states.enumerated() where !isKept(state) && !state.isForgotten {
                forgotten.append(table.key(number))
            }
        }
        table.keep { isKept(states[$0]) }
        groups.removeAll { !isKept($0) }
        // Those that are left have other numbers now.
        if tracksChanges { changed = groups.indices.filter { groups[$0].isChanged } }
    }

    private static func verdict(_ judged: EWMA.Verdict) -> AnomalyObservation.Verdict {
        switch judged {
        case .notWarm: .notWarm
        case .normal: .normal
        case .above: .flagged(.up)
        case .below: .flagged(.down)
        }
    }

    /// Opens on a flag in the direction asked for; resolves at the first later window that has none.
    private mutating func updateAlert(_ number: Int, _ window: Timestamp, _ observation: inout AnomalyObservation) {
        guard let alert = plan.definition.alert else { return }
        let isAlerting: Bool
        switch (alert.direction, observation.direction) {
        case (_, nil): isAlerting = false
        case (.both, _?), (.up, .up?), (.down, .down?): isAlerting = true
        default: isAlerting = false
        }
        observation.openedAt = groups[number].openedAt
        if isAlerting, groups[number].openedAt == nil {
            groups[number].openedAt = window
            observation.openedAt = window
            observation.alertChange = .opened
        } else if !isAlerting, groups[number].openedAt != nil {
            groups[number].openedAt = nil
            observation.alertChange = .resolved
        }
    }
}
