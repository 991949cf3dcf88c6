import Accounting
import KafkaClient
import Logging
import Observability

/// Says that records were lost before they could be read.
struct SourceGapReport: Equatable {
    let partition: TopicPartition
    let cause: SourceGapCause
    let from: SourcePoint?
    let to: SourcePoint

    /// What the openings of a takeover say was lost: each cause once, however many shards are told. Shards may stand at
    /// different points; the gap begins at the first of them.
    static func reports(of openings: [PartitionOwner.Opening], _ partition: TopicPartition) -> [SourceGapReport] {
        SourceGapCause.allCases.compactMap { cause in
            let openings = openings.filter { $0.gap == cause }
            guard let to = openings.map(\.to).max() else { return nil }
            return SourceGapReport(
                partition: partition, cause: cause, from: openings.compactMap(\.from).min(), to: to)
        }
    }

    func send(to logger: Logger, _ metrics: MetricsRegistry) {
        let labels = [("topic", partition.topic), ("cause", cause.rawValue)]
        metrics.add(.sourceGaps, labels)
        if cause == .expired, let from, from.incarnation == to.incarnation {
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
