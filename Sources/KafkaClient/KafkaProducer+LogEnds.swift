import CRDKafka

extension KafkaProducer {
    /// The offset after the last of each partition, asked for now, by one request for each broker; and what leaders say of those for
    /// which they have no answer.
    ///
    /// A producer is asked and not a consumer, whose connections are held by the fetches that wait for records: a broker answers what comes by one
    /// connection in its order.
    ///
    /// - Throws: when some have no leader, or a broker did not answer in time: then nothing is known of the others either.
    public func queryEnds(
        _ partitions: [TopicPartition], timeout: Duration
    ) throws(KafkaError) -> (ends: [TopicPartition: Int64], refusals: [TopicPartition: KafkaError.Code]) {
        if partitions.isEmpty { return ([:], [:]) }
        let (answers, result) = client.logEnds(Int64(RD_KAFKA_OFFSET_END), of: partitions, timeout: timeout)
        try client.check(result, "ask for the ends of partitions")
        let known = answers.filter { $0.code == .none && $0.offset >= 0 }
        let refused = answers.filter { $0.code != .none }
        return (
            Dictionary(uniqueKeysWithValues: known.map { ($0.partition, $0.offset) }),
            Dictionary(uniqueKeysWithValues: refused.map { ($0.partition, $0.code) })
        )
    }
}
