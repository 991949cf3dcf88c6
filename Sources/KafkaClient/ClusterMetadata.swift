import CRDKafka

extension ClientHandle {
    /// The topics that exist, in order of name: those of `names`, or all when it is nil.
    func describeTopics(_ names: [String]?, timeout: Duration) throws(KafkaError) -> [KafkaAdmin.TopicDescription] {
        let wanted = names.map(Set.init)
        var described: [KafkaAdmin.TopicDescription] = []
        try unsafe eachTopic(timeout, "describe topics") { name, topic in
            guard wanted?.contains(name) ?? true, unsafe topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
            let partitions = unsafe (0..<Int(topic.partition_cnt)).map { index in
                let partition = unsafe topic.partitions[index]
                return unsafe KafkaAdmin.PartitionDescription(
                    partition: partition.id, leader: partition.leader < 0 ? nil : partition.leader)
            }
            described.append(
                KafkaAdmin.TopicDescription(
                    name: name, partitions: partitions.sorted { $0.partition < $1.partition }))
        }
        return described.sorted { $0.name < $1.name }
    }

    /// How many partitions each topic has that exists; one whose leaders are being chosen is there, and may have none yet.
    func partitionCounts(timeout: Duration) throws(KafkaError) -> [String: Int] {
        var counts: [String: Int] = [:]
        try unsafe eachTopic(timeout, "list topics") { name, topic in
            if unsafe KafkaError.Code(topic.err) == .unknownTopicOrPartition { return }
            counts[name] = Int(unsafe topic.partition_cnt)
        }
        return counts
    }

    /// All topics are asked for in one request: asking for a name could create it on a broker that creates topics.
    private func eachTopic(
        _ timeout: Duration, _ operation: String, _ body: (String, rd_kafka_metadata_topic) -> Void
    ) throws(KafkaError) {
        let left = try awaitBroker(timeout: timeout, operation)
        let metadata = try unsafe metadata(allTopics: true, left, operation)
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        for index in unsafe 0..<Int(metadata.pointee.topic_cnt) {
            let topic = unsafe metadata.pointee.topics[index]
            unsafe body(String(cString: topic.topic), topic)
        }
    }

    /// How many partitions a topic has that may have to be created first, by a broker that creates what it is asked for.
    ///
    /// - Throws: `unknownTopicOrPartition` when `timeout` has passed and there is no such topic.
    func partitionCount(creating name: String, timeout: Duration) throws(KafkaError) -> Int {
        let operation = "look for the topic \(name)"
        guard let topic = unsafe rd_kafka_topic_new(raw, name, nil) else {
            throw KafkaError(code: .invalidArgument, message: "'\(name)' is no topic's name", operation: operation)
        }
        defer { unsafe rd_kafka_topic_destroy(topic) }
        let deadline = ContinuousClock.now + (try awaitBroker(timeout: timeout, operation))
        while true {
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let left = max(.milliseconds(100), deadline - .now)
            try unsafe check(rd_kafka_metadata(raw, 0, topic, &metadata, left.milliseconds), operation)
            guard let metadata = unsafe metadata else { continue }
            defer { unsafe rd_kafka_metadata_destroy(metadata) }
            if unsafe metadata.pointee.topic_cnt > 0 {
                let found = unsafe metadata.pointee.topics[0]
                if unsafe found.err == RD_KAFKA_RESP_ERR_NO_ERROR { return Int(unsafe found.partition_cnt) }
                let code = KafkaError.Code(unsafe found.err)
                // A topic that is being created has no leader yet, or is not known to every broker.
                guard [.unknownTopicOrPartition, .leaderNotAvailable].contains(code), ContinuousClock.now < deadline
                else {
                    throw KafkaError(code: code, message: "the topic \(name) is not there", operation: operation)
                }
            }
            unsafe rd_kafka_poll(raw, 50)
        }
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
        try unsafe check(
            rd_kafka_metadata(raw, allTopics ? 1 : 0, nil, &metadata, timeout.milliseconds), operation)
        guard let metadata = unsafe metadata else {
            throw KafkaError(code: .fail, message: "the answer is empty", operation: operation)
        }
        return unsafe metadata
    }
}
