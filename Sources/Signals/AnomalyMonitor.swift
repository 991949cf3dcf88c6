import Expressions
import Statistics
import TelemetryModel

/// The state of an anomaly monitor: for each group of its rollup, what is usual and whether its alert is open.
///
/// Pure: the same windows and groups in the same order give the same observations. Each group's windows come in the
/// order of time; one that comes late is reported and changes nothing.
/// Memory: about 250 bytes and the key for each group, up to `groupsMax`; nothing is allocated for a known group.
/// Time: a value of a known group is O(1); a window that has a new group, and the pass of a window, look at the groups that are watched once.
public struct AnomalyMonitor: Sendable {
    public static let defaultGroupsMax = 200_000
    /// When there is no room for a new group, those without a value for this long make it.
    public static let idleNanosecondsMax: Int64 = 86_400 * Timestamp.nanosecondsPerSecond

    struct GroupState: Sendable {
        var series: DetectedSeries
        var lastWindow: Timestamp
        /// What was usual before `lastWindow`.
        var before: Detector.State
        /// The window that opened the alert, while it is open.
        var openedAt: Timestamp?
        /// While the alert is open: how many of the last windows do not call for it.
        var calm: Int64 = 0
        /// How many of the last windows have no record of the group that has a value.
        var absent = 0
        /// In one of them it had records.
        var hadValueless = false
        /// In one of them it may have had some that are not shown.
        var isAbsenceUnknown = false
        /// A window that has records of it and no value.
        var valuelessWindow: Timestamp?
        /// The values of its columns, where they do not follow from its key.
        var name: [String?]?
        /// Whether it is among `watched`.
        var isWatched = false
        /// Whether the group is among those to publish.
        var isChanged = false
        /// The last window, of those since its state was last published, in which too little was known of it.
        var newThrough: Timestamp?
        /// The shard of whose groups it is one.
        var shard: Int32 = 0
        /// It is gone: it stays known up to when, and makes room like one that was never there.
        var isForgotten = false

        init(series: DetectedSeries, lastWindow: Timestamp) {
            self.series = series
            self.lastWindow = lastWindow
            before = series.usual
        }
    }

    public let plan: CompiledMonitor
    public let groupsMax: Int
    /// Whether changed groups are remembered for `takeChangedStates`.
    public let tracksChanges: Bool
    var table = GroupTable()
    var groups: [GroupState] = []
    /// The numbers of the groups that changed since they were last taken, each once.
    var changed: [Int] = []
    /// The keys of groups that were forgotten since then and are in `groups` no more, with their last windows.
    var forgotten: [(key: [UInt8], through: Timestamp, newThrough: Timestamp?)] = []
    /// How many of `groups` are forgotten.
    var forgottenCount = 0
    /// The numbers of the groups that would be missed: those that are judged, and those whose alert is open. One that would not be
    /// any more is left out when a window is passed, of all at once.
    var watched: [Int] = []
    /// By shard: what was usual in its groups before `peersWindow`, the last window that had a new group.
    var peers: [Int32: PeerRange] = [:]
    var peersWindow: Timestamp?
    /// States of other groups that were read because a group was new.
    var peerReadCount: Int64 = 0
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
    ///   - name: the values of the group's columns; asked for where they do not follow from `group`.
    ///   - shard: the shard that watches the group, asked for where it is new; the same for all where the monitor is a shard's.
    public mutating func observe(
        window: Timestamp, group: RawSpan, measures: Span<Double>, name: () -> [String?] = { [] },
        shard: () -> Int32 = { 0 }
    ) -> AnomalyObservation {
        guard let value = value(measures) else {
            noteValueless(group, window)
            return .without(.noValue)
        }
        guard let number = number(of: group, window, shard) else {
            untrackedCount += 1
            return .without(.untracked, value: value)
        }
        let isNew = groups[number].series.isEmpty && !groups[number].isForgotten
        guard isNew || window > groups[number].lastWindow else { return .without(.outOfOrder, value: value) }
        (groups[number].absent, groups[number].hadValueless, groups[number].isAbsenceUnknown) = (0, false, false)
        let observation = judge(value, number, window)
        if groups[number].isWatched && !tracksChanges && groups[number].name == nil { groups[number].name = name() }
        return observation
    }

    /// The window has records of a group, and no value of it: nothing is known of its value.
    private mutating func noteValueless(_ group: RawSpan, _ window: Timestamp) {
        guard let known = table.find(group), !groups[known].isForgotten, window > groups[known].lastWindow else {
            return
        }
        groups[known].valuelessWindow = window
    }

    /// Judges a group's value in a window after its last one, learns from it, and decides on its alert.
    mutating func judge(_ value: Double, _ number: Int, _ window: Timestamp) -> AnomalyObservation {
        groups[number].lastWindow = window
        groups[number].before = groups[number].series.usual
        noteChange(of: number)
        let exceeded = plan.definition.limits.exceeded(by: value)
        let peers = peers(of: number, in: window)
        let (judgement, accepted) = groups[number].series.observe(
            value, plan.terms, isUnusual: exceeded != nil, peers: peers)
        var observation = AnomalyObservation(
            verdict: .normal, value: value, judgement: judgement, peers: peers?.count)
        if let exceeded {
            observation.verdict = .flagged(exceeded.direction)
        } else if judgement.isFlagged {
            observation.verdict = .flagged(value > judgement.expected ? .up : .down)
        } else if !judgement.isWarm {
            observation.verdict = .notWarm
        }
        updateAlert(number, window, &observation, exceeded, acceptedAfter: accepted)
        watch(number)
        return observation
    }

