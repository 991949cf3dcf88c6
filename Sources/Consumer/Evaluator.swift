import Accounting
import Alerting
import Evaluation
import Foundation
import KafkaClient
import Logging
import Objectives
import Observability
import Records
import Runtime
import TelemetryModel

/// The evaluating thread: reads the logs of its shards, and publishes what they amount to.
///
/// In this order, each step acknowledged before the next begins: alerts; window records and monitors' states; the
/// checkpoints. See `ShardEvaluator` for why any step may be the last one.
final class Evaluator {
    /// What the coordinating thread asks of the evaluator.
    enum Request: Sendable {
        case assign(OwnedShard)
        /// The shard goes away; reach the latch when its results are published.
        case release(Int32, Latch)
        /// The shard is another member's already.
        case forget(Int32)
        case stop
    }

    struct Context: Sendable {
        let producer: KafkaProducer
        let consumer: KafkaConsumer
        let topics: OutputTopics
        let shards: ShardMap
        /// In which form records are written.
        let form: RecordForm
        let partitions: StatePartitions
        let skips: SkippedRecords
        /// What is found out longer than this after its event time is marked as past.
        let alertMaxAgeNanoseconds: Int64
        let requests: Mailbox<Request>
        let published: PublishedOffsets
        let metrics: MetricsRegistry
        let logger: Logger
        let onAlert: @Sendable (AlertTransition) -> Void
        let onClosed: @Sendable (Timestamp) -> Void
        let stop: Latch
        let note: @Sendable (KafkaError) -> Void
        let fail: @Sendable (String) -> Void
    }

    private static let pollMessagesMax = 1000
    private static let commitInterval = Duration.seconds(5)
    /// How long results wait at the most.
    private static let publishInterval = Duration.seconds(1)
    /// Windows that have closed do not wait for that, as long as publishing takes at most one part in so many of the time.
    private static let promptShare = 5

    private let worker: KafkaWorker
    private let context: Context
    private let acknowledgements: AcknowledgementWait
    private var owned: [Int32: OwnedShard] = [:]
    /// The offset up to which each shard was published.
    private var published: [Int32: Int64] = [:]
    private var lastPublished = ContinuousClock.now
    private var lastPublication = Duration.zero
    /// Event time has moved on since the last publication.
    private var hasClosed = false
    private var lastReported = ContinuousClock.now
    private var unmatched = UnmatchedSelectors()
    private var lastCommitted = ContinuousClock.now
    /// Windows were published that the last report of the objectives does not know.
    private var isReportDue = false
    /// Shards whose logs can't be read on.
    private var halted: Set<Int32> = []

    init(_ worker: KafkaWorker, context: Context) {
        self.worker = worker
        self.context = context
        acknowledgements = AcknowledgementWait(
            producer: context.producer, stop: context.stop, fail: context.fail)
    }

    /// Runs until asked to stop, or until something cannot be published.
    func run() {
        var isStopping = false
        while !isStopping {
            let batch = worker.poll(max: Evaluator.pollMessagesMax, timeout: .milliseconds(50))
            var released: [(shard: Int32, latch: Latch)] = []
            var forgotten: [Int32] = []
            var again: Set<Int32> = []
            for request in context.requests.takeAll(timeout: 0) ?? [.stop] {
                switch request {
                case .assign(let shard):
                    // What was asked before of the same shard is settled first: its results are restored by now.
                    if forgotten.contains(shard.shard) || released.contains(where: { $0.shard == shard.shard }) {
                        again.insert(shard.shard)
                    }
                    forgotten.removeAll { $0 == shard.shard }
                    for (_, latch) in released.filter({ $0.shard == shard.shard }) { latch.reach() }
                    released.removeAll { $0.shard == shard.shard }
                    drop(shard.shard)
                    owned[shard.shard] = shard
                    isReportDue = true
                case .release(let shard, let latch): released.append((shard, latch))
                case .forget(let shard): forgotten.append(shard)
                case .stop: isStopping = true
                }
            }
            for shard in forgotten { drop(shard) }
            read(batch, again)
            if isDue || isStopping || !released.isEmpty {
                let isPublished = publish()
                for (shard, latch) in released {
                    drop(shard)
                    latch.reach()
                }
                if !isPublished { return isStopping ? () : abandon() }
            }
        }
    }

