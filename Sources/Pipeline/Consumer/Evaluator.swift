import Alerting
import Foundation
import KafkaClient
import Logging
import Objectives
import TelemetryModel

/// The evaluating thread: publishes what the stage says, waits until it is acknowledged, and only then commits.
final class Evaluator {
    struct Context: Sendable {
        let producer: KafkaProducer
        let consumer: KafkaConsumer
        let topics: OutputTopics
        let flushes: Mailbox<EvaluatorMessage>
        let closedBefore: SharedTimestamp
        let metrics: MetricsRegistry
        let readiness: Readiness
        let logger: Logger
        let clock: @Sendable () -> Timestamp
        let onAlert: @Sendable (AlertTransition) -> Void
        let onClosed: @Sendable (Timestamp) -> Void
        let isStopping: @Sendable () -> Bool
        let fail: @Sendable (String) -> Void
    }

    private var stage: EvaluationStage
    private let context: Context
    /// The next offset of each partition that everything is done for, not committed yet.
    private var pending: [TopicPartition: Int64] = [:]
    private var committed: [TopicPartition: Int64] = [:]
    /// How long an acknowledgement may take once a stop was asked for, so that a stop ends while the broker is gone.
    /// Before that only the producer's own `message.timeout.ms` gives up: an outage is waited out.
    private static let stopTimeout = Duration.seconds(8)

    init(stage: EvaluationStage, context: Context) {
        self.stage = stage
        self.context = context
    }

    /// Runs until the mailbox is closed and empty. Returns the stage, for a last report.
    func run() -> EvaluationStage {
        while let messages = context.flushes.takeAll(timeout: 0.2) {
            if messages.isEmpty { continue }
            var released: [Milestone] = []
            var sentThrough: UInt64 = 0
            for message in messages {
                switch message {
                case .assigned(let partitions):
                    for partition in partitions { stage.assign(partition) }
                case .flush(let flush):
                    stage.take(flush)
                    count(flush.statistics, partition: flush.partition)
                    if let next = flush.nextOffset { pending[flush.partition] = next }
                    sentThrough = max(sentThrough, flush.sentThrough)
                    if let milestone = flush.released { released.append(milestone) }
                case .lost(let partition):
                    stage.forget(partition)
                    pending[partition] = nil
                    committed[partition] = nil
                case .positionLost(let partition, let error):
                    context.fail(
                        "the position in \(partition) is lost (\(error.message)): records were removed before they were "
                            + "read, or the topic was made anew; see the docs on lost positions")
                case .failure(let error):
                    context.logger.warning("kafka", metadata: ["error": "\(error)"])
                    if error.isFatal { context.fail("\(error)") }
                }
            }
            let output = stage.advance(now: context.clock())
            guard publish(output, sentThrough: sentThrough) else {
                // Not acknowledged: nothing is committed, and what was released is read again by its next owner.
                for milestone in released { milestone.reach() }
                discardFlushes()
                return stage
            }
            commit()
            for milestone in released { milestone.reach() }
            if let closed = output.closedBefore {
                context.closedBefore.set(closed)
                context.onClosed(closed)
                context.metrics.set(.watermark, to: Double(closed.nanoseconds) / 1e9)
            }
            updateMetrics(output)
        }
        return stage
    }

    /// Lets go of what still comes, so that a drain does not wait for commits that will not be made.
    private func discardFlushes() {
        while let messages = context.flushes.takeAll(timeout: 0.2) {
            for case .flush(let flush) in messages { flush.released?.reach() }
        }
    }

