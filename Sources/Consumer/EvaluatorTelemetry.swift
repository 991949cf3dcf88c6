import Accounting
import Alerting
import Evaluation
import Logging
import Objectives
import Observability
import Records
import TelemetryModel

/// Says what evaluators have published: metrics, the log, and those who asked to be called.
struct EvaluatorTelemetry {
    private static let reportInterval = Duration.seconds(5)

    /// What the metrics know of a shard.
    private struct Told {
        var skipped: [SourceChain<ChangelogAmounts>.SkipReason: Int] = [:]
        var lateRollupCells = 0
        var foreignRollupCells = 0
        var foldedRollupCells: [String: Int] = [:]
        var untrackedGroups: [String: Int] = [:]
        var historiesRemoved = 0
        var unknownAmounts = 0
        var unjudgedRecords = UnjudgedRecords()
    }

    private let metrics: MetricsRegistry
    private let logger: Logger
    private let readings: EvaluationReadings
    private let hooks: PipelineHooks
    /// An assignment of a shard, whose counters begin anew with each.
    private struct Assignment: Hashable {
        let shard: Int32
        let epoch: OwnerEpoch

        init(_ owner: OwnedShard) { (shard, epoch) = (owner.shard, owner.epoch) }
    }

    private var told: [Assignment: Told] = [:]
    private var lastReported = ContinuousClock.now
    /// Windows were published that the last report of the objectives does not know.
    private var isReportDue = false
    private var unmatched = UnmatchedSelectors()
    /// When alerts were sent that are not acknowledged.
    private var alertsSent: [ContinuousClock.Instant] = []

    init(metrics: MetricsRegistry, readings: EvaluationReadings, logger: Logger, hooks: PipelineHooks) {
        self.metrics = metrics
        self.readings = readings
        self.logger = logger
        self.hooks = hooks
        for step in [PageStep.judged, .published] { metrics.beginHistogram(.pageStepSeconds, step.labels) }
    }

    /// Before it is sent: an alert that opens and may page is on its way.
    mutating func noteSending(_ record: ResultRecord, clock: () -> Timestamp) {
        guard case .alert(let alert) = record, let times = alert.times, !alert.isPast,
            alert.transition.alert.status == .open
        else { return }
        metrics.observe(
            .pageStepSeconds, PageStep.judged.labels,
            .nanoseconds(clock().nanoseconds - times.loggedAt.nanoseconds))
        alertsSent.append(.now)
    }

    mutating func noteAnswer(isAcknowledged: Bool) {
        if isAcknowledged {
            for sent in alertsSent {
                metrics.observe(.pageStepSeconds, PageStep.published.labels, sent.duration(to: .now))
            }
        }
        alertsSent = []
    }

    mutating func noteAssignment() { isReportDue = true }

    mutating func note(_ publication: Publication, of shards: [Int32: OwnedShard]) {
        for alert in publication.alerts { announce(alert) }
        let known = Set(shards.values.map(Assignment.init))
        told = told.filter { known.contains($0.key) }
        for owner in shards.values { noteCounters(of: owner) }
        isReportDue = isReportDue || publication.hasWindows
        publish(shards)
    }

    /// Shards went away and nothing else happened.
    func noteRelease(_ shards: [Int32: OwnedShard]) {
        readings.publish(readings.current.filter { shards[$0.key] != nil })
    }

    private mutating func publish(_ shards: [Int32: OwnedShard]) {
        let isReporting = isReportDue && lastReported.duration(to: .now) >= EvaluatorTelemetry.reportInterval
        let before = readings.current
        let snapshots = shards.mapValues { owner in
            let last = isReporting ? nil : before[owner.shard]
            return ShardSnapshot(of: owner, report: last?.report, selectorParts: last?.selectorParts)
        }
        readings.publish(snapshots)
        if let time = EvaluationReadings.closedBefore(in: snapshots.values) { hooks.onClosed(time) }
        guard isReporting else { return }
        lastReported = .now
        isReportDue = false
        for snapshot in snapshots.values {
            for entry in snapshot.report.entries {
                unmatched.note(entry, parts: snapshot.selectorParts[entry.terms.name] ?? [], logger)
            }
        }
    }

    private func announce(_ transition: AlertTransition) {
        let alert = transition.alert
        hooks.onAlert(transition)
        metrics.add(.alertTransitions, [("status", alert.status.rawValue)])
        logger.notice(
            "alert",
            metadata: [
                "status": "\(alert.status.rawValue)", "severity": "\(alert.severity.rawValue)",
                "dedup_key": "\(alert.dedupKey)", "summary": "\(alert.summary)", "event_time": "\(alert.time)",
            ])
    }

    /// Adds what a shard has counted since it was asked last, so that counters go on where shards come and go.
    private mutating func noteCounters(of owner: OwnedShard) {
        let (content, skipped) = (owner.evaluator.content, owner.evaluator.reader.skipped)
        let now = Told(
            skipped: skipped, lateRollupCells: content.lateRollupCells,
            foreignRollupCells: content.foreignRollupCells, foldedRollupCells: content.foldedRollupCells,
            untrackedGroups: content.untrackedGroups,
            historiesRemoved: content.objectives.former.removed,
            unknownAmounts: content.objectives.former.unknownAmounts,
            unjudgedRecords: content.objectives.unjudgedRecords)
        let before = told.updateValue(now, forKey: Assignment(owner)) ?? Told()
        for (reason, count) in skipped {
            metrics.add(
                .registersSkipped, [("reason", reason.rawValue)], by: Double(count - (before.skipped[reason] ?? 0)))
        }
        metrics.add(.rollupCellsLate, by: Double(now.lateRollupCells - before.lateRollupCells))
        metrics.add(.rollupCellsForeign, by: Double(now.foreignRollupCells - before.foreignRollupCells))
        for (rollup, count) in now.foldedRollupCells {
            metrics.add(
                .rollupCellsFolded, [("name", rollup)], by: Double(count - (before.foldedRollupCells[rollup] ?? 0)))
        }
        for (monitor, count) in now.untrackedGroups {
            metrics.add(
                .monitorGroupsUntracked, [("monitor", monitor)],
                by: Double(count - (before.untrackedGroups[monitor] ?? 0)))
        }
        metrics.add(.objectiveHistoriesRemoved, by: Double(now.historiesRemoved - before.historiesRemoved))
        metrics.add(.objectiveAmountsUnknown, by: Double(now.unknownAmounts - before.unknownAmounts))
        for (reason, count) in [
            ("idle", now.unjudgedRecords.missed - before.unjudgedRecords.missed),
            ("bound", now.unjudgedRecords.merged - before.unjudgedRecords.merged),
        ] { metrics.add(.objectiveRecordsUnjudged, [("reason", reason)], by: Double(count)) }
    }
}