    private var isDue: Bool {
        let waited = lastPublished.duration(to: .now)
        return waited >= Evaluator.publishInterval || hasClosed && waited >= lastPublication * Evaluator.promptShare
    }

    private func drop(_ shard: Int32) {
        owned[shard] = nil
        halted.remove(shard)
        published[shard] = nil
    }

    /// Answers requests until the stop, publishing nothing.
    private func abandon() {
        while let requests = context.requests.takeAll(timeout: 1) {
            for request in requests {
                switch request {
                case .release(_, let latch): latch.reach()
                case .assign, .forget: break
                case .stop: return
                }
            }
        }
    }

    /// - Parameter again: shards that were taken anew since the batch came, of which it may hold what lies further on.
    private func read(_ batch: borrowing MessageBatch, _ again: Set<Int32>) {
        for index in 0..<batch.count {
            let message = batch[index]
            let shard = batch.sources[message.source].partition
            guard let next = owned[shard]?.evaluator.next, message.offset >= next, !halted.contains(shard) else {
                continue
            }
            if again.contains(shard), message.offset > next { continue }
            let partition = batch.sources[message.source]
            if context.skips.contains(partition, offset: message.offset) {
                owned[shard]?.evaluator.passOver(entryOf: RegisterOutlet.source(ofKey: message.key), at: message.offset)
                continue
            }
            let closedBefore = owned[shard]?.evaluator.closedBefore
            do {
                let written = try WrittenEntry(json: Array(copying: message.value))
                if let old = OlderMember(written, form: context.form, at: message.offset, in: owned[shard]) {
                    throw old
                }
                try owned[shard]?.evaluator.read(written.entry, at: message.offset)
                if owned[shard]?.evaluator.closedBefore != closedBefore { hasClosed = true }
            } catch let error as OlderMember {
                halted.insert(shard)
                context.fail("\(error)")
            } catch {
                halted.insert(shard)
                context.fail("\(UnreadableRecord(partition, offset: message.offset, "\(error)"))")
            }
        }
        for event in batch.events {
            switch event {
            case .positionLost(let partition, let error):
                context.fail(
                    "the position in \(partition) is lost (\(error.message)): registers were removed before they were "
                        + "evaluated; see the docs on lost positions")
            case .failure(let error): context.note(error)
            case .partitionEnd: break
            }
        }
    }

    // MARK: Publishing

    private func publish() -> Bool {
        lastPublished = .now
        hasClosed = false
        // What has read nothing since has nothing to say.
        let shards = owned.keys.sorted().filter { published[$0] != owned[$0]?.evaluator.next }
        if shards.isEmpty { return true }
        var results: [(OwnedShard, EvaluationShard.Results)] = []
        for shard in shards {
            guard let taken = owned[shard]?.evaluator.content.takeResults(), let owner = owned[shard] else { continue }
            results.append((owner, taken))
        }
        let alerts = AlertOrder.sorted(results.flatMap { $0.1.alerts })
        do throws(KafkaError) {
            let epochs = results.flatMap { owner, taken in
                taken.alerts.map { ($0.alert.dedupKey, owner.epoch) }
            }
            guard
                acknowledgements.isAcknowledged(
                    through: try send(alerts, by: Dictionary(epochs) { max($0, $1) })),
                acknowledgements.isAcknowledged(through: try send(results)),
                acknowledgements.isAcknowledged(through: try sendCheckpoints(of: shards))
            else { return false }
        } catch {
            context.fail("a result could not be sent: \(error)")
            return false
        }
        for shard in shards { published[shard] = owned[shard]?.evaluator.next }
        context.published.set(published)
        lastPublication = lastPublished.duration(to: .now)
        for alert in alerts { announce(alert) }
        tell(hasWindows: results.contains { !$0.1.windows.isEmpty })
        return true
    }

