import KafkaClient
import Observability
import Synchronization

/// How far behind their ends the partitions are that this process counts. What it no longer has is not in the next statistics, and
/// so no longer shown.
final class PartitionLags: Sendable {
    private let lags = Mutex<[(TopicPartition, Int64)]>([])

    func note(_ statistics: KafkaStatistics) {
        let known = statistics.partitions.compactMap { partition in
            partition.isFetched ? partition.lag.map { (partition.partition, $0) } : nil
        }
        lags.withLock { $0 = known }
    }

    var samples: [MetricSample] {
        lags.withLock { $0 }.map { partition, lag in
            MetricSample(
                .partitionLag, [("topic", partition.topic), ("partition", String(partition.partition))], Double(lag))
        }
    }
}
