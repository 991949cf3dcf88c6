import Counting
import Logging
import Observability

/// What metrics and the log say of flushes that are published.
struct PublisherTelemetry {
    let metrics: MetricsRegistry
    let logger: Logger
    private var refused = RefusedMetrics()

    init(metrics: MetricsRegistry, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    mutating func note(_ flushes: [PartitionFlush], took duration: Duration) {
        for flush in flushes { count(flush.statistics, topic: flush.source.topic) }
        metrics.set(.flushSeconds, to: duration.seconds)
    }

    private mutating func count(_ statistics: PipelineStatistics, topic: String) {
        for (kind, count) in statistics.decoded {
            metrics.add(.eventsDecoded, [("type", kind.rawValue)], by: Double(count))
        }
        for (reason, count) in statistics.deadLettered {
            metrics.add(.eventsDeadLettered, [("reason", reason.rawValue)], by: Double(count))
        }
        for (kind, count) in statistics.late {
            metrics.add(.eventsLate, [("type", kind.rawValue)], by: Double(count))
        }
        let labels = [("topic", topic)]
        metrics.add(.messagesConsumed, labels, by: Double(statistics.messages))
        metrics.add(.bytesConsumed, labels, by: Double(statistics.bytes))
        metrics.add(.eventsDuplicate, labels, by: Double(statistics.duplicates))
        metrics.add(.identitiesEvicted, labels, by: Double(statistics.evictedIdentities))
        for (name, counters) in statistics.troubles {
            let labels = [("name", name)]
            metrics.add(.rollupEventsFolded, labels, by: Double(counters.foldedEvents))
            metrics.add(.setsDegraded, labels, by: Double(counters.degradedSets))
            metrics.add(.valuesShortened, labels, by: Double(counters.shortenedValues))
            metrics.add(.valuesNotNumeric, labels, by: Double(counters.valuesNotNumeric))
            metrics.add(.sumsRounded, labels, by: Double(counters.roundedSums))
        }
        metrics.add(.auditRecords, by: Double(statistics.auditRecords))
        metrics.add(.auditRecordsTruncated, by: Double(statistics.auditRecordsTruncated))
        refused.note(statistics.refusedPoints, topic: topic, metrics, logger)
    }
}