    private func publish(_ output: EvaluationStage.Output, sentThrough: UInt64) -> Bool {
        var last = sentThrough
        do throws(KafkaError) {
            for record in output.windows {
                var headers = CloudEventHeaders.make(
                    type: CloudEventHeaders.window, id: record.key, time: record.start)
                if let closed = output.closedBefore {
                    headers.append(KafkaHeader(FeedReader.evaluatedThroughHeader, closed.description))
                }
                last = try context.producer.send(
                    topic: context.topics.windows, key: Array(record.key.utf8), value: record.json, headers: headers)
            }
            for alert in output.alerts {
                last = try context.producer.send(
                    topic: context.topics.alerts, key: Array(alert.alert.dedupKey.text.utf8), value: alert.json,
                    headers: CloudEventHeaders.make(
                        type: CloudEventHeaders.alert, id: "\(alert.alert.dedupKey)/\(alert.alert.time)",
                        time: alert.alert.time))
            }
        } catch {
            context.fail("a result could not be sent: \(error)")
            return false
        }
        switch waitForDelivery(through: last) {
        case .delivered:
            for alert in output.alerts { context.onAlert(alert) }
            return true
        case .failed(let failures):
            context.fail("\(failures.count) records were refused, the first: \(failures[0])")
        case .pending(let resolved):
            context.fail("no acknowledgement before the stop (\(last - resolved) records wait)")
        }
        return false
    }

    private func waitForDelivery(through sequence: UInt64) -> DeliveryOutcome {
        var stopDeadline: ContinuousClock.Instant?
        while true {
            let outcome = context.producer.waitForDelivery(through: sequence, timeout: .milliseconds(500))
            guard case .pending = outcome else { return outcome }
            if let stopDeadline, ContinuousClock.now >= stopDeadline { return outcome }
            if stopDeadline == nil, context.isStopping() { stopDeadline = .now + Evaluator.stopTimeout }
        }
    }

    private func commit() {
        let offsets = pending.filter { committed[$0.key] != $0.value }
            .sorted { $0.key < $1.key }
            .map { PartitionOffset($0.key, offset: $0.value) }
        if offsets.isEmpty { return }
        do {
            try context.consumer.commit(offsets, timeout: .seconds(10))
            for offset in offsets { committed[offset.partition] = offset.offset }
            context.metrics.add(.offsetsCommitted, [("result", "done")])
        } catch {
            // The next flush tries again; until then a crash only repeats work.
            context.logger.warning("offsets were not committed", metadata: ["error": "\(error)"])
            context.metrics.add(.offsetsCommitted, [("result", "failed")])
        }
    }

    private func count(_ statistics: PipelineStatistics, partition: TopicPartition) {
        for (kind, count) in statistics.decoded {
            context.metrics.add(.eventsDecoded, [("type", kind.rawValue)], by: Double(count))
        }
        for (reason, count) in statistics.deadLettered {
            context.metrics.add(.eventsDeadLettered, [("reason", reason.rawValue)], by: Double(count))
        }
        for (kind, count) in statistics.late {
            context.metrics.add(.eventsLate, [("type", kind.rawValue)], by: Double(count))
        }
        context.metrics.add(.messagesConsumed, [("topic", partition.topic)], by: Double(statistics.messages))
        context.metrics.add(.auditRecords, by: Double(statistics.auditRecords))
        context.metrics.add(.bytesConsumed, [("topic", partition.topic)], by: Double(statistics.bytes))
    }

    private func updateMetrics(_ output: EvaluationStage.Output) {
        for alert in output.alerts {
            context.metrics.add(.alertTransitions, [("status", alert.alert.status.rawValue)])
            context.logger.notice(
                "alert",
                metadata: [
                    "status": "\(alert.alert.status.rawValue)", "severity": "\(alert.alert.severity.rawValue)",
                    "dedup_key": "\(alert.alert.dedupKey)", "summary": "\(alert.alert.summary)",
                    "event_time": "\(alert.alert.time)",
                ])
        }
        context.metrics.set(.alertsOpen, to: Double(stage.alerts.openCount))
        context.metrics.set(.rollupEventsLate, to: Double(stage.lateRollupCells))
        guard !output.windows.isEmpty, let end = stage.objectives.ledgers.compactMap(\.dataEnd).max() else { return }
        for entry in stage.report(at: end).entries {
            let label = [("slo", entry.terms.name)]
            context.metrics.set(.objectiveGood, label, to: Double(entry.good))
            context.metrics.set(.objectiveTotal, label, to: Double(entry.total))
            if let remaining = entry.budget.remainingRatio.flatMap(Double.init) {
                context.metrics.set(.objectiveBudget, label, to: remaining)
            }
        }
    }
}
