import Aggregation
import Alerting
import KafkaClient
import Objectives
import TelemetryModel

/// The evaluating stage of a consumer: merges what source partitions tell, closes windows as event time moves on, and
/// says what changed.
///
/// A value without clock or I/O; the thread around it publishes, waits for acknowledgements, and commits.
struct EvaluationStage {
    /// What has to leave the process for one advance.
    struct Output {
        var windows: [WindowRecord] = []
        var alerts: [AlertTransition] = []
        /// Event time up to which windows are over.
        var closedBefore: Timestamp?
    }

    private let plan: PipelinePlan
    private let latenessNanoseconds: Int64
    private let horizonNanoseconds: Int64
    private(set) var objectives: ObjectiveBook
    private var mergers: [RollupMerger]
    private var monitors: MonitorBook
    private(set) var alerts: AlertBook
    /// When each alert of the restored feed last changed, in event time.
    private var restoredChanges: [DedupKey: Timestamp] = [:]
    private var board = WatermarkBoard()
    private var current: [TopicPartition: [PartitionFlush.Slice: SliceTally]] = [:]
    private var currentLate: [TopicPartition: [PartitionFlush.Slice: Int64]] = [:]
    private(set) var statistics = PipelineStatistics()

    init(plan: PipelinePlan, latenessNanoseconds: Int64, horizonNanoseconds: Int64) {
        self.plan = plan
        self.latenessNanoseconds = latenessNanoseconds
        self.horizonNanoseconds = horizonNanoseconds
        objectives = ObjectiveBook(plan: plan)
        mergers = plan.rollups.map { RollupMerger(plan: $0.plan) }
        monitors = MonitorBook(plan: plan, identity: .values)
        alerts = AlertBook()
    }

    /// Cells of rollup windows that came after their window was judged.
    var lateRollupCells: Int { mergers.reduce(0) { $0 + $1.lateCells } }

    // MARK: What partitions tell

    mutating func assign(_ partition: TopicPartition) {
        board.assign(partition)
    }

    mutating func forget(_ partition: TopicPartition) {
        board.remove(partition)
        current[partition] = nil
        currentLate[partition] = nil
        for index in mergers.indices { mergers[index].release(partition) }
    }

    mutating func take(_ flush: PartitionFlush) {
        statistics += flush.statistics
        for (slice, tally) in flush.slices {
            let before = current[flush.partition]?[slice] ?? SliceTally()
            objectives.add(part: slice.part, slice: slice.start, tally: tally - before)
            current[flush.partition, default: [:]][slice] = tally
        }
        for slice in flush.folded { current[flush.partition]?[slice] = nil }
        for (slice, total) in flush.late {
            let before = currentLate[flush.partition]?[slice] ?? 0
            objectives.addLate(part: slice.part, slice: slice.start, total: total - before)
            currentLate[flush.partition, default: [:]][slice] = total
        }
        for (rollup, change) in flush.rollups ?? [] { mergers[rollup].take(change, from: flush.partition) }
        for trace in flush.traces {
            objectives.note(
                SourceSpan(
                    source: .kafka(topic: flush.partition.topic, partition: flush.partition.partition),
                    first: trace.firstOffset, last: trace.lastOffset),
                kind: trace.kind, hour: trace.hour)
        }
        if flush.released == nil {
            board.update(flush.partition, watermark: flush.watermark, isIdle: flush.isIdle)
        } else {
            forget(flush.partition)
        }
    }

    // MARK: What follows from it

    /// Closes what is over and gathers everything that changed. `now` is the broker's clock.
    mutating func advance(now: Timestamp) -> Output {
        var output = Output()
        output.closedBefore = board.closedBefore(latenessNanoseconds: latenessNanoseconds, now: now)
        var transitions: [AlertTransition] = []
        if let end = output.closedBefore {
            for index in objectives.ledgers.indices {
                transitions += objectives.evaluate(objective: index, through: end).map(AlertTransition.init(burnRate:))
            }
            for index in mergers.indices {
                mergers[index].close(before: end) { window in
                    transitions += monitors.take(window, rollup: index)
                }
            }
            objectives.forgetTallies(before: end.advanced(by: -horizonNanoseconds))
        }
        // Time closes without a new window record when partitions fall idle, so after a restart slices are judged again
        // whose alerts are in the feed. An alert's changes are in the order of event time: what is not later is no news.
        output.alerts = AlertOrder.sorted(transitions).filter { transition in
            if let last = restoredChanges[transition.alert.dedupKey], transition.alert.time <= last { return false }
            return alerts.apply(transition)
        }
        for index in objectives.ledgers.indices { output.windows += objectives.takeChangedRecords(objective: index) }
        return output
    }

    // MARK: Restoring

    /// Takes the objectives' published history, and up to when it was judged, before anything is counted.
    mutating func restore(_ record: WindowRecord, evaluatedThrough: Timestamp?) {
        objectives.restore(record, evaluatedThrough: evaluatedThrough)
    }

    /// Takes the alerts that are open, so that none of them is opened a second time.
    mutating func restore(_ transition: AlertTransition) {
        alerts.restore(transition)
        let alert = transition.alert
        restoredChanges[alert.dedupKey] = alert.time
        guard alert.status == .open, let objective = alert.labels["objective"], let name = alert.labels["alert"] else {
            return
        }
        objectives.restoreFiring(objective: objective, alert: name, since: alert.openedAt)
    }

    func report(at time: Timestamp) -> SLOReport {
        SLOReport(at: time, ledgers: objectives.ledgers)
    }
}
