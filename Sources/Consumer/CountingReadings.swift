import Counting
import LockFree
import Observability
import TelemetryModel

/// What the counting threads show of themselves, for all who read: totals since the start, and live counts of the partitions that
/// they own. No lock is taken, and no thread waits for a reader.
package struct CountingReadings: Sendable {
    private let outputs: [WorkerOutput]
    /// The threads' clock.
    private let now: @Sendable () -> Duration
    /// The one that is believed.
    private let clock: @Sendable () -> Timestamp

    package init(
        _ outputs: [WorkerOutput], now: @escaping @Sendable () -> Duration, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.outputs = outputs
        self.now = now
        self.clock = clock
    }

    package var samples: [MetricSample] {
        // First: a total that is read later has all that the live counts call flushed.
        let live = outputs.map(\.live.partitions)
        return totals + live.enumerated().flatMap { worker, partitions in samples(of: partitions, worker: worker) }
    }

    private func samples(of partitions: [LivePartition], worker: Int) -> [MetricSample] {
        let now = now()
        let clock = clock()
        func age(_ since: Duration?) -> Double { since.map { max(.zero, now - $0).seconds } ?? 0 }
        let oldest = partitions.compactMap(\.unflushedSince).min()
        var samples = [MetricSample(.unflushedSeconds, [("worker", String(worker))], age(oldest))]
        for live in partitions {
            let labels = [("topic", live.source.topic), ("partition", String(live.source.partition))]
            samples += [
                MetricSample(.partitionPosition, labels, Double(live.position)),
                MetricSample(.partitionUnflushedSeconds, labels, age(live.unflushedSince)),
                MetricSample(.partitionUnflushedEvents, labels, Double(live.events - live.eventsFlushed)),
                MetricSample(.partitionHeldBytes, labels, Double(live.heldBytes)),
            ]
            if let time = live.eventTime {
                samples += [
                    MetricSample(.partitionEventTime, labels, Double(time.nanoseconds) / 1e9),
                    MetricSample(
                        .eventTimeAhead, labels, (Double(time.nanoseconds) - Double(clock.nanoseconds)) / 1e9),
                ]
            }
        }
        return samples
    }

    private var totals: [MetricSample] {
        guard let first = outputs.first?.totals else { return [] }
        func sample(
            _ family: MetricFamily, _ labels: [(String, String)], _ counter: (CountedTotals) -> Counter
        ) -> MetricSample {
            MetricSample(family, labels, Double(outputs.reduce(0) { $0 + counter($1.totals).value }))
        }
        var samples: [MetricSample] = []
        for (index, kind) in first.decoded.map(\.kind.rawValue).enumerated() {
            samples.append(sample(.eventsDecoded, [("type", kind)]) { $0.decoded[index].count })
            samples.append(sample(.eventsLate, [("type", kind)]) { $0.late[index].count })
        }
        for (index, reason) in first.deadLettered.map(\.reason.rawValue).enumerated() {
            samples.append(sample(.eventsDeadLettered, [("reason", reason)]) { $0.deadLettered[index].count })
        }
        for (index, topic) in first.topics.map(\.topic).enumerated() {
            let labels = [("topic", topic)]
            samples.append(sample(.messagesConsumed, labels) { $0.topics[index].messages })
            samples.append(sample(.bytesConsumed, labels) { $0.topics[index].bytes })
            samples.append(sample(.eventsDuplicate, labels) { $0.topics[index].duplicates })
            samples.append(sample(.eventsConflicting, labels) { $0.topics[index].conflicts })
            samples.append(sample(.identitiesEvicted, labels) { $0.topics[index].evictedIdentities })
        }
        samples.append(sample(.promptFlushes, []) { $0.promptFlushes })
        samples.append(sample(.auditRecords, []) { $0.auditRecords })
        samples.append(sample(.auditRecordsTruncated, []) { $0.auditRecordsTruncated })
        samples.append(sample(.auditUndecided, []) { $0.auditUndecided })
        // Resumptions first: what begins to wait meanwhile waits, and nothing is taken for waiting that has gone on.
        let waiting = outputs.reduce(into: 0) { waiting, output in
            let resumed = output.totals.resumptions.value
            if output.totals.pauses.value > resumed { waiting += 1 }
        }
        samples.append(MetricSample(.consumptionPaused, [("cause", "acknowledgements")], waiting > 0 ? 1 : 0))
        return samples
    }
}
