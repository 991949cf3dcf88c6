import Alerting
import JSON
import KafkaClient
import Logging
import Observability
import Records
import Runtime
import Sinks
import TelemetryModel

/// Brings back what a sink was told of the partitions of the feed that come, and where each is begun.
struct FeedRestorer {
    struct Restored {
        /// In the order of their partitions.
        var starts: [FeedOffset] = []
        /// The group's.
        let generation: Int32
        /// Of the topic of notifications, which holds the log of a partition of the feed in the partition of that number or,
        /// where it has fewer, of the rest.
        let logPartitions: Int32
    }

    private static let timeout = Duration.seconds(15)
    private static let retrySeconds = 1.0

    private let context: FeedDelivery.Context
    private let sink: String
    private let producer: KafkaProducer
    private let stop: Latch

    init(_ context: FeedDelivery.Context, sink: String, producer: KafkaProducer, stop: Latch) {
        self.context = context
        self.sink = sink
        self.producer = producer
        self.stop = stop
    }

    /// Restores `partitions`, trying again while the cluster does not answer. Handed to `take` in whole: what a reading that
    /// broke off has handed over is begun anew.
    ///
    /// - Throws: for a record that can't be read, a topic with another number of partitions, and when the process stops.
    func restore(
        _ partitions: [TopicPartition], for consumer: KafkaConsumer, _ take: (DeliveryInput) -> Void
    ) throws -> Restored {
        while true {
            do { return try attempt(partitions, consumer, take) } catch let error as KafkaError {
                try FeedRestorer.expectAnotherAttempt(after: error, isStopping: stop.isReached)
                context.logger.warning(
                    "what a sink was told is not restored yet", metadata: ["sink": "\(sink)", "error": "\(error)"])
                if stop.wait(timeout: FeedRestorer.retrySeconds) { throw StopReached() }
                for partition in partitions { take(.assigned(partition: partition.partition)) }
            }
        }
    }

    /// - Throws: where there is no point in one: the process stops, or the client has ended for good.
    static func expectAnotherAttempt(after error: KafkaError, isStopping: Bool) throws {
        if isStopping { throw StopReached() }
        if error.isFatal { throw error }
    }

    private func attempt(
        _ partitions: [TopicPartition], _ consumer: KafkaConsumer, _ take: (DeliveryInput) -> Void
    ) throws -> Restored {
        let logPartitions = Int32(try countLogPartitions())
        var restored = Restored(generation: try consumer.groupGeneration ?? 0, logPartitions: logPartitions)
        let reader = try KafkaRangeReader(settings: context.kafka)
        try restoreLog(Set(partitions.map { $0.partition % logPartitions }), reader, take)
        let committed = try consumer.committedWithMetadata(partitions, timeout: FeedRestorer.timeout)
        var ranges: [PartitionRange] = []
        for (partition, committed) in zip(partitions, committed) {
            let (low, high) = try consumer.queryWatermarks(partition, timeout: FeedRestorer.timeout)
            let beginning = FeedBeginning(
                partition: partition.partition, committed: committed.map { ($0.position.offset, $0.metadata) },
                low: low,
                high: high)
            if let was = beginning.logPartitions, was != logPartitions {
                throw PartitionCountChanged(
                    topic: context.topics.notifications, was: Int(was), now: Int(logPartitions))
            }
            restored.starts.append(beginning.offset)
            if beginning.hasHistory {
                ranges.append(PartitionRange(partition, from: .beginning, upTo: beginning.offset.next))
            }
        }
        try readHistory(ranges, reader, take)
        restored.starts.sort { $0.partition < $1.partition }
        return restored
    }

    private func countLogPartitions() throws -> Int {
        do throws(KafkaError) {
            return try producer.partitionCount(creating: context.topics.notifications, timeout: FeedRestorer.timeout)
        } catch {
            if error.code != .unknownTopicOrPartition { throw error }
            throw SinkService.Failure(
                description: "the topic \(context.topics.notifications) does not exist; create it, or set "
                    + "outputs.createTopics: true")
        }
    }

    private func restoreLog(
        _ partitions: Set<Int32>, _ reader: KafkaRangeReader, _ take: (DeliveryInput) -> Void
    ) throws {
        var unreadable: UnreadableRecord?
        let reader = StateTopicReader(reader, timeout: FeedRestorer.timeout, stop: stop, skips: context.skips)
        try reader.read(context.topics.notifications, partitions) { source, message in
            if unreadable != nil { return }
            do throws(JSONCursorError) {
                let record = try NotificationRecord(
                    ofSink: sink, key: Array(copying: message.key), value: Array(copying: message.value))
                if let record { take(.logged(record)) }
            } catch {
                unreadable = UnreadableRecord(TopicPlace(source, offset: message.offset), "\(error)")
            }
        }
        if let unreadable { throw unreadable }
    }

    private func readHistory(
        _ ranges: [PartitionRange], _ reader: KafkaRangeReader, _ take: (DeliveryInput) -> Void
    ) throws {
        if ranges.isEmpty { return }
        var unreadable: UnreadableRecord?
        try reader.start(ranges, timeout: FeedRestorer.timeout)
        while !reader.isDone, unreadable == nil {
            _ = try reader.poll(timeout: .milliseconds(100)) { source, message in
                if unreadable != nil || context.skips.cause(of: message, in: source) != nil { return }
                // Takes a record back, of an owner that another has followed.
                if message.value.byteCount == 0 { return }
                do throws(UnreadableRecord) {
                    take(.history(try FeedRecord(message, of: source)))
                } catch { unreadable = error }
            }
            if stop.isReached { throw StopReached() }
        }
        if let unreadable { throw unreadable }
    }
}
