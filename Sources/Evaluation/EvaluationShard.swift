import Accounting
import Aggregation
import Alerting
import Objectives
import Planning
import Records
import TelemetryModel

/// What the evaluating stage makes of one shard: rollups' open windows, what each kind of resource makes of it, alerts.
///
/// A value without clock or I/O; the thread around it publishes, and waits for acknowledgements.
package struct EvaluationShard: ShardContent {
    let plan: PipelinePlan
    let shard: Int
    let shards: ShardMap
    package internal(set) var kinds: EvaluatedKinds
    /// Beside `plan.rollups`; `nil` for those that nothing watches.
    private let mergers: [RollupMerger?]
    private let rollupPlaces: [String: Int]
    package internal(set) var alerts = KnownAlerts()
    /// Changes of alerts that were not taken yet.
    var announced: [(transition: AlertTransition, times: EntryTimes?)] = []
    /// Of the entry that is read.
    package var times: EntryTimes?
    /// When each alert that was restored last changed, in event time.
    var restoredChanges: [DedupKey: Timestamp] = [:]
    /// What the restored state of the alerts includes of the log.
    var restoredNext: Int64 = 0
    var isRestoredFromState = false
    /// All changes of alerts up to these event times were announced before a restart.
    private(set) var announcedThrough: JudgedTimes?
    /// What is gone of what judged an alert that was restored.
    var unjudged: [DedupKey: AlertRemoval] = [:]
    /// An open alert has another end than in the state that was taken last, or none any more.
    var areEndsChanged = false
    /// How long open alerts whose judge is gone wait for it.
    var removalDelayNanoseconds = EvaluationShard.defaultRemovalDelayNanoseconds
    private(set) var judged: JudgedTimes
    /// Where slices are judged by arrival, what is known of the inputs.
    private var inputs: InputTerms?
    /// The trusted clock's time, if it is known: what lies in the past by event time and not by it is not forgotten.
    package var clock: Timestamp?

    /// - Parameters:
    ///   - closedBefore: windows that end by then were judged before a restart.
    ///   - kinds: what is evaluated.
    package init(
        plan: PipelinePlan, shard: Int, of shards: ShardMap, closedBefore: EventTimes?,
        kinds types: [any EvaluatedKind.Type] = EvaluatedKinds.all
    ) {
        self.plan = plan
        self.shard = shard
        self.shards = shards
        kinds = EvaluatedKinds(
            EvaluationTerms(
                plan: plan, place: ShardPlace(shard: shard, shards: shards), closedBefore: closedBefore), of: types)
        let watched = kinds.rollups
        mergers = plan.rollups.indices.map { index in
            guard watched.contains(index) else { return nil }
            let rollup = plan.rollups[index].plan
            return RollupMerger(plan: rollup, closedBefore: closedBefore?[rollup.definition.source])
        }
        rollupPlaces = Dictionary(
            uniqueKeysWithValues: plan.rollups.enumerated().map { ($1.plan.definition.name, $0) })
        judged = JudgedTimes(windows: closedBefore ?? EventTimes(), slices: closedBefore ?? EventTimes())
    }

    /// Slices are judged twice, by what had arrived, where records tell that; without this once. To be called before anything is restored.
    package mutating func judge(by inputs: InputTerms) {
        if inputs.judgesOnce { return }
        self.inputs = inputs
        kinds.judgeByArrival { inputs.longestLateness(of: $0) }
    }

    // MARK: What the log says

    package mutating func add(_ parts: [ChangelogAmounts], from update: UpdateOrigin, at offset: Int64) {
        // What skips by stamps what is in its records would skip a second part after the first.
        let amounts = ChangelogAmounts(joining: parts)
        let lateness = inputs?.lateness(of: update.source.topic) ?? 0
        kinds.add(amounts, from: AmountsOrigin(update: update, offset: offset, latenessNanoseconds: lateness))
        if let time = update.progress.watermark ?? judged.windows.least {
            for gap in UnreadSpan.gaps(of: update) { kinds.note(gap, at: time) }
        }
        for rollup in amounts.rollups {
            guard let place = rollupPlaces[rollup.rollup], let merger = mergers[place] else { continue }
            for cell in rollup.cells { merger.add(cell, at: offset) }
        }
    }

    package mutating func close(before times: EventTimes, reached: EventTimes) {
        let through = JudgedTimes(windows: times, slices: inputs == nil ? times : reached)
        var transitions = kinds.evaluate(through: through, clock: clock)
        // After a restart the log is read from before what was judged.
        judged.advance(to: through)
        for (index, merger) in mergers.enumerated() {
            guard let time = times[plan.rollups[index].plan.definition.source] else { continue }
            merger?.close(before: time) { window in transitions += kinds.take(window, rollup: index) }
            if merger != nil { transitions += kinds.pass(through: time, rollup: index) }
        }
        announce(transitions + removalEnds(through: through))
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

    // MARK: What follows from it

    /// What has to leave the process.
    package struct Results {
        package var alerts: [FeedAlert] = []
        /// Records of the feed to take back, because others have taken their place.
        package var supersededAlerts: [FeedKey] = []
        /// The alerts as they are, where that is to be written.
        package var alertState: AlertState?
        /// The kinds' own records.
        package var records: [ResultRecord] = []
    }

    /// Takes everything that changed since the last call.
    package mutating func takeResults(_ terms: PublishingTerms = PublishingTerms()) -> Results {
        let taken = takeAlerts(terms)
        return Results(
            alerts: taken.feed, supersededAlerts: taken.superseded, alertState: taken.state,
            records: kinds.takeRecords(
                RecordOwner(shard: Int32(shard), epoch: terms.epoch, judgedThrough: judged.slices)))
    }

    // MARK: Restoring

    /// Takes histories as they were restored, before anything is added.
    ///
    /// - Parameter former: of other definitions, and of what isn't known here; also other shards'.
    package mutating func restore(_ ledgers: [ObjectiveLedger], former: [ObjectiveLedger] = []) {
        kinds.restore(ledgers, former: former)
    }

    /// Takes up to when the shard's alerts were judged when a window was published.
    package mutating func restore(judgedThrough times: EventTimes) {
        // Alerts are published before any window record, and so were those of all slices up to then.
        judged.slices.advance(to: times)
        if inputs == nil { judged.windows.advance(to: times) }
    }

    /// A window record was skipped on request.
    package mutating func note(_ gap: UnreadSpan, of record: WindowRecord.Identity) { kinds.note(gap, of: record) }

    /// Whether there is anything that a window says, be it of what is gone.
    var hasWindows: Bool { kinds.hasWindows }

    /// All windows from before a time are gone from their topic: marked in each objective that may miss them.
    mutating func noteLostWindows(before time: Timestamp, _ topic: String, _ partitions: StatePartitions) {
        for objective in Set(kinds.ledgers.map(\.terms.name)).sorted() {
            let partition = ResultRecord.windowPartition(of: objective, partitions)
            kinds.note(
                UnreadSpan(topic: topic, partition: partition, from: 0, to: nil),
                of: WindowRecord.Identity(objective: objective, start: time))
        }
    }

    /// Takes what a state of the alerts says was judged.
    mutating func restoreJudged(by state: AlertState) {
        judged.windows.advance(to: state.judgedThrough)
        judged.slices.advance(to: inputs == nil ? state.judgedThrough : state.decidedThrough)
    }

    package mutating func restore(_ record: any StateRecord) { kinds.restore(record) }

    /// To be called when all is restored.
    ///
    /// - Parameter epoch: under which results are published from now on.
    package mutating func finishRestoring(epoch: OwnerEpoch) {
        // A state's alerts were published before it, and before the windows that may be further than it.
        if isRestoredFromState { announcedThrough = judged }
        kinds.finishRestoring(
            RestoredShard(alerts: alerts, changes: restoredChanges, judged: judged, epoch: epoch))
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
