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
    struct Start {
        let kind: FeedStart
        let next: Int64
    }

    /// Of the topic of notifications, which holds the log of a partition of the feed in the partition of that number or, where
    /// it has fewer, of the rest.
    private(set) var logPartitions: Int32 = 1
    /// Stands beside offsets that were committed with a log. Those of 0.1.0, which had none, have no text.
    var mark: String { "\(FeedRestorer.markName)=\(logPartitions)" }
    private static let markName = "notifications"
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
    mutating func restore(
        _ partitions: [TopicPartition], for consumer: KafkaConsumer, _ take: (DeliveryInput) -> Void
    ) throws -> [Int32: Start] {
        while true {
            do { return try attempt(partitions, consumer, take) } catch let error as KafkaError {
                if stop.isReached || error.isFatal { throw StopReached() }
                context.logger.warning(
                    "what a sink was told is not restored yet", metadata: ["sink": "\(sink)", "error": "\(error)"])
                if stop.wait(timeout: FeedRestorer.retrySeconds) { throw StopReached() }
                for partition in partitions { take(.assigned(partition: partition.partition)) }
            }
        }
    }

    private mutating func attempt(
        _ partitions: [TopicPartition], _ consumer: KafkaConsumer, _ take: (DeliveryInput) -> Void
    ) throws -> [Int32: Start] {
        logPartitions = Int32(try countLogPartitions())
        let generation = try consumer.groupGeneration ?? 0
        let reader = try KafkaRangeReader(settings: context.kafka)
        try restoreLog(Set(partitions.map { $0.partition % logPartitions }), reader, take)
        let committed = try consumer.committedWithMetadata(partitions, timeout: FeedRestorer.timeout)
        var starts: [Int32: Start] = [:]
        var ranges: [PartitionRange] = []
        for (partition, offset) in zip(partitions, committed) {
            guard let offset else {
                ranges.append(PartitionRange(partition, from: .beginning))
                continue
            }
            let (low, high) = try consumer.queryWatermarks(partition, timeout: FeedRestorer.timeout)
            let next = offset.position.offset
            // Beyond the end lies another topic of that name: what it holds is judged by the log.
            let isOther = next > high
            let kind: FeedStart = try isMarked(offset.metadata) || isOther ? .resumed : .takenOver
            starts[partition.partition] = Start(kind: kind, next: isOther ? low : max(low, next))
            if kind == .takenOver, next > low { ranges.append(PartitionRange(partition, from: .beginning, upTo: next)) }
        }
        let ends = try readHistory(ranges, reader, take)
        for partition in partitions where starts[partition.partition] == nil {
            starts[partition.partition] = Start(kind: .connected, next: ends[partition.partition] ?? 0)
        }
        for (partition, start) in starts.sorted(by: { $0.key < $1.key }) {
            take(.began(partition: partition, start.kind, next: start.next, writer: generation))
        }
        return starts
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

    /// - Throws: where the log was written with another number of partitions.
    private func isMarked(_ text: String) throws -> Bool {
        let parts = text.split(separator: "=")
        guard parts.count == 2, parts[0] == FeedRestorer.markName, let was = Int(parts[1]) else { return false }
        if was != Int(logPartitions) {
            throw PartitionCountChanged(topic: context.topics.notifications, was: was, now: Int(logPartitions))
        }
        return true
    }

    private func restoreLog(
        _ partitions: Set<Int32>, _ reader: KafkaRangeReader, _ take: (DeliveryInput) -> Void
    ) throws {
        var unreadable: UnreadableRecord?
        try reader.readToEnd(
            of: context.topics.notifications, partitions, timeout: FeedRestorer.timeout, stop: stop
        ) { source, message in
            if unreadable != nil || context.skips.contains(source, offset: message.offset) { return }
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

    /// - Returns: where each range ended.
    private func readHistory(
        _ ranges: [PartitionRange], _ reader: KafkaRangeReader, _ take: (DeliveryInput) -> Void
    ) throws -> [Int32: Int64] {
        if ranges.isEmpty { return [:] }
        var ends: [Int32: Int64] = [:]
        var unreadable: UnreadableRecord?
        try reader.start(ranges, timeout: FeedRestorer.timeout)
        while !reader.isDone, unreadable == nil {
            let events = try reader.poll(timeout: .milliseconds(100)) { source, message in
                if unreadable != nil || context.skips.contains(source, offset: message.offset) { return }
                // Takes a record back, of an owner that another has followed.
                if message.value.byteCount == 0 { return }
                do throws(UnreadableRecord) {
                    take(.history(try FeedRecord(message, of: source)))
                } catch { unreadable = error }
            }
            for case .done(let end) in events { ends[end.partition.partition] = end.offset }
            if stop.isReached { throw StopReached() }
        }
        if let unreadable { throw unreadable }
        return ends
    }
}
