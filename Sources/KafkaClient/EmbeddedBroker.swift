import CRDKafka

/// librdkafka's mock cluster: brokers on local ports, in this process, for tests, demonstrations and first steps.
///
/// What it is not: it keeps 5 MiB a partition and then drops from the front (a single batch above that is lost), compacts
/// nothing, has no TLS or SASL, and answers neither timestamp look-ups nor admin requests. A group takes 3 s for its first
/// join; members need `session.timeout.ms` of 6,000 or less to notice a lost one soon. An idle fetch is not woken by new
/// data, so set `fetch.wait.max.ms` to 10 to 50. A topic that a client asks for is created with 4 partitions.
///
/// It does not check the sequences of an idempotent producer outside of transactions. librdkafka counts on that check: when a
/// batch was refused and a later one of the partition is acknowledged, it takes the refused one for written, and says
/// `delivered`. A broker refuses the later one; the mock takes it where the leader has moved meanwhile, and the refused
/// batch is lost. So a test that moves leaders must count what the log holds, not what was acknowledged.
///
/// `@unchecked Sendable`: both pointers are constant; librdkafka passes every call to the mock's own thread and waits.
/// What else there is lies behind a lock.
@safe
public final class EmbeddedBroker: @unchecked Sendable {
    /// `host:port`, one for each broker, separated by commas.
    public let bootstrapServers: [String]
    public let brokers: Int
    // Owner of both: this object. The cluster goes first, because it lives on the client.
    private let client: ClientHandle
    private let cluster: OpaquePointer
    /// Those of brokers that are down.
    private let ports = Guarded<[Int32: HeldPort]>([:])

    /// - Parameters:
    ///   - brokers: 1 or more; their ids are 1, 2, ….
    ///   - topics: created with the partitions given, in order of name.
    public init(
        brokers: Int = 1, topics: [String: Int] = [:], observer: KafkaObserver = KafkaObserver()
    ) throws(KafkaError) {
        precondition(brokers > 0 && brokers < 1_000, "a cluster has 1 to 999 brokers")
        do {
            client = try ClientHandle(
                RD_KAFKA_PRODUCER, RawConfiguration(),
                context: unsafe ClientContext(observer: observer, failed: { _ in }))
        } catch {
            throw KafkaError(code: .fail, message: error.reason, operation: "start the embedded broker")
        }
        _ = client.markClosed()
        guard let cluster = unsafe rd_kafka_mock_cluster_new(client.raw, Int32(brokers)) else {
            throw KafkaError(
                code: .fail, message: "no local port could be opened", operation: "start the embedded broker")
        }
        unsafe self.cluster = cluster
        self.brokers = brokers
        let list = unsafe rd_kafka_mock_cluster_bootstraps(cluster).map { unsafe String(cString: $0) } ?? ""
        bootstrapServers = list.split(separator: ",").map(String.init)
        for (topic, partitions) in topics.sorted(by: { $0.key < $1.key }) {
            try createTopic(topic, partitions: partitions)
        }
    }

    deinit { unsafe rd_kafka_mock_cluster_destroy(cluster) }

    public var settings: KafkaSettings { KafkaSettings(bootstrapServers: bootstrapServers) }

    /// - Throws: `topicAlreadyExists`, or `invalidArgument` when there are fewer brokers than replicas.
    public func createTopic(_ name: String, partitions: Int, replicationFactor: Int = 1) throws(KafkaError) {
        try KafkaError.check(
            unsafe rd_kafka_mock_topic_create(
                cluster, name, Int32(clamping: partitions), Int32(clamping: replicationFactor)),
            "create topic \(name)")
    }
}

/// Faults on purpose.
extension EmbeddedBroker {
    /// Requests of the Kafka protocol that errors can be pushed on; the raw value is the protocol's key.
    public enum Request: Int16, Sendable, CaseIterable {
        case produce = 0, fetch = 1, listOffsets = 2, metadata = 3, offsetCommit = 8, offsetFetch = 9
        case findCoordinator = 10, joinGroup = 11, heartbeat = 12, leaveGroup = 13, syncGroup = 14
        case initProducerID = 22
    }

    /// The next `errors.count` requests of the kind fail with these, one each, on whatever broker they come.
    /// `.transport` drops the connection.
    public func pushErrors(_ errors: [KafkaError.Code], on request: Request) {
        let raw = errors.map(\.raw)
        unsafe rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, raw.count, raw)
    }

    public func clearErrors(on request: Request) {
        unsafe rd_kafka_mock_clear_request_errors(cluster, request.rawValue)
    }

    /// Disconnects clients and refuses new connections; partitions keep their leader. Nil means all brokers.
    ///
    /// - Throws: also where the port can't be held, as where somebody else was given it in this moment. Such a broker must not be brought
    ///   up.
    public func takeDown(broker: Int32? = nil) throws(KafkaError) {
        let operation = "take broker down"
        try KafkaError.check(unsafe rd_kafka_mock_broker_set_down(cluster, broker ?? -1), operation)
        for broker in broker.map({ $0...$0 }) ?? 1...Int32(brokers) {
            let address = bootstrapServers[Int(broker) - 1]
            guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }), let held = HeldPort(port)
            else {
                throw KafkaError(
                    code: .fail, message: "the port of \(address) can't be held", operation: operation)
            }
            ports.withLock { $0[broker] = held }
        }
    }

    public func bringUp(broker: Int32? = nil) throws(KafkaError) {
        try KafkaError.check(unsafe rd_kafka_mock_broker_set_up(cluster, broker ?? -1), "bring broker up")
        ports.withLock { ports in
            if let broker { ports[broker] = nil } else { ports.removeAll() }
        }
    }

    /// Delays every response; nil means all brokers.
    public func setRoundTrip(_ time: Duration, broker: Int32? = nil) throws(KafkaError) {
        try KafkaError.check(
            unsafe rd_kafka_mock_broker_set_rtt(cluster, broker ?? -1, time.milliseconds), "set round-trip time")
    }

    /// Nil leaves the partition without a leader.
    public func setLeader(of partition: TopicPartition, to broker: Int32?) throws(KafkaError) {
        try KafkaError.check(
            unsafe rd_kafka_mock_partition_set_leader(
                cluster, partition.topic, partition.partition, broker ?? -1), "set leader of \(partition)")
    }

    /// Moves a group's coordinator; it need not exist.
    public func setCoordinator(ofGroup group: String, to broker: Int32) throws(KafkaError) {
        try KafkaError.check(
            unsafe rd_kafka_mock_coordinator_set(cluster, "group", group, broker), "set coordinator of \(group)")
    }

    /// What requests for the topic's metadata answer from now on; `.none` for the truth.
    public func setTopicError(_ topic: String, _ error: KafkaError.Code) {
        unsafe rd_kafka_mock_topic_set_error(cluster, topic, error.raw)
    }
}
