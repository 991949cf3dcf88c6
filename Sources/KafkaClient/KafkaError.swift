import CRDKafka

/// What went wrong at the boundary with Kafka: librdkafka's code, its words, and what was being done to which partition.
///
/// No message carries a payload or a secret: texts come from librdkafka's error table or from its own description of
/// the request, and option values are redacted in ``KafkaOptionError``.
public struct KafkaError: Error, Sendable, Equatable, CustomStringConvertible {
    public let code: Code
    /// librdkafka's symbolic name, such as `REQUEST_TIMED_OUT`.
    public let name: String
    /// librdkafka's sentence for it, with detail where it gave any.
    public let message: String
    /// The same call may succeed when made again; librdkafka itself has already retried what it may retry.
    public let isRetriable: Bool
    /// The client instance is of no more use: close it and start a new one.
    public let isFatal: Bool
    /// What failed, such as `commit`.
    public let operation: String
    public let partition: TopicPartition?
    /// The offset that the failure is about, when there is one.
    public let offset: Int64?

    public init(
        code: Code, message: String? = nil, isRetriable: Bool? = nil, isFatal: Bool = false, operation: String,
        partition: TopicPartition? = nil, offset: Int64? = nil
    ) {
        self.code = code
        self.name = code.name
        self.message = message ?? code.text
        self.isRetriable = !isFatal && (isRetriable ?? Code.retriable.contains(code))
        self.isFatal = isFatal
        self.operation = operation
        self.partition = partition
        self.offset = offset
    }

    /// Trying again cannot help before settings, a certificate or a user are changed.
    public var isDefinite: Bool { [.authentication, .tls].contains(code) }

    /// The same failure, of another code and in other words.
    func restated(_ code: Code, _ message: String) -> KafkaError {
        KafkaError(
            code: code, message: message, isFatal: isFatal, operation: operation, partition: partition, offset: offset)
    }

    public var description: String {
        var text = "Kafka: \(operation) failed"
        if let partition { text += " for \(partition)" }
        if let offset { text += " at offset \(offset)" }
        text += ": \(message) (\(name))"
        if isFatal { text += "; this client is of no more use and must be replaced" }
        return text
    }
}

extension KafkaError {
    /// A code of librdkafka: those below zero are its own, those above are the Kafka protocol's.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }
        init(_ raw: rd_kafka_resp_err_t) { rawValue = raw.rawValue }

        var raw: rd_kafka_resp_err_t { rd_kafka_resp_err_t(rawValue: rawValue) }
        /// The symbolic name.
        public var name: String {
            guard let text = unsafe rd_kafka_err2name(raw) else { return "\(rawValue)" }
            return unsafe String(cString: text)
        }
        var text: String {
            guard let text = unsafe rd_kafka_err2str(raw) else { return "error \(rawValue)" }
            return unsafe String(cString: text)
        }

        public static let none = Code(RD_KAFKA_RESP_ERR_NO_ERROR)
        public static let fail = Code(RD_KAFKA_RESP_ERR__FAIL)
        public static let transport = Code(RD_KAFKA_RESP_ERR__TRANSPORT)
        public static let allBrokersDown = Code(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        public static let authentication = Code(RD_KAFKA_RESP_ERR__AUTHENTICATION)
        public static let tls = Code(RD_KAFKA_RESP_ERR__SSL)
        public static let resolution = Code(RD_KAFKA_RESP_ERR__RESOLVE)
        public static let timedOut = Code(RD_KAFKA_RESP_ERR__TIMED_OUT)
        public static let messageTimedOut = Code(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
        public static let queueFull = Code(RD_KAFKA_RESP_ERR__QUEUE_FULL)
        public static let invalidArgument = Code(RD_KAFKA_RESP_ERR__INVALID_ARG)
        public static let unsupportedFeature = Code(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE)
        public static let fatal = Code(RD_KAFKA_RESP_ERR__FATAL)
        public static let offsetReset = Code(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
        public static let partitionEnd = Code(RD_KAFKA_RESP_ERR__PARTITION_EOF)
        public static let unknownTopicOrPartition = Code(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        /// librdkafka's own: its metadata say that there is no such topic, or no such partition of it.
        public static let unknownTopic = Code(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
        public static let unknownPartition = Code(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
        public static let leaderNotAvailable = Code(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
        public static let notLeader = Code(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION)
        public static let topicAlreadyExists = Code(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        public static let messageTooLarge = Code(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
        public static let illegalGeneration = Code(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)
        public static let rebalanceInProgress = Code(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS)
        public static let unknownMember = Code(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID)

        /// Codes after which the same call may succeed without anything else being done.
        static let retriable: Set<Code> = [
            .transport, .allBrokersDown, .timedOut, .messageTimedOut, .queueFull, .notLeader, .rebalanceInProgress,
            Code(RD_KAFKA_RESP_ERR__WAIT_COORD), Code(RD_KAFKA_RESP_ERR__RESOLVE),
            Code(RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE), Code(RD_KAFKA_RESP_ERR__RETRY),
            Code(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE), Code(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT),
            Code(RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE), Code(RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE),
            Code(RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION), Code(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS),
            Code(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE), Code(RD_KAFKA_RESP_ERR_NOT_COORDINATOR),
            Code(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS), Code(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND),
            Code(RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR),
        ]
    }
}

extension KafkaError {
    /// Takes over an error object and destroys it.
    init(consuming error: OpaquePointer, operation: String, partition: TopicPartition? = nil, offset: Int64? = nil) {
        let code = unsafe Code(rd_kafka_error_code(error))
        let text = unsafe rd_kafka_error_string(error).map { unsafe String(cString: $0) }
        self.init(
            code: code, message: text,
            isRetriable: unsafe rd_kafka_error_is_retriable(error) != 0 || Code.retriable.contains(code),
            isFatal: unsafe rd_kafka_error_is_fatal(error) != 0, operation: operation, partition: partition,
            offset: offset)
        unsafe rd_kafka_error_destroy(error)
    }

    /// Throws when `result` says that a call failed.
    static func check(_ result: rd_kafka_resp_err_t, _ operation: String) throws(KafkaError) {
        if result != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code: Code(result), operation: operation) }
    }
}