    /// Watches a group from when it would be missed on.
    mutating func watch(_ number: Int) {
        guard !groups[number].isWatched, isMissed(groups[number]) else { return }
        groups[number].isWatched = true
        watched.append(number)
    }

    mutating func noteChange(of number: Int) {
        guard tracksChanges, !groups[number].isChanged else { return }
        groups[number].isChanged = true
        changed.append(number)
    }

    func isMissed(_ state: GroupState) -> Bool {
        !state.isForgotten && (state.openedAt != nil || plan.terms.detector.isWarm(state.series.usual))
    }

    /// What an observation's alert change says; `nil` when it has none.
    ///
    /// - Parameters:
    ///   - group: the values of the group columns, as text.
    ///   - measures: as they were observed.
    public func transition(
        of observation: AnomalyObservation, window: Timestamp, group: [String?], measures: [Double]
    ) -> AnomalyAlertTransition? {
        guard let change = observation.alertChange, let cause = observation.cause, let alert = plan.definition.alert,
            let summary = plan.summary
        else { return nil }
        return AnomalyAlertTransition(
            change: change, cause: cause, monitor: plan.definition.name, severity: alert.severity,
            direction: alert.direction,
            group: zip(plan.groupColumns, group).map { AnomalyAlertTransition.Column(name: $0, value: $1) },
            window: window, openedAt: observation.openedAt ?? window, value: observation.value,
            judgement: observation.judgement, peers: observation.peers,
            summary: summary.text(group: group, measures: measures, value: observation.value))
    }

    // MARK: Inside

    mutating func value(_ measures: Span<Double>) -> Double? {
        precondition(measures.count == row.count, "a value for each of the rollup's measures")
        for index in 0..<measures.count {
            row[index] = measures[index].isNaN ? .absent : .double(measures[index])
        }
        guard let value = plan.value.number(measures: row.span), value.isFinite else { return nil }
        return value
    }

    private mutating func number(of group: RawSpan, _ window: Timestamp, _ shard: () -> Int32) -> Int? {
        if let known = table.find(group), !groups[known].isForgotten || window <= groups[known].lastWindow {
            return known
        }
        if groups.count - forgottenCount >= groupsMax { makeRoom(window) }
        guard groups.count - forgottenCount < groupsMax else { return nil }
        var state = GroupState(series: DetectedSeries(plan.terms), lastWindow: window)
        state.shard = shard()
        guard let known = table.find(group) else {
            groups.append(state)
            return table.add(group)
        }
        // It was gone, and is back.
        (state.isChanged, state.isWatched) = (groups[known].isChanged, groups[known].isWatched)
        state.newThrough = groups[known].newThrough
        groups[known] = state
        forgottenCount -= 1
        return known
    }

    /// Forgets groups that had no value for a day; never one whose alert is open, which would stay open for ever.
    private mutating func makeRoom(_ window: Timestamp) {
        if let sweptAt, sweptAt >= window { return }
        sweptAt = window
        let (limit, underflow) = window.nanoseconds.subtractingReportingOverflow(AnomalyMonitor.idleNanosecondsMax)
        if underflow { return }
        // Those that make room were there before this window.
        preparePeers(window)
        keep { $0.openedAt != nil || $0.lastWindow.nanoseconds >= limit }
    }

    /// Forgets the groups for which `isKept` is false.
    mutating func keep(_ isKept: (GroupState) -> Bool) {
        let states = groups
        if tracksChanges {
            for (number, state) in states.enumerated() where !isKept(state) && (!state.isForgotten || state.isChanged) {
                forgotten.append((table.key(number), state.lastWindow, state.newThrough))
            }
        }
        table.keep { isKept(states[$0]) }
        groups.removeAll { !isKept($0) }
        // Those that are left have other numbers now.
        if tracksChanges { changed = groups.indices.filter { groups[$0].isChanged } }
        watched = groups.indices.filter { groups[$0].isWatched }
        forgottenCount = groups.count { $0.isForgotten }
    }

    /// Opens on a limit that is exceeded, or a flag in the direction asked for; resolves when there was neither for as long as
    /// the alert is kept, or what was flagged is usual from now on.
    private mutating func updateAlert(
        _ number: Int, _ window: Timestamp, _ observation: inout AnomalyObservation,
        _ exceeded: (direction: AnomalyDirection, limit: Double)?, acceptedAfter: Int64?
    ) {
        guard let alert = plan.definition.alert else { return }
        let isUnusual = acceptedAfter == nil && (observation.direction.map { alert.asks(for: $0) } ?? false)
        observation.openedAt = groups[number].openedAt
        if exceeded != nil || isUnusual {
            groups[number].calm = 0
            if groups[number].openedAt != nil { return }
            groups[number].openedAt = window
            observation.openedAt = window
            observation.alertChange = .opened
            observation.cause = exceeded.map { $0.direction == .up ? .above($0.limit) : .below($0.limit) } ?? .unusual
        } else if groups[number].openedAt != nil {
            groups[number].calm += 1
            guard acceptedAfter != nil || groups[number].calm >= Int64(alert.keepFiringWindows) else { return }
            groups[number].openedAt = nil
            groups[number].calm = 0
            observation.alertChange = .resolved
            let isJudged = observation.judgement.isWarm || !plan.definition.limits.isEmpty
            observation.cause = acceptedAfter.map { .accepted(windows: $0) } ?? (isJudged ? .usual : .unjudged)
        }
    }
}
