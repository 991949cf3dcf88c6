import Logging
import Observability
import Planning
import TelemetryModel

/// Says which metrics are not counted because they are cumulative: in a metric always, in the log when one comes first.
struct RefusedMetrics {
    private struct Place: Hashable {
        let topic: String
        let metric: String
    }

    private var told: Set<Place> = []

    mutating func note(_ points: [String: Int], topic: String, _ metrics: MetricsRegistry, _ logger: Logger) {
        for (metric, count) in points.sorted(by: { $0.key < $1.key }) where count > 0 {
            metrics.add(
                .pointsRefused,
                [("topic", topic), ("metric", metric), ("reason", "cumulative")], by: Double(count))
            guard told.insert(Place(topic: topic, metric: metric)).inserted else { continue }
            logger.warning(
                "a metric is cumulative and is not counted; send it with delta temporality",
                metadata: [
                    "topic": "\(topic)", "reason": "cumulative",
                    "metric": "\(metric == MetricNames.other ? "metrics that a rollup may take" : metric)",
                ])
        }
    }
}
