import CRDKafka
import Glibc

extension KafkaConsumer {
    /// Commits, and waits up to `timeout` for the broker's word. May be called from any thread, the delegate's calls
    /// included.
    ///
    /// Nothing is committed, and `rebalanceInProgress` thrown, when the group was joined anew meanwhile.
    ///
    /// - Parameter offsets: the *next* offset to read of each partition.
    /// - Throws: also when a single partition was refused. After a time-out it is unknown whether they were committed.
    public func commit(_ offsets: [PartitionOffset], timeout: Duration) throws(KafkaError) {
        try commit(PartitionList(offsets), first: offsets.first, timeout: timeout)
    }

    /// As ``commit(_:timeout:)-(_:[PartitionOffset],_)``, each offset with a text that ``committedWithMetadata(_:timeout:)``
    /// gives back.
    public func commit(_ offsets: [OffsetAndMetadata], timeout: Duration) throws(KafkaError) {
        try commit(PartitionList(offsets), first: offsets.first?.position, timeout: timeout)
    }

    private func commit(
        _ list: borrowing PartitionList, first: PartitionOffset?, timeout: Duration
    ) throws(KafkaError) {
        guard let first else { return }
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        if try isJoinedAnew(first.partition, timeout) {
            throw KafkaError(
                code: .rebalanceInProgress, operation: "commit", partition: first.partition, offset: first.offset)
        }
        // With a queue of its own the reply comes to this thread, and the wait has a bound; `rd_kafka_commit` has none.
        guard let queue = unsafe rd_kafka_queue_new(client.raw) else { return }
        defer { unsafe rd_kafka_queue_destroy(queue) }
        let asked = unsafe list.lend { unsafe rd_kafka_commit_queue(client.raw, $0, queue, nil, nil) }
        try KafkaError.check(asked, "commit")
        let left = max(.milliseconds(100), deadline - clock.now)
        guard let reply = unsafe rd_kafka_queue_poll(queue, left.milliseconds) else {
            throw KafkaError(
                code: .timedOut, message: "no answer within \(timeout)", operation: "commit",
                partition: first.partition, offset: first.offset)
        }
        defer { unsafe rd_kafka_event_destroy(reply) }
        let answers = unsafe PartitionList.elements(of: rd_kafka_event_topic_partition_list(reply))
        if let error = PartitionList.firstError(answers, "commit") { throw error }
        let code = unsafe KafkaError.Code(rd_kafka_event_error(reply))
        if code != .none {
            throw KafkaError(
                code: code, operation: "commit", partition: first.partition, offset: first.offset)
        }
    }

    /// Waits out a join that is under way, and says whether there was one.
    ///
    /// To the coordinator a commit queues behind a request to join, which may take as long as the slowest member; it leaves
    /// with the generation of before, and librdkafka up to 2.8 takes the refusal for the loss of the whole assignment. A
    /// question that carries no generation can wait there instead. A consumer that closes joins no more.
    private func isJoinedAnew(_ partition: TopicPartition, _ timeout: Duration) throws(KafkaError) -> Bool {
        if client.isClosed { return false }
        let generation = try groupGeneration
        do throws(KafkaError) {
            _ = try committed([partition], timeout: min(timeout, .seconds(3)))
        } catch {
            // Closed meanwhile, it answers no more.
            if client.isClosed { return false }
            throw error
        }
        return try groupGeneration != generation
    }

    /// The group's committed offset of each partition, in the order given; nil where nothing is committed.
    public func committed(_ partitions: [TopicPartition], timeout: Duration) throws(KafkaError) -> [Int64?] {
        try committedWithMetadata(partitions, timeout: timeout).map { $0?.position.offset }
    }

