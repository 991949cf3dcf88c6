import CRDKafka

/// Looks at topics, and makes missing ones when asked. All calls block.
public final class KafkaAdmin: Sendable {
    private let client: ClientHandle

    public init(settings: KafkaSettings, observer: KafkaObserver = KafkaObserver()) throws(KafkaOptionError) {
        let configuration = RawConfiguration()
        try configuration.apply(settings, defaults: ["client.id": "tidewatch"], fixed: [:])
        client = try ClientHandle(
            RD_KAFKA_PRODUCER, configuration, context: unsafe ClientContext(observer: observer, failed: { _ in }))
        _ = client.markClosed()
    }

    public struct TopicDescription: Sendable, Equatable {
        public let name: String
        /// In order of partition.
        public let partitions: [PartitionDescription]
    }

    public struct PartitionDescription: Sendable, Equatable {
        public let partition: Int32
        /// Nil while there is no leader.
        public let leader: Int32?
        public let replicas: Int
        public let inSyncReplicas: Int
    }

    /// The topics that exist, in order of name: those of `names`, or all when it is nil. A name that is not in the answer
    /// does not exist, and asking does not create it.
    public func describe(_ names: [String]? = nil, timeout: Duration) throws(KafkaError) -> [TopicDescription] {
        // All topics are asked for in one request: asking for a name could create it on a broker that creates topics.
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try unsafe KafkaError.check(
            rd_kafka_metadata(client.raw, 1, nil, &metadata, timeout.milliseconds), "describe topics")
        guard let metadata = unsafe metadata else { return [] }
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        let wanted = names.map(Set.init)
        return unsafe (0..<Int(metadata.pointee.topic_cnt)).compactMap { index in
            let topic = unsafe metadata.pointee.topics[index]
            let name = unsafe String(cString: topic.topic)
            if let wanted, !wanted.contains(name) { return nil }
            guard unsafe topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
            let partitions = unsafe (0..<Int(topic.partition_cnt)).map { index in
                let partition = unsafe topic.partitions[index]
                return unsafe PartitionDescription(
                    partition: partition.id, leader: partition.leader < 0 ? nil : partition.leader,
                    replicas: Int(partition.replica_cnt), inSyncReplicas: Int(partition.isr_cnt))
            }
            return TopicDescription(name: name, partitions: partitions.sorted { $0.partition < $1.partition })
        }.sorted { $0.name < $1.name }
    }

    /// Creates those of `topics` that do not exist and leaves the others as they are.
    ///
    /// - Returns: the names that were created.
    /// - Throws: with the first topic that could not be created; the others may have been. A broker that does not answer
    ///   admin requests, as the embedded one, gives `unsupportedFeature`: create the topics there by its own means.
    public func createMissing(_ topics: [TopicSpecification], timeout: Duration) throws(KafkaError) -> [String] {
        let existing = Set(try describe(topics.map(\.name), timeout: timeout).map(\.name))
        let missing = topics.filter { !existing.contains($0.name) }
        if missing.isEmpty { return [] }
        var requests: [OpaquePointer?] = unsafe []
        defer { for unsaferequest in unsafe requests { unsafe rd_kafka_NewTopic_destroy(request) } }
        for topic in missing { unsafe requests.append(try topic.makeRequest()) }
        guard let queue = unsafe rd_kafka_queue_new(client.raw) else { return [] }
        defer { unsafe rd_kafka_queue_destroy(queue) }
        unsafe requests.withUnsafeMutableBufferPointer { buffer in
            unsafe rd_kafka_CreateTopics(client.raw, buffer.baseAddress, buffer.count, nil, queue)
        }
        guard let reply = unsafe rd_kafka_queue_poll(queue, timeout.milliseconds) else {
            throw KafkaError(code: .timedOut, message: "no answer within \(timeout)", operation: "create topics")
        }
        defer { unsafe rd_kafka_event_destroy(reply) }
        try unsafe Self.check(reply)
        var created: [String] = []
        var count = 0
        let results = unsafe rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(reply), &count)
        for index in 0..<count {
            guard let result = unsafe results?[index] else { continue }
            let name = unsafe String(cString: rd_kafka_topic_result_name(result))
            let code = unsafe KafkaError.Code(rd_kafka_topic_result_error(result))
            switch code {
            case .none: created.append(name)
            case .topicAlreadyExists: continue  // Someone else was faster, which is as good.
            default:
                let text = unsafe rd_kafka_topic_result_error_string(result).map { unsafe String(cString: $0) }
                throw KafkaError(code: code, message: text, operation: "create topic \(name)")
            }
        }
        return created
    }

    private static func check(_ reply: OpaquePointer) throws(KafkaError) {
        let code = unsafe KafkaError.Code(rd_kafka_event_error(reply))
        if code == .none { return }
        var text = unsafe rd_kafka_event_error_string(reply).map { unsafe String(cString: $0) } ?? ""
        if code == .unsupportedFeature {
            text += "; this broker answers no admin requests, so create the topics by hand"
        }
        throw KafkaError(code: code, message: text, operation: "create topics")
    }
}

/// A topic as it is to be created.
public struct TopicSpecification: Sendable, Equatable {
    public var name: String
    public var partitions: Int
    /// Nil leaves it to the broker.
    public var replicationFactor: Int?
    /// Topic-level configuration, such as `cleanup.policy`.
    public var configuration: [String: String]

    public init(name: String, partitions: Int, replicationFactor: Int? = nil, configuration: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configuration = configuration
    }

    /// librdkafka's form of it; the caller destroys it.
    func makeRequest() throws(KafkaError) -> OpaquePointer {
        var reason = [CChar](repeating: 0, count: 512)
        let request = unsafe rd_kafka_NewTopic_new(
            name, Int32(clamping: partitions), Int32(clamping: replicationFactor ?? -1), &reason, reason.count)
        guard let request = unsafe request else {
            throw KafkaError(
                code: .invalidArgument, message: RawConfiguration.text(reason), operation: "create topic \(name)")
        }
        for (option, value) in configuration.sorted(by: { $0.key < $1.key }) {
            let result = unsafe rd_kafka_NewTopic_set_config(request, option, value)
            if result != RD_KAFKA_RESP_ERR_NO_ERROR {
                unsafe rd_kafka_NewTopic_destroy(request)
                throw KafkaError(
                    code: KafkaError.Code(result), operation: "create topic \(name) with \(option)=\(value)")
            }
        }
        return unsafe request
    }
}
