import CRDKafka

/// Reads whole topics without a group: from the beginning, or from the end, each partition in order.
///
/// For topics that are state (compacted windows, the alert feed), read at a start or by a report. One thread; blocks.
@safe
public final class KafkaTopicReader {
    private let client: ClientHandle
    // Owner: this object, destroyed in `deinit`, before the client that it holds can go.
    private let queue: OpaquePointer
    private var remaining: Set<TopicPartition> = []
    private var wanted: [TopicPartition] = []

    /// Finds the partitions of `topics`; one that does not exist has none.
    ///
    /// - Throws: `KafkaError` when the cluster does not answer within `timeout`, `KafkaOptionError` for settings.
    public init(
        settings: KafkaSettings, topics: [String], from start: StartPosition = .beginning, timeout: Duration,
        observer: KafkaObserver = KafkaObserver()
    ) throws {
        let configuration = RawConfiguration()
        try configuration.apply(
            settings, defaults: ["fetch.wait.max.ms": "50", "client.id": "tidewatch"],
            fixed: [
                "group.id": "tidewatch-reader", "enable.auto.commit": "false", "enable.auto.offset.store": "false",
                "enable.partition.eof": "true",
            ])
        let client = try ClientHandle(
            RD_KAFKA_CONSUMER, configuration, context: unsafe ClientContext(observer: observer, failed: { _ in }))
        self.client = client
        unsafe rd_kafka_poll_set_consumer(client.raw)
        guard let queue = unsafe rd_kafka_queue_get_consumer(client.raw) else {
            throw KafkaError(code: .fail, message: "the client has no queue", operation: "read topics")
        }
        unsafe self.queue = queue
        let offset: Int64 =
            switch start {
            case .end: Int64(RD_KAFKA_OFFSET_END)
            case .offset(let offset): offset
            case .beginning, .committed: Int64(RD_KAFKA_OFFSET_BEGINNING)
            }
        for topic in topics {
            wanted += try KafkaTopicReader.partitions(of: topic, client: client, timeout: timeout)
        }
        remaining = Set(wanted)
        let list = PartitionList(wanted.map { PartitionOffset($0, offset: offset) })
        try KafkaError.check(unsafe list.lend { unsafe rd_kafka_assign(client.raw, $0) }, "assign")
    }

    deinit {
        unsafe rd_kafka_queue_destroy(queue)
        if client.markClosed() { unsafe rd_kafka_consumer_close(client.raw) }
    }

    public var partitions: [TopicPartition] { wanted.sorted() }

    /// Whether every partition was read to the end that it had when it was reached.
    public var isAtEnd: Bool { remaining.isEmpty }

    /// Hands over what is there, at most `max` messages, waiting up to `timeout` for the first. The bytes are valid
    /// inside `body` only.
    ///
    /// - Throws: what the broker says of a partition, other than its end.
    public func poll(
        max: Int = 1000, timeout: Duration, _ body: (TopicPartition, Message) -> Void
    ) throws(KafkaError) {
        var wait = timeout.milliseconds
        for _ in 0..<max {
            guard let raw = unsafe rd_kafka_consume_queue(queue, wait) else { return }
            defer { unsafe rd_kafka_message_destroy(raw) }
            wait = 0
            let code = unsafe KafkaError.Code(raw.pointee.err)
            let topic = unsafe raw.pointee.rkt.flatMap { unsafe rd_kafka_topic_name($0) }
            let partition = unsafe topic.map {
                unsafe TopicPartition(topic: String(cString: $0), partition: raw.pointee.partition)
            }
            if code == .partitionEnd {
                if let partition { remaining.remove(partition) }
                continue
            }
            if code != .none {
                let text = unsafe rd_kafka_message_errstr(raw).map { unsafe String(cString: $0) }
                let error = KafkaError(code: code, message: text, operation: "fetch", partition: partition)
                if error.isRetriable || code == .transport || code == .allBrokersDown { continue }
                throw error
            }
            if let partition { body(partition, unsafe Message(raw, source: 0)) }
        }
    }

    private static func partitions(
        of topic: String, client: ClientHandle, timeout: Duration
    ) throws(KafkaError) -> [TopicPartition] {
        guard let handle = unsafe rd_kafka_topic_new(client.raw, topic, nil) else { return [] }
        defer { unsafe rd_kafka_topic_destroy(handle) }
        let operation = "look for the topic \(topic)"
        let left = try client.awaitBroker(timeout: timeout, operation)
        var found: UnsafePointer<rd_kafka_metadata>?
        try client.check(unsafe rd_kafka_metadata(client.raw, 0, handle, &found, left.milliseconds), operation)
        guard let metadata = unsafe found else { return [] }
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        guard unsafe metadata.pointee.topic_cnt > 0 else { return [] }
        let description = unsafe metadata.pointee.topics[0]
        return unsafe (0..<Int(description.partition_cnt)).map { index in
            unsafe TopicPartition(topic: topic, partition: description.partitions[index].id)
        }
    }
}