    private func send(
        _ alerts: [AlertTransition], by owners: [DedupKey: OwnerEpoch]
    ) throws(KafkaError) -> UInt64 {
        var last: UInt64 = 0
        let oldest = Timestamp.now().advanced(by: -context.alertMaxAgeNanoseconds)
        for alert in alerts {
            last = try context.producer.send(
                topic: context.topics.alerts, key: Array(alert.alert.dedupKey.text.utf8), value: alert.json,
                headers: CloudEventHeaders.make(
                    type: CloudEventHeaders.alert, id: "\(alert.alert.dedupKey)/\(alert.alert.time)",
                    time: alert.alert.time)
                    + FeedHeaders.make(
                        epoch: owners[alert.alert.dedupKey]?.rawValue ?? 0, isPast: alert.alert.time < oldest))
        }
        return last
    }

    private func send(_ results: [(OwnedShard, EvaluationShard.Results)]) throws(KafkaError) -> UInt64 {
        var last: UInt64 = 0
        for (owner, result) in results {
            for record in result.windows {
                var headers = CloudEventHeaders.make(
                    type: CloudEventHeaders.window, id: record.key, time: record.start)
                if let judged = result.judgedThrough {
                    headers.append(KafkaHeader(FeedReader.evaluatedThroughHeader, judged.description))
                }
                last = try context.producer.send(
                    topic: context.topics.windows, partition: windowPartition(of: record.terms.name),
                    key: Array(record.compactionKey.utf8), value: record.json, headers: headers)
            }
            // Behind the records that take their place, in the same partition.
            for (objective, key) in result.superseded {
                last = try context.producer.send(
                    topic: context.topics.windows, partition: windowPartition(of: objective), key: Array(key.utf8),
                    value: nil)
            }
            for var record in result.monitors {
                record.shard = owner.shard
                record.epoch = owner.epoch
                last = try send(key: record.key, record.json, of: owner.shard)
            }
        }
        return last
    }

    private func windowPartition(of objective: String) -> Int32 {
        Int32(ShardHash.shard(of: objective, among: context.partitions.windows))
    }

    private func sendCheckpoints(of shards: [Int32]) throws(KafkaError) -> UInt64 {
        var last: UInt64 = 0
        for shard in shards {
            guard let checkpoint = owned[shard]?.evaluator.checkpoint(), let owner = owned[shard] else { continue }
            var record = ShardCheckpointRecord(
                shard: shard, shards: context.shards.count, epoch: owner.epoch, checkpoint: checkpoint,
                partitions: context.partitions)
            record.form = owner.form
            last = try send(key: record.key, record.json, of: shard)
        }
        return last
    }

    private func send(key: String, _ json: [UInt8], of shard: Int32) throws(KafkaError) -> UInt64 {
        try context.producer.send(
            topic: context.topics.checkpoints, partition: shard % Int32(context.partitions.checkpoints),
            key: Array(key.utf8), value: json,
            headers: CloudEventHeaders.make(type: CloudEventHeaders.checkpoint, id: key, time: nil))
    }

    // MARK: Telling

    private func announce(_ transition: AlertTransition) {
        let alert = transition.alert
        context.onAlert(transition)
        context.metrics.add(.alertTransitions, [("status", alert.status.rawValue)])
        context.logger.notice(
            "alert",
            metadata: [
                "status": "\(alert.status.rawValue)", "severity": "\(alert.severity.rawValue)",
                "dedup_key": "\(alert.dedupKey)", "summary": "\(alert.summary)", "event_time": "\(alert.time)",
            ])
    }

