import Accounting
import Aggregation
import Alerting
import Objectives
import Planning
import Records
import TelemetryModel

/// What the evaluating stage makes of one shard: objectives' ledgers, rollups' open windows, monitors, alerts.
///
/// A value without clock or I/O; the thread around it publishes, and waits for acknowledgements.
package struct EvaluationShard: ShardContent {
    let plan: PipelinePlan
    let shard: Int
    let shards: ShardMap
    package internal(set) var objectives: ObjectiveStates
    /// Beside `plan.rollups`; `nil` for those that nothing watches.
    private let mergers: [RollupMerger?]
    private let rollupPlaces: [String: Int]
    private(set) var monitors: MonitorStates
    /// Windows that end by then were judged before a restart, and the states of their groups published.
    let closedBefore: EventTimes?
    var descriptions: AlertDescriptions
    package internal(set) var alerts = KnownAlerts()
    /// Changes of alerts that were not taken yet.
    var announced: [AlertTransition] = []
    /// When each alert that was restored last changed, in event time.
    var restoredChanges: [DedupKey: Timestamp] = [:]
    /// What the restored state of the alerts includes of the log.
    var restoredNext: Int64 = 0
    var isRestoredFromState = false
    /// All changes of alerts up to these event times were announced before a restart: of monitors' and of objectives'.
    private(set) var announcedThrough: (judged: EventTimes, decided: EventTimes)?
    /// What is gone of what judged an alert that was restored.
    var unjudged: [DedupKey: AlertRemoval] = [:]
    /// An open alert has another end than in the state that was taken last, or none any more.
    var areEndsChanged = false
    /// How long open alerts whose judge is gone wait for it.
    var removalDelayNanoseconds = EvaluationShard.defaultRemovalDelayNanoseconds
    /// The end of each rollup's newest window that monitors were shown, by the rollup's place in the plan.
    private(set) var newestWindows: [Int: Timestamp] = [:]
    /// Windows that end by then were judged, of what reads those kinds of event.
    package private(set) var judgedThrough: EventTimes
    /// All judgements of objectives' slices that are dated by then were made.
    package private(set) var decidedThrough: EventTimes
    /// Where slices are judged by arrival, what is known of the inputs.
    private var inputs: InputTerms?
    /// The trusted clock's time, if it is known: what lies in the past by event time and not by it is not forgotten.
    package var clock: Timestamp?

    /// - Parameter closedBefore: windows that end by then were judged before a restart.
    package init(plan: PipelinePlan, shard: Int, of shards: ShardMap, closedBefore: EventTimes?) {
        self.plan = plan
        self.shard = shard
        self.shards = shards
        objectives = ObjectiveStates(plan: plan) { shards.shard(ofObjective: $0) == shard }
        let watched = Set(plan.monitors.map(\.rollup))
        mergers = plan.rollups.indices.map { index in
            guard watched.contains(index) else { return nil }
            let rollup = plan.rollups[index].plan
            return RollupMerger(plan: rollup, closedBefore: closedBefore?[rollup.definition.source])
        }
        rollupPlaces = Dictionary(
            uniqueKeysWithValues: plan.rollups.enumerated().map { ($1.plan.definition.name, $0) })
        monitors = MonitorStates(plan: plan, identity: .values, closedBefore: closedBefore)
        self.closedBefore = closedBefore
        descriptions = AlertDescriptions(plan)
        judgedThrough = closedBefore ?? EventTimes()
        decidedThrough = judgedThrough
    }

    /// Slices are judged twice, by what had arrived, where records tell that; without this once. To be called before anything is restored.
    package mutating func judge(by inputs: InputTerms) {
        if inputs.judgesOnce { return }
        self.inputs = inputs
        objectives.judgeByArrival { inputs.longestLateness(of: $0) }
    }

    // MARK: What the log says

    package mutating func add(_ parts: [ChangelogAmounts], from update: UpdateOrigin, at offset: Int64) {
        // The blocks of an objective skip what their stamps say is in them: a second part would be, after the first.
        let amounts = ChangelogAmounts(joining: parts)
        let lateness = inputs?.lateness(of: update.source.topic) ?? 0
        for objective in amounts.objectives {
            objectives.add(objective, stamp: offset, latenessNanoseconds: lateness)
            for trace in amounts.traces {
                objectives.note(
                    SourceSpan(update.source, update.to, first: trace.firstOffset, last: trace.lastOffset),
                    kind: trace.kind, hour: trace.hour, for: objective.history)
            }
        }
        if let time = update.progress.watermark ?? judgedThrough.least {
            for gap in UnreadSpan.gaps(of: update) { objectives.note(gap, at: time) }
        }
        for rollup in amounts.rollups {
            guard let place = rollupPlaces[rollup.rollup], let merger = mergers[place] else { continue }
            for cell in rollup.cells { merger.add(cell, at: offset) }
        }
    }

    package mutating func close(before times: EventTimes, reached: EventTimes) {
        let decided = inputs == nil ? times : reached
        var transitions = objectives.evaluate(through: decided).map(AlertTransition.init(_:))
        // What the log says may be ahead of the clock, and what is forgotten does not come back.
        objectives.advance(to: times, notBeyond: clock)
        // After a restart the log is read from before what was judged.
        judgedThrough.advance(to: times)
        decidedThrough.advance(to: decided)
        for (index, merger) in mergers.enumerated() {
            guard let time = times[plan.rollups[index].plan.definition.source] else { continue }
            merger?.close(before: time) { window in
                transitions += monitors.take(window, rollup: index)
                newestWindows[index] = window.start.advanced(by: window.plan.definition.windowNanoseconds)
            }
            if merger != nil { transitions += monitors.pass(through: time, rollup: index) }
        }
        announce(transitions + removalEnds(through: times, decided))
    }

    package var unpublishedSince: Int64? { mergers.compactMap { $0?.unpublishedSince }.min() }

    /// Cells of rollup windows that came after their window was judged.
    package var lateRollupCells: Int { mergers.reduce(0) { $0 + ($1?.lateCells ?? 0) } }

    /// Cells that a changed definition of their rollup left over.
    package var foreignRollupCells: Int { mergers.reduce(0) { $0 + ($1?.foreignCells ?? 0) } }

    /// By rollup: cells that were folded into `(other)`.
    package var foldedRollupCells: [String: Int] {
        Dictionary(
            uniqueKeysWithValues: zip(plan.rollups, mergers).compactMap { rollup, merger in
                merger.map { (rollup.plan.definition.name, $0.foldedCells) }
            })
    }

    /// By monitor: groups of windows that were not watched, because there are as many as a monitor keeps.
    package var untrackedGroups: [String: Int] { monitors.untrackedGroups }

    // MARK: What follows from it

    /// What has to leave the process.
    package struct Results {
        package var alerts: [FeedAlert] = []
        /// Records of the feed to take back, because others have taken their place.
        package var supersededAlerts: [FeedKey] = []
        /// The alerts as they are, where that is to be written.
        package var alertState: AlertState?
        package var windows: [WindowRecord] = []
        package var monitors: [MonitorRecord] = []
        /// Keys of window records to take back, with their objectives.
        package var superseded: [(objective: String, key: String)] = []
        /// All judgements of slices that are dated by then were made, of what reads those kinds of event.
        package var judgedThrough = EventTimes()
    }

    /// Takes everything that changed since the last call.
    package mutating func takeResults(_ terms: PublishingTerms = PublishingTerms()) -> Results {
        let taken = takeAlerts(terms)
        return Results(
            alerts: taken.feed, supersededAlerts: taken.superseded, alertState: taken.state,
            windows: objectives.takeChangedRecords(), monitors: monitors.takeChangedRecords(),
            superseded: objectives.takeSupersededKeys(), judgedThrough: decidedThrough)
    }

    // MARK: Restoring

    /// Takes what was restored of this shard's objectives.
    package mutating func restore(_ ledgers: [ObjectiveLedger]) {
        objectives.restore(ledgers)
    }

    /// Takes what was restored of other definitions and of objectives that aren't known here, where it is this shard's.
    package mutating func restore(former ledgers: [ObjectiveLedger]) {
        objectives.restore(former: ledgers.filter { shards.shard(ofObjective: $0.terms.name) == shard })
    }

    /// Takes up to when the shard's alerts were judged when a window was published.
    package mutating func restore(judgedThrough times: EventTimes) {
        // Alerts are published before any window record, and so were those of all objectives up to then.
        decidedThrough.advance(to: times)
        if inputs == nil { judgedThrough.advance(to: times) }
    }

    /// A window record was skipped on request: says so in the report of its objective, where that is one of ours.
    package mutating func note(_ gap: UnreadSpan, of record: WindowRecord.Identity) {
        objectives.note(gap, at: record.start, for: record.objective)
    }

    /// Takes what a state of the alerts says was judged.
    mutating func restoreJudged(by state: AlertState) {
        judgedThrough.advance(to: state.judgedThrough)
        decidedThrough.advance(to: inputs == nil ? state.judgedThrough : state.decidedThrough)
    }

    package mutating func restore(_ record: any StateRecord) {
        if let record = record as? MonitorRecord { monitors.restore(record) }
    }

    /// To be called when all is restored.
    ///
    /// - Parameter epoch: under which results are published from now on.
    package mutating func finishRestoring(epoch: OwnerEpoch) {
        objectives.setEpoch(epoch.rawValue)
        objectives.restoreDecided(through: decidedThrough)
        // A state's alerts were published before it, and before the windows that may be further than it.
        if isRestoredFromState { announcedThrough = (judgedThrough, decidedThrough) }
        endAlertsOfMonitors()
    }

    /// Takes alerts for over that are open by the states of their groups alone: their monitor was gone, or raised no alerts, for a while.
    ///
    /// Where alerts were announced further than these states, one may have ended by a window that is read again, and ends by it again.
    private mutating func endAlertsOfMonitors() {
        let (alerts, restoredChanges) = (alerts, restoredChanges)
        let closed = closedBefore?.least
        let isAhead = EventKind.allCases.contains { kind in
            guard let judged = judgedThrough[kind] else { return false }
            return closedBefore?[kind].map { judged > $0 } ?? true
        }
        monitors.endAlerts { key in
            if isAhead || alerts.isOpen(key) { return true }
            guard let last = restoredChanges[key] else { return false }
            return closed.map { last > $0 } ?? true
        }
    }

    package func report(at time: Timestamp) -> SLOReport {
        SLOReport(at: time, ledgers: objectives.ledgers)
    }
}

extension UnreadSpan {
    /// What was never read, or never counted, up to the update's end.
    fileprivate static func gaps(of update: UpdateOrigin) -> [UnreadSpan] {
        guard let from = update.from else { return [] }
        func span(_ start: SourcePoint, to end: Int64?) -> UnreadSpan {
            UnreadSpan(
                topic: update.source.topic, partition: update.source.partition, incarnation: start.incarnation,
                from: start.offset, to: end)
        }
        var gaps: [UnreadSpan] = []
        if let start = update.passedOverFrom {
            gaps.append(span(start, to: start.incarnation == from.incarnation ? from.offset : nil))
        }
        if let gap = update.gap { gaps.append(span(from, to: gap == .expired ? update.to.offset : nil)) }
        return gaps
    }
}

extension SourceSpan {
    fileprivate init(_ source: SourcePartition, _ point: SourcePoint, first: Int64, last: Int64) {
        self.init(
            source: .kafka(topic: source.topic, partition: source.partition, incarnation: point.incarnation),
            first: first, last: last)
    }
}
