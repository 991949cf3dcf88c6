import CRDKafka

extension ClientHandle {
    /// The topics that exist, in order of name: those of `names`, or all when it is nil.
    func describeTopics(_ names: [String]?, timeout: Duration) throws(KafkaError) -> [KafkaAdmin.TopicDescription] {
        // All topics are asked for in one request: asking for a name could create it on a broker that creates topics.
        let metadata = try unsafe metadata(allTopics: true, timeout, "describe topics")
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        let wanted = names.map(Set.init)
        return unsafe (0..<Int(metadata.pointee.topic_cnt)).compactMap { index in
            let topic = unsafe metadata.pointee.topics[index]
            let name = unsafe String(cString: topic.topic)
            if let wanted, !wanted.contains(name) { return nil }
            guard unsafe topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
            let partitions = unsafe (0..<Int(topic.partition_cnt)).map { index in
                let partition = unsafe topic.partitions[index]
                return unsafe KafkaAdmin.PartitionDescription(
                    partition: partition.id, leader: partition.leader < 0 ? nil : partition.leader,
                    replicas: Int(partition.replica_cnt), inSyncReplicas: Int(partition.isr_cnt))
            }
            return KafkaAdmin.TopicDescription(
                name: name, partitions: partitions.sorted { $0.partition < $1.partition })
        }.sorted { $0.name < $1.name }
    }

    /// The ids of the cluster's brokers.
    func brokers(timeout: Duration) throws(KafkaError) -> Set<Int32> {
        let metadata = try unsafe metadata(allTopics: false, timeout, "list brokers")
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        return unsafe Set((0..<Int(metadata.pointee.broker_cnt)).map { unsafe metadata.pointee.brokers[$0].id })
    }

    /// The caller destroys it.
    private func metadata(
        allTopics: Bool, _ timeout: Duration, _ operation: String
    ) throws(KafkaError) -> UnsafePointer<rd_kafka_metadata> {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try unsafe KafkaError.check(
            rd_kafka_metadata(raw, allTopics ? 1 : 0, nil, &metadata, timeout.milliseconds), operation)
        guard let metadata = unsafe metadata else {
            throw KafkaError(code: .fail, message: "the answer is empty", operation: operation)
        }
        return unsafe metadata
    }
}