    private func tell(hasWindows: Bool) {
        if lastCommitted.duration(to: .now) >= Evaluator.commitInterval { commit() }
        let contents = owned.values.map(\.evaluator.content)
        context.metrics.set(.alertsOpen, to: Double(contents.reduce(0) { $0 + $1.alerts.openCount }))
        // Shards whose sources were not all heard of hold back what is said to be closed.
        let closed = owned.values.map(\.evaluator.closedBefore)
        if !closed.contains(nil), let time = closed.compactMap({ $0 }).min() {
            context.onClosed(time)
            context.metrics.set(.watermark, to: Double(time.nanoseconds) / 1e9)
        }
        for owner in owned.values { tellCounters(of: owner) }
        let present = contents.reduce(0) { $0 + $1.objectives.ledgers.count }
        let former = contents.reduce(0) { $0 + $1.objectives.former.ledgers.count }
        context.metrics.set(.objectiveHistories, [("state", "current")], to: Double(present))
        context.metrics.set(.objectiveHistories, [("state", "former")], to: Double(former))
        isReportDue = isReportDue || hasWindows
        if isReportDue, lastReported.duration(to: .now) >= .seconds(5) { report(contents) }
    }

    /// Adds what a shard has counted since it was asked last, so that counters go on where shards come and go.
    private func tellCounters(of owner: OwnedShard) {
        for (reason, count) in owner.evaluator.reader.skipped {
            let told = owner.told.skipped.updateValue(count, forKey: reason) ?? 0
            context.metrics.add(.registersSkipped, [("reason", reason.rawValue)], by: Double(count - told))
        }
        let late = owner.evaluator.content.lateRollupCells
        context.metrics.add(.rollupCellsLate, by: Double(late - owner.told.lateRollupCells))
        owner.told.lateRollupCells = late
        let foreign = owner.evaluator.content.foreignRollupCells
        context.metrics.add(.rollupCellsForeign, by: Double(foreign - owner.told.foreignRollupCells))
        owner.told.foreignRollupCells = foreign
        let folded = owner.evaluator.content.foldedRollupCells
        context.metrics.add(.rollupCellsFolded, by: Double(folded - owner.told.foldedRollupCells))
        owner.told.foldedRollupCells = folded
        let former = owner.evaluator.content.objectives.former
        context.metrics.add(.objectiveHistoriesRemoved, by: Double(former.removed - owner.told.histories.removed))
        context.metrics.add(.objectiveAmountsUnknown, by: Double(former.unknownAmounts - owner.told.histories.unknown))
        owner.told.histories = (former.removed, former.unknownAmounts)
    }

    /// For lag monitors only: a restart goes by the checkpoint.
    private func commit() {
        lastCommitted = .now
        let offsets = owned.values.sorted { $0.shard < $1.shard }.map { owner in
            PartitionOffset(
                TopicPartition(topic: context.topics.registers, partition: owner.shard), offset: owner.evaluator.next)
        }
        do { try context.consumer.commit(offsets, timeout: .seconds(3)) } catch {
            context.logger.debug("offsets of registers were not committed", metadata: ["error": "\(error)"])
        }
    }

    private func report(_ contents: [EvaluationShard]) {
        lastReported = .now
        isReportDue = false
        for content in contents {
            guard let end = content.objectives.ledgers.compactMap(\.dataEnd).max() ?? content.judgedThrough else {
                continue
            }
            let parts = Dictionary(
                uniqueKeysWithValues: content.objectives.ledgers.map { ($0.terms.name, $0.selectorParts) })
            for entry in content.report(at: end).entries {
                let label = [("slo", entry.terms.name)]
                context.metrics.set(.objectiveGood, label, to: Double(entry.good))
                context.metrics.set(.objectiveTotal, label, to: Double(entry.total))
                if let remaining = entry.budget.remainingRatio.flatMap(Double.init) {
                    context.metrics.set(.objectiveBudget, label, to: remaining)
                }
                context.metrics.set(.inconsistentSlices, label, to: Double(entry.inconsistentSlices))
                unmatched.note(entry, parts: parts[entry.terms.name] ?? [], context.metrics, context.logger)
            }
        }
    }
}
