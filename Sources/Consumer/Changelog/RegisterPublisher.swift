import Accounting
import Counting
import Foundation
import KafkaClient
import Logging
import Observability
import Runtime
import TelemetryModel

/// The publishing thread of the count role: tells the shards what source partitions amount to, and has committed only what
/// every shard has acknowledged.
final class RegisterPublisher {
    struct Context: Sendable {
        let outlet: RegisterOutlet
        let committer: OffsetCommitter
        let flushes: Mailbox<PartitionFlush>
        let releases: ReleaseLatches
        let metrics: MetricsRegistry
        let logger: Logger
        let stop: Latch
        let fail: @Sendable (String) -> Void
    }

    private let context: Context
    private let acknowledgements: AcknowledgementWait
    private var refused = RefusedMetrics()
    private var producer: KafkaProducer { context.outlet.producer }

    init(_ context: Context) {
        self.context = context
        acknowledgements = AcknowledgementWait(
            producer: context.outlet.producer, stop: context.stop, fail: context.fail)
    }

    /// Runs until the mailbox is closed and empty.
    func run() {
        while let flushes = context.flushes.takeAll(timeout: 0.2) {
            // What follows a gap waits for its acknowledgement: a successor must not find shards on both sides of counts.
            let groups = flushes.split(afterEach: { $0.gap != nil })
            let isPublished = groups.allSatisfy { publish($0) }
            let released = flushes.compactMap(\.released)
            if isPublished {
                // Behind their commits.
                if !released.isEmpty { context.committer.put(OffsetCommitter.Order(commits: [], released: released)) }
                continue
            }
            // Not acknowledged: nothing is committed, and what was not published is read again by the next owner.
            for token in released { context.releases.reach(token) }
            return discard()
        }
    }

    /// Lets go of what still comes, so that a drain does not wait for commits that will not be made.
    private func discard() {
        while let flushes = context.flushes.takeAll(timeout: 0.2) {
            for token in flushes.compactMap(\.released) { context.releases.reach(token) }
        }
    }

    /// In this order, each step acknowledged before the next: the records that the ranges put into other topics, the
    /// updates of all shards, the commit, which is handed to its own thread.
    private func publish(_ flushes: [PartitionFlush]) -> Bool {
        if flushes.isEmpty { return true }
        let began = ContinuousClock.now
        guard acknowledgements.isAcknowledged(through: flushes.map(\.sentThrough).max() ?? 0) else { return false }
        let logs = logPlaces()
        var last: UInt64 = 0
        do throws(KafkaError) {
            for flush in flushes { last = max(last, try context.outlet.send(flush)) }
        } catch {
            context.fail("an update of registers could not be sent: \(error)")
            return false
        }
        guard acknowledgements.isAcknowledged(through: last) else { return false }
        commit(flushes, logs)
        for flush in flushes { count(flush) }
        context.metrics.set(.flushSeconds, to: began.duration(to: .now).seconds)
        return true
    }

    /// An offset in each shard's log that lies before all that will be sent now.
    private func logPlaces() -> [Int64] {
        (0..<context.outlet.shards.count).map { shard in
            let partition = TopicPartition(topic: context.outlet.topic, partition: Int32(shard))
            return producer.lastDelivered(partition).map { $0 + 1 } ?? 0
        }
    }

    private func commit(_ flushes: [PartitionFlush], _ logs: [Int64]) {
        // Of each partition and epoch the first flush, before which `logs` lies, and the last.
        var spans: [SourcePartition: [OwnerEpoch: (first: PartitionFlush, end: Int64)]] = [:]
        for flush in flushes {
            let first = spans[flush.source]?[flush.epoch]?.first ?? flush
            spans[flush.source, default: [:]][flush.epoch] = (first, flush.range.to.offset)
        }
        // Also where no offset has moved: the hint has, and a successor reads the logs from there.
        let offsets = spans.sorted { $0.key < $1.key }.flatMap { source, epochs in
            epochs.map { epoch, span in
                let hint = OwnerHint(
                    epoch: epoch,
                    places: zip(logs, span.first.chainEnds).map { OwnerHint.Place(offset: $0, through: $1) })
                let offset = OffsetAndMetadata(
                    PartitionOffset(TopicPartition(source), offset: span.end), metadata: hint.text)
                return CommitGate.Commit(offset: offset, epoch: epoch)
            }
        }
        context.committer.put(OffsetCommitter.Order(commits: offsets, released: []))
    }

    private func count(_ flush: PartitionFlush) {
        let statistics = flush.statistics
        for (kind, count) in statistics.decoded {
            context.metrics.add(.eventsDecoded, [("type", kind.rawValue)], by: Double(count))
        }
        for (reason, count) in statistics.deadLettered {
            context.metrics.add(.eventsDeadLettered, [("reason", reason.rawValue)], by: Double(count))
        }
        for (kind, count) in statistics.late {
            context.metrics.add(.eventsLate, [("type", kind.rawValue)], by: Double(count))
        }
        let topic = [("topic", flush.source.topic)]
        context.metrics.add(.messagesConsumed, topic, by: Double(statistics.messages))
        context.metrics.add(.bytesConsumed, topic, by: Double(statistics.bytes))
        context.metrics.add(.eventsDuplicate, topic, by: Double(statistics.duplicates))
        context.metrics.add(.identitiesEvicted, topic, by: Double(statistics.evictedIdentities))
        for (name, counters) in statistics.troubles {
            let labels = [("name", name)]
            context.metrics.add(.rollupEventsFolded, labels, by: Double(counters.foldedEvents))
            context.metrics.add(.setsDegraded, labels, by: Double(counters.degradedSets))
            context.metrics.add(.valuesShortened, labels, by: Double(counters.shortenedValues))
            context.metrics.add(.valuesNotNumeric, labels, by: Double(counters.valuesNotNumeric))
            context.metrics.add(.sumsRounded, labels, by: Double(counters.roundedSums))
        }
        context.metrics.add(.auditRecords, by: Double(statistics.auditRecords))
        context.metrics.add(.auditRecordsTruncated, by: Double(statistics.auditRecordsTruncated))
        refused.note(statistics.refusedPoints, topic: flush.source.topic, context.metrics, context.logger)
    }
}

extension Array {
    /// Cut behind each element for which `isLast` holds.
    fileprivate func split(afterEach isLast: (Element) -> Bool) -> [[Element]] {
        var groups: [[Element]] = [[]]
        for element in self {
            groups[groups.count - 1].append(element)
            if isLast(element) { groups.append([]) }
        }
        return groups.filter { !$0.isEmpty }
    }
}
