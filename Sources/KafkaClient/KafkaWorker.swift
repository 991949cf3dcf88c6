import CRDKafka

/// One of a consumer's queues, into which the partitions that were given to it deliver.
///
/// One thread at a time polls, pauses, resumes and seeks a worker, and any may wake it: that a position changes only between polls is what
/// makes it exact. Blocking: never call it from the cooperative pool.
///
/// `@unchecked Sendable`: the queue pointer is constant and librdkafka's queues are thread-safe; all other state is
/// behind a mutex, which the rebalance callback of the consumer takes too.
@safe
public final class KafkaWorker: @unchecked Sendable {
    public let index: Int
    let client: ClientHandle
    // Owner: this object, destroyed in `deinit`, before the client that it holds can go.
    let queue: OpaquePointer
    private let assigned = Guarded(AssignedPartitions())

    /// What happened since the worker was made.
    public struct Counters: Sendable, Equatable {
        /// Handed out.
        public var messages = 0
        /// Came again after a rebalance, a pause or a seek, and were not handed out again.
        public var refusedRepeats = 0
        /// Runs of messages of partitions that were just taken away.
        public var refusedAfterRevoke = 0
    }

    init(index: Int, client: ClientHandle) {
        self.index = index
        self.client = client
        unsafe queue = rd_kafka_queue_new(client.raw)
    }

    deinit { unsafe rd_kafka_queue_destroy(queue) }

    public var counters: Counters { assigned.withLock { $0.counters } }

    /// The worker's partitions in order, each with the offset after the last message that was handed out (nil before
    /// the first).
    public var positions: [(partition: TopicPartition, next: Int64?)] { assigned.withLock { $0.positions } }

    /// Takes what is there, at most `max` messages, waiting up to `timeout` for the first.
    ///
    /// Messages are taken one by one, because `rd_kafka_consume_batch_queue` of librdkafka 2.0.2 can lose some: when a
    /// rebalance or a pause comes while it is collecting, it throws away what it has already counted as taken, and the
    /// position moves past it (seen: 2,700 of 160,000 with a pause every 100 ms; none when taken singly). It costs
    /// 0.03 µs a message: 0.16 instead of 0.13, measured with 200 bytes each.
    public func poll(max: Int = 1_000, timeout: Duration) -> MessageBatch {
        var batch = MessageBatch(capacity: max, client: client)
        var wait = timeout.milliseconds
        while batch.count < max, let message = unsafe rd_kafka_consume_queue(queue, wait) {
            unsafe batch.append(message)
            wait = 0
        }
        if batch.count > 0 { assigned.withLock { batch.admit(&$0) } }
        return batch
    }

    /// Ends a poll that waits, or the next one that would, with what there is. Any thread.
    public func wake() { unsafe rd_kafka_queue_yield(queue) }

    /// Stops fetching of those of `partitions` that are this worker's: back-pressure above librdkafka. Nothing is lost or
    /// repeated, but librdkafka drops all that it has prefetched of them and fetches it again on ``resume(_:)``. So for a
    /// short hold-up of a whole worker just poll later (the prefetch queue is bounded), and pause for long ones.
    public func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
        try mark(partitions, paused: true)
    }

    /// Goes on after the last message that was handed out. Partitions that are not paused are left alone, because to
    /// resume one would make librdkafka 2.0.2 fetch it again from where it last started.
    public func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
        try mark(partitions, paused: false)
    }

    private func mark(_ partitions: [TopicPartition], paused: Bool) throws(KafkaError) {
        // Under the lock, so that a partition which is taken away meanwhile does not stay paused for its next owner here.
        let error: KafkaError? = assigned.withLock { assigned in
            let changed = assigned.mark(partitions, paused: paused)
            if changed.isEmpty { return nil }
            let list = PartitionList(changed)
            let result = unsafe list.lend { list in
                unsafe paused
                    ? rd_kafka_pause_partitions(client.raw, list) : rd_kafka_resume_partitions(client.raw, list)
            }
            let operation = paused ? "pause" : "resume"
            if result != RD_KAFKA_RESP_ERR_NO_ERROR {
                return KafkaError(code: KafkaError.Code(result), operation: operation)
            }
            if !paused { wake(changed, assigned) }
            return list.firstError(operation)
        }
        if let error { throw error }
    }

    /// Makes librdkafka fetch resumed partitions at once: on a resume it leaves the broker's thread asleep for up to a
    /// second, but a seek wakes it. The target is where they are anyway, so nothing moves and a refusal does no harm.
    private func wake(_ partitions: [TopicPartition], _ assigned: borrowing AssignedPartitions) {
        let offsets = assigned.positions.compactMap { position -> PartitionOffset? in
            guard let next = position.next, partitions.contains(position.partition) else { return nil }
            return PartitionOffset(position.partition, offset: next)
        }
        if offsets.isEmpty { return }
        let error = unsafe PartitionList(offsets).lend { unsafe rd_kafka_seek_partitions(client.raw, $0, 0) }
        if let error = unsafe error { unsafe rd_kafka_error_destroy(error) }
    }

    // The rebalance callback's side.

    func add(_ partition: TopicPartition, next: Int64?) { assigned.withLock { $0.add(partition, next: next) } }

    func move(_ partition: TopicPartition, next: Int64) { assigned.withLock { $0.move(partition, next: next) } }

    func remove(_ partition: TopicPartition) -> (next: Int64?, wasPaused: Bool)? {
        assigned.withLock { $0.remove(partition) }
    }

    /// Makes the partition deliver into this worker's queue, with what it has queued already.
    func attach(_ partition: TopicPartition) {
        guard let source = unsafe rd_kafka_queue_get_partition(client.raw, partition.topic, partition.partition) else {
            return
        }
        unsafe rd_kafka_queue_forward(source, queue)
        unsafe rd_kafka_queue_destroy(source)
    }
}
