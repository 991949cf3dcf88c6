import Counting
import Logging
import Observability

/// What metrics and the log say of flushes that are published, beside the totals of the counting threads: what is told by a name
/// that is not known before.
struct PublisherTelemetry {
    let metrics: MetricsRegistry
    let logger: Logger
    private var refused = RefusedMetrics()

    init(metrics: MetricsRegistry, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
        for step in [PageStep.counted, .logged] { metrics.beginHistogram(.pageStepSeconds, step.labels) }
    }

    /// - Parameter now: by the counting threads' clock.
    mutating func note(_ flushes: [PartitionFlush], took duration: Duration, at now: Duration) {
        for flush in flushes {
            count(flush.statistics, topic: flush.source.topic)
            guard let passage = flush.passage else { continue }
            metrics.observe(.pageStepSeconds, PageStep.counted.labels, passage.counted)
            metrics.observe(.pageStepSeconds, PageStep.logged.labels, now - passage.sealedAt)
        }
        metrics.set(.flushSeconds, to: duration.seconds)
    }

    private mutating func count(_ statistics: PipelineStatistics, topic: String) {
        for (name, counters) in statistics.troubles {
            let labels = [("name", name)]
            metrics.add(.setsDegraded, labels, by: Double(counters.degradedSets))
            metrics.add(.valuesShortened, labels, by: Double(counters.shortenedValues))
            metrics.add(.valuesNotNumeric, labels, by: Double(counters.valuesNotNumeric))
            metrics.add(.sumsRounded, labels, by: Double(counters.roundedSums))
        }
        refused.note(statistics.refusedPoints, topic: topic, metrics, logger)
    }
}
