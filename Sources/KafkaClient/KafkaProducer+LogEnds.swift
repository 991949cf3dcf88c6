import CRDKafka

extension KafkaProducer {
    /// The offset after the last of each partition, asked for now, by one request for each broker; those whose leader answers with an
    /// error are left out.
    ///
    /// A producer is asked and not a consumer, whose connections are held by the fetches that wait for records: a broker answers what comes by one
    /// connection in its order.
    ///
    /// - Throws: when some have no leader, or a broker did not answer in time: then nothing is known of the others either.
    public func queryEnds(
        _ partitions: [TopicPartition], timeout: Duration
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        if partitions.isEmpty { return [:] }
        // An end is asked for as if it were a time.
        let list = PartitionList(partitions.map { PartitionOffset($0, offset: Int64(RD_KAFKA_OFFSET_END)) })
        let result = unsafe list.lend { unsafe rd_kafka_offsets_for_times(client.raw, $0, timeout.milliseconds) }
        try client.check(result, "ask for the ends of partitions")
        let known = list.elements.filter { $0.code == .none && $0.offset >= 0 }
        return Dictionary(uniqueKeysWithValues: known.map { ($0.partition, $0.offset) })
    }
}
