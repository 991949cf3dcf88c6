import Accounting
import KafkaClient
import Logging

/// Says that records were lost before they could be read.
struct SourceGapReport {
    let partition: TopicPartition
    let cause: SourceGapCause
    let from: SourcePoint?
    let to: SourcePoint

    func send(to logger: Logger, _ metrics: MetricsRegistry) {
        let labels = [("topic", partition.topic), ("cause", cause.rawValue)]
        metrics.add(.sourceGaps, labels)
        if cause == .expired, let from {
            metrics.add(.sourceGapRecords, [("topic", partition.topic)], by: Double(to.offset - from.offset))
        }
        logger.error(
            cause == .expired
                ? "records were removed before they were read; counting goes on after them"
                : "the topic was made anew; counting goes on from its first record",
            metadata: [
                "partition": "\(partition)", "position": "\(from.map(\.description) ?? "none")", "goes_on_at": "\(to)",
            ])
    }
}
