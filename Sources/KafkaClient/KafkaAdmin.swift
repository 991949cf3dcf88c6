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
    /// - Throws: with the first topic that could not be created; the others may have been. The embedded broker answers no
    ///   admin requests: there it throws when the time is up.
    public func createMissing(_ topics: [TopicSpecification], timeout: Duration) throws(KafkaError) -> [String] {
        let existing = Set(try describe(topics.map(\.name), timeout: timeout).map(\.name))
        let missing = topics.filter { !existing.contains($0.name) }
        if missing.isEmpty { return [] }
        var requests: [OpaquePointer?] = unsafe []
        defer { unsafe requests.forEach { unsafe rd_kafka_NewTopic_destroy($0) } }
        for topic in missing { unsafe requests.append(try topic.makeRequest()) }
        guard let queue = unsafe rd_kafka_queue_new(client.raw) else { return [] }
        defer { unsafe rd_kafka_queue_destroy(queue) }
        let options = unsafe rd_kafka_AdminOptions_new(client.raw, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        var reason = [CChar](repeating: 0, count: 512)
        unsafe rd_kafka_AdminOptions_set_request_timeout(options, timeout.milliseconds, &reason, reason.count)
        unsafe requests.withUnsafeMutableBufferPointer { buffer in
            unsafe rd_kafka_CreateTopics(client.raw, buffer.baseAddress, buffer.count, options, queue)
        }
        // A second more than librdkafka has, so that its own word on what it waited for comes through.
        guard let reply = unsafe rd_kafka_queue_poll(queue, (timeout + .seconds(1)).milliseconds) else {
            throw KafkaError(code: .timedOut, message: "no answer within \(timeout)", operation: "create topics")
        }
        defer { unsafe rd_kafka_event_destroy(reply) }
        let code = unsafe KafkaError.Code(rd_kafka_event_error(reply))
        if code != .none {
            let text = unsafe rd_kafka_event_error_string(reply).map { unsafe String(cString: $0) } ?? ""
            let names = missing.map(\.name).joined(separator: ", ")
            throw KafkaError(
                code: code, message: "\(text); where a broker answers no admin requests, create the topics by hand",
                operation: "create topics \(names)")
        }
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
        // librdkafka would send what the broker then refuses; the rule for names is Kafka's own.
        let isLegal = name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isLegal, (1...249).contains(name.utf8.count), name != ".", name != ".." else {
            throw KafkaError(
                code: .invalidArgument, message: "a topic's name has 1 to 249 of a-z A-Z 0-9 . _ -",
                operation: "create topic \(name)")
        }
        guard (1...Int(Int32.max)).contains(partitions) else {
            throw KafkaError(
                code: .invalidArgument, message: "a topic cannot have \(partitions) partitions",
                operation: "create topic \(name)")
        }
        var reason = [CChar](repeating: 0, count: 512)
        let request = unsafe rd_kafka_NewTopic_new(
            name, Int32(partitions), Int32(clamping: replicationFactor ?? -1), &reason, reason.count)
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