    /// The group's committed offset of each partition with the text that was committed beside it, in the order given; nil
    /// where nothing is committed. May be called from any thread, the delegate's calls included.
    public func committedWithMetadata(
        _ partitions: [TopicPartition], timeout: Duration
    ) throws(KafkaError) -> [OffsetAndMetadata?] {
        if partitions.isEmpty { return [] }
        let list = PartitionList(partitions)
        let asked = unsafe list.lend { unsafe rd_kafka_committed(client.raw, $0, timeout.milliseconds) }
        try client.check(asked, "committed")
        if let error = list.firstError("committed") { throw client.explained(error) }
        return list.elements.map { element in
            guard element.offset >= 0 else { return nil }
            return OffsetAndMetadata(
                PartitionOffset(element.partition, offset: element.offset), metadata: element.metadata)
        }
    }

    /// The offset after the last message of the partition that a worker was handed; nil before the first, and for a
    /// partition that is not assigned.
    public func position(_ partition: TopicPartition) -> Int64? {
        handler.owner(of: partition)?.positions.first { $0.partition == partition }?.next
    }

    /// Those of `partitions` that have no leader now, or do not exist.
    public func leaderless(
        of partitions: [TopicPartition], timeout: Duration
    ) throws(KafkaError) -> Set<TopicPartition> {
        var left = Set(partitions)
        for topic in try client.describeTopics(Set(partitions.map(\.topic)).sorted(), timeout: timeout) {
            for partition in topic.partitions where partition.leader != nil {
                left.remove(TopicPartition(topic: topic.name, partition: partition.partition))
            }
        }
        return left
    }

    /// The first offset that the broker has and the one after the last, asked for now.
    public func queryWatermarks(
        _ partition: TopicPartition, timeout: Duration
    ) throws(KafkaError) -> (low: Int64, high: Int64) {
        var low: Int64 = 0
        var high: Int64 = 0
        let result = unsafe rd_kafka_query_watermark_offsets(
            client.raw, partition.topic, partition.partition, &low, &high, timeout.milliseconds)
        if result != RD_KAFKA_RESP_ERR_NO_ERROR {
            throw client.explained(
                KafkaError(code: KafkaError.Code(result), operation: "query watermarks", partition: partition))
        }
        return (low, high)
    }

    /// Starts partitions anew after `KafkaEvent.positionLost`, on the thread that polls the consumer.
    ///
    /// librdkafka stops a partition whose position is lost, and a seek is refused then; so it is taken out of the
    /// assignment and put back. Stopping also undoes the forwarding to the worker's queue, some time later, hence the
    /// order: a seek is only accepted once the partition has started again, and then the forwarding is set anew.
    ///
    /// A partition that is paused stays so.
    ///
    /// - Parameter offsets: partitions for which `positionLost` came; others in the list are left alone when they are not
    ///   assigned.
    public func restart(_ offsets: [PartitionOffset], timeout: Duration) throws(KafkaError) {
        let mine = offsets.filter { handler.owner(of: $0.partition) != nil }
        if mine.isEmpty { return }
        for entry in mine { handler.owner(of: entry.partition)?.move(entry.partition, next: entry.offset) }
        let list = PartitionList(mine)
        if let error = unsafe list.lend({ unsafe rd_kafka_incremental_unassign(client.raw, $0) }) {
            throw unsafe KafkaError(consuming: error, operation: "restart")
        }
        if let error = unsafe list.lend({ unsafe rd_kafka_incremental_assign(client.raw, $0) }) {
            throw unsafe KafkaError(consuming: error, operation: "restart")
        }
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while true {
            let attempt = PartitionList(mine)
            let error = unsafe attempt.lend { unsafe rd_kafka_seek_partitions(client.raw, $0, 1_000) }
            let failure = unsafe error.map { unsafe KafkaError(consuming: $0, operation: "restart") }
            guard let failure = failure ?? attempt.firstError("restart") else { break }
            if clock.now >= deadline { throw failure }
            usleep(5_000)  // Rare, and librdkafka has no event for "started".
        }
        for entry in mine { handler.owner(of: entry.partition)?.attach(entry.partition) }
    }
}
